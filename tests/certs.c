/* certs.c - a CA and what it signs, by OpenSSL's calls: P-256 keys, valid for
 * a day, in a directory of mkdtemp. Nothing of this is ever committed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "certs.h"

enum { DAY = 24 * 3600 };

/* What a certificate is to say. */
struct wish {
    const char *path;
    const char *cn;
    const char *names; /* subjectAltName, or NULL */
    long from, to;     /* seconds from now */
    int ca;
    int no_key;       /* keep the key out of the file */
    const char *lock; /* encrypt it by this, or NULL */
};

struct signer {
    X509 *cert;
    EVP_PKEY *key;
};

static int extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509_EXTENSION *ext;
    int ok;

    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    ok = ext != NULL && X509_add_ext(cert, ext, -1);
    X509_EXTENSION_free(ext);
    return ok;
}

static int extensions(X509 *cert, X509 *issuer, const struct wish *w)
{
    return extend(cert, issuer, NID_basic_constraints,
                  w->ca ? "critical,CA:TRUE" : "critical,CA:FALSE") &&
           extend(cert, issuer, NID_subject_key_identifier, "hash") &&
           (w->names == NULL ||
            extend(cert, issuer, NID_subject_alt_name, w->names));
}

static X509 *certificate(const struct wish *w, EVP_PKEY *key,
                         const struct signer *by)
{
    static long serial = 1;
    X509 *cert = X509_new();
    X509_NAME *name = X509_get_subject_name(cert);
    X509 *issuer = by != NULL ? by->cert : cert;

    X509_set_version(cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), serial++);
    X509_gmtime_adj(X509_getm_notBefore(cert), w->from);
    X509_gmtime_adj(X509_getm_notAfter(cert), w->to);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               (const unsigned char *)w->cn, -1, -1, 0);
    X509_set_issuer_name(cert, X509_get_subject_name(issuer));
    X509_set_pubkey(cert, key);
    if (extensions(cert, issuer, w) &&
        X509_sign(cert, by != NULL ? by->key : key, EVP_sha256()))
        return cert;
    X509_free(cert);
    return NULL;
}

static int store(const struct wish *w, X509 *cert, EVP_PKEY *key)
{
    FILE *f = fopen(w->path, "w");
    int ok = f != NULL && PEM_write_X509(f, cert);

    if (ok && !w->no_key)
        ok = PEM_write_PrivateKey(
            f, key, w->lock != NULL ? EVP_aes_256_cbc() : NULL,
            (const unsigned char *)w->lock,
            w->lock != NULL ? (int)strlen(w->lock) : 0, NULL, NULL);
    return f != NULL && fclose(f) == 0 && ok;
}

/* Make W's certificate, signed by BY (NULL: by itself), into OUT if given. */
static int make(const struct wish *w, const struct signer *by,
                struct signer *out)
{
    struct signer s = {NULL, EVP_EC_gen("P-256")};
    int ok = s.key != NULL && (s.cert = certificate(w, s.key, by)) != NULL &&
             store(w, s.cert, s.key);

    if (ok && out != NULL) {
        *out = s;
        return 1;
    }
    X509_free(s.cert);
    EVP_PKEY_free(s.key);
    return ok;
}

static X509_CRL *list_of(const struct signer *ca, X509 *revoked)
{
    X509_CRL *crl = X509_CRL_new();
    X509_REVOKED *one = X509_REVOKED_new();
    ASN1_TIME *before = X509_gmtime_adj(NULL, -DAY);
    ASN1_TIME *after = X509_gmtime_adj(NULL, DAY);

    X509_REVOKED_set_serialNumber(one, X509_get_serialNumber(revoked));
    X509_REVOKED_set_revocationDate(one, before);
    X509_CRL_set_version(crl, 1);
    X509_CRL_set_issuer_name(crl, X509_get_subject_name(ca->cert));
    X509_CRL_set1_lastUpdate(crl, before);
    X509_CRL_set1_nextUpdate(crl, after);
    X509_CRL_add0_revoked(crl, one);
    X509_CRL_sort(crl);
    X509_CRL_sign(crl, ca->key, EVP_sha256());
    ASN1_TIME_free(before);
    ASN1_TIME_free(after);
    return crl;
}

