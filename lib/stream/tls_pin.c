/* tls_pin.c - the peer's public key compared with those that the options name:
 * as SHA-256 of its SubjectPublicKeyInfo in base64 (RFC 7469 section 2.4), or
 * as a file, in DER or PEM (RFC 7468 section 13). Besides all other checks, and
 * also where none are made. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "stream/tls_context.h"

static const char prefix[] = "sha256//";
enum { PREFIX = sizeof prefix - 1, FILE_LIMIT = 1 << 20 };

/* --- hashes --- */

static int hash_of(struct sc_span key, struct sc_buf *out)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;

    if (!EVP_Digest(key.data, key.len, digest, &n, EVP_sha256(), NULL))
        return SC_ENOMEM;
    return sc_base64_encode(out, digest, n);
}

/* 1: one of them is HASH; 0: none. */
static int in_list(const char *pins, struct sc_span hash, struct sc_error *err)
{
    int found = 0;

    while (*pins != '\0') {
        size_t n = strcspn(pins, ";");

        if (n <= PREFIX || strncmp(pins, prefix, PREFIX) != 0)
            return sc_error_set(err, SC_EINVAL, "TLS: pins: \"%.60s\"", pins);
        found |= n - PREFIX == hash.len &&
                 memcmp(pins + PREFIX, hash.data, hash.len) == 0;
        pins += n;
        pins += *pins == ';';
    }
    return found;
}

static int by_hash(struct sc_span key, const char *pins, struct sc_error *err)
{
    struct sc_buf hash = SC_BUF(256);
    int rc = hash_of(key, &hash);

    if (rc == 0)
        rc = in_list(pins, (struct sc_span){hash.data, hash.len}, err);
    else
        sc_error_set(err, rc, "TLS: pins: %s", sc_strerror(rc));
    sc_buf_free(&hash);
    return rc;
}

/* --- a file --- */

static int read_file(const char *path, struct sc_buf *out)
{
    FILE *f = fopen(path, "rbe");
    char part[512];
    size_t n;
    int rc = f != NULL ? 0 : -errno;

    while (rc == 0 && (n = fread(part, 1, sizeof part, f)) > 0)
        rc = sc_buf_add(out, part, n);
    if (rc == 0 && ferror(f))
        rc = -EIO;
    if (f != NULL)
        fclose(f);
    return rc;
}

static bool same(struct sc_span key, const void *p, size_t n)
{
    return n == key.len && memcmp(p, key.data, n) == 0;
}

/* What stands between "BEGIN PUBLIC KEY" and its end. */
static bool same_pem(struct sc_span key, const struct sc_buf *file)
{
    BIO *b = BIO_new_mem_buf(file->data, (int)file->len);
    unsigned char *der = NULL;
    char *name = NULL, *header = NULL;
    long n = 0;
    bool yes;

    yes = b != NULL && PEM_read_bio(b, &name, &header, &der, &n) == 1 &&
          strcmp(name, PEM_STRING_PUBLIC) == 0 && same(key, der, (size_t)n);
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(der);
    BIO_free(b);
    ERR_clear_error();
    return yes;
}

static int by_file(struct sc_span key, const char *path, struct sc_error *err)
{
    struct sc_buf file = SC_BUF(FILE_LIMIT);
    int rc = read_file(path, &file);

    if (rc < 0)
        sc_error_set(err, SC_ETLS, "cannot read pinned key file %.140s: %s",
                     path, sc_strerror(rc));
    else
        rc = file.len > 0 &&
             (same(key, file.data, file.len) || same_pem(key, &file));
    sc_buf_free(&file);
    return rc < 0 ? SC_ETLS : rc;
}

int sc_tls_pinned(SSL *ssl, const char *pins, const char *who,
                  struct sc_error *err)
{
    X509 *cert = SSL_get0_peer_certificate(ssl);
    unsigned char *der = NULL;
    int n =
        cert != NULL ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der) : 0;
    struct sc_span key = {(const char *)der, n > 0 ? (size_t)n : 0};
    int rc = 0;

    ERR_clear_error();
    if (key.len > 0)
        rc = strncmp(pins, prefix, PREFIX) == 0 ? by_hash(key, pins, err)
                                                : by_file(key, pins, err);
    OPENSSL_free(der);
    if (rc == 0)
        return sc_error_set(err, SC_EPIN,
                            "public key of %.80s: not the one that is pinned",
                            who);
    return rc < 0 ? rc : 0;
}