/* Make W's certificate and put it on a list at PATH. */
static int make_revoked(const struct wish *w, const struct signer *ca,
                        const char *path)
{
    struct signer gone = {0};
    X509_CRL *crl;
    FILE *f;
    int ok = make(w, ca, &gone);

    if (!ok)
        return 0;
    crl = list_of(ca, gone.cert);
    f = fopen(path, "w");
    ok = f != NULL && PEM_write_X509_CRL(f, crl);
    ok = f != NULL && fclose(f) == 0 && ok;
    X509_CRL_free(crl);
    X509_free(gone.cert);
    EVP_PKEY_free(gone.key);
    return ok;
}

static int make_all(struct certs *c)
{
    static const char good[] =
        "DNS:localhost,DNS:*.test.example,IP:127.0.0.1,IP:::1";
    struct signer ca = {0};
    struct wish w[] = {
        {c->ca, "Test CA", NULL, -DAY, DAY, 1, 1, NULL},
        {c->other_ca, "Other CA", NULL, -DAY, DAY, 1, 1, NULL},
        {c->self, "localhost", good, -DAY, DAY, 0, 0, NULL},
        {c->good, "localhost", good, -DAY, DAY, 0, 0, NULL},
        {c->wrong, "wrong.example", "DNS:wrong.example", -DAY, DAY, 0, 0, NULL},
        {c->expired, "localhost", good, -2 * DAY, -DAY, 0, 0, NULL},
        {c->client, "amy", NULL, -DAY, DAY, 0, 0, NULL},
        {c->locked, "amy", NULL, -DAY, DAY, 0, 0, "secret"},
    };
    struct wish gone = {c->revoked, "localhost", good, -DAY, DAY, 0, 0, NULL};
    int ok = make(&w[0], NULL, &ca) && make(&w[1], NULL, NULL) &&
             make(&w[2], NULL, NULL);

    for (size_t i = 3; ok && i < sizeof w / sizeof w[0]; i++)
        ok = make(&w[i], &ca, NULL);
    ok = ok && make_revoked(&gone, &ca, c->crl);
    X509_free(ca.cert);
    EVP_PKEY_free(ca.key);
    return ok ? 0 : -1;
}

int certs_make(struct certs *c)
{
    memset(c, 0, sizeof *c);
    snprintf(c->dir, sizeof c->dir, "/tmp/simpleclient-certs-XXXXXX");
    if (mkdtemp(c->dir) == NULL)
        return -1;
    snprintf(c->ca, sizeof c->ca, "%s/ca.pem", c->dir);
    snprintf(c->other_ca, sizeof c->other_ca, "%s/other_ca.pem", c->dir);
    snprintf(c->good, sizeof c->good, "%s/good.pem", c->dir);
    snprintf(c->wrong, sizeof c->wrong, "%s/wrong.pem", c->dir);
    snprintf(c->expired, sizeof c->expired, "%s/expired.pem", c->dir);
    snprintf(c->self, sizeof c->self, "%s/self.pem", c->dir);
    snprintf(c->client, sizeof c->client, "%s/client.pem", c->dir);
    snprintf(c->locked, sizeof c->locked, "%s/locked.pem", c->dir);
    snprintf(c->revoked, sizeof c->revoked, "%s/revoked.pem", c->dir);
    snprintf(c->crl, sizeof c->crl, "%s/crl.pem", c->dir);
    return make_all(c);
}

void certs_remove(struct certs *c)
{
    const char *all[] = {c->ca,      c->other_ca, c->good,   c->wrong,
                         c->expired, c->self,     c->client, c->locked,
                         c->revoked, c->crl};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        unlink(all[i]);
    rmdir(c->dir);
}
