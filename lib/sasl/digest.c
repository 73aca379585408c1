/* digest.c - message digests (RFC 1321, RFC 6234), HMAC (RFC 2104), PBKDF2 (RFC
 * 8018) and random bytes, all of them OpenSSL's. Digests are fetched by name
 * each time, so that what the machine's policy forbids fails here in clear
 * words, and not as a wrong result later. */

#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "core/mem.h"
#include "sasl/digest.h"

static const struct {
    const char *name;
    size_t size;
} kinds[] = {
    [SC_DIGEST_MD5] = {"MD5", 16},
    [SC_DIGEST_SHA1] = {"SHA1", 20},
    [SC_DIGEST_SHA256] = {"SHA256", 32},
    [SC_DIGEST_SHA512] = {"SHA512", 64},
    [SC_DIGEST_SHA512_256] = {"SHA512-256", 32},
};

struct sc_digest {
    EVP_MD *md;
    EVP_MD_CTX *context;
    bool begun;
};

size_t sc_digest_size(enum sc_digest_kind kind)
{
    return kinds[kind].size;
}

/* The error queue is the thread's: TLS must not find our failures there. */
static EVP_MD *fetch(enum sc_digest_kind kind)
{
    EVP_MD *md;

    ERR_set_mark();
    md = EVP_MD_fetch(NULL, kinds[kind].name, NULL);
    ERR_pop_to_mark();
    return md;
}

struct sc_digest *sc_digest_new(enum sc_digest_kind kind, struct sc_error *err)
{
    struct sc_digest *d = sc_calloc(sizeof *d);

    if (d != NULL && (d->md = fetch(kind)) != NULL &&
        (d->context = EVP_MD_CTX_new()) != NULL)
        return d;
    if (d != NULL && d->md == NULL)
        sc_error_set(err, SC_ENOTSUP, "%s is not available here",
                     kinds[kind].name);
    else
        sc_error_set(err, SC_ENOMEM, "%s: no memory", kinds[kind].name);
    sc_digest_free(d);
    return NULL;
}

/* What fails once a digest was found can only be memory. */
static int begin(struct sc_digest *d)
{
    if (!d->begun && EVP_DigestInit_ex2(d->context, d->md, NULL) != 1)
        return SC_ENOMEM;
    d->begun = true;
    return 0;
}

int sc_digest_add(struct sc_digest *d, const void *p, size_t n)
{
    if (begin(d) < 0)
        return SC_ENOMEM;
    return n == 0 || EVP_DigestUpdate(d->context, p, n) == 1 ? 0 : SC_ENOMEM;
}

int sc_digest_end(struct sc_digest *d, unsigned char out[SC_DIGEST_MAX])
{
    unsigned size;

    if (begin(d) < 0 || EVP_DigestFinal_ex(d->context, out, &size) != 1)
        return SC_ENOMEM;
    d->begun = false;
    return (int)size;
}

void sc_digest_free(struct sc_digest *d)
{
    if (d == NULL)
        return;
    EVP_MD_CTX_free(d->context); /* wipes what it held */
    EVP_MD_free(d->md);
    sc_free(d);
}

int sc_digest(enum sc_digest_kind kind, struct sc_span s,
              unsigned char out[SC_DIGEST_MAX])
{
    struct sc_error e = {0};
    struct sc_digest *d = sc_digest_new(kind, &e);
    int rc = d != NULL ? sc_digest_add(d, s.data, s.len) : e.code;

    if (rc == 0)
        rc = sc_digest_end(d, out);
    sc_digest_free(d);
    return rc;
}

int sc_hmac(enum sc_digest_kind kind, struct sc_span key, struct sc_span s,
            unsigned char out[SC_DIGEST_MAX])
{
    EVP_MD *md = fetch(kind);
    const void *k = key.len > 0 ? key.data : ""; /* NULL means "the last key" */
    const void *p = s.len > 0 ? s.data : "";
    size_t size = 0;
    int rc = 0;

    if (md == NULL)
        return SC_ENOTSUP;
    ERR_set_mark();
    if (EVP_Q_mac(NULL, "HMAC", NULL, kinds[kind].name, NULL, k, key.len, p,
                  s.len, out, SC_DIGEST_MAX, &size) == NULL)
        rc = SC_ENOMEM;
    ERR_pop_to_mark();
    EVP_MD_free(md);
    return rc < 0 ? rc : (int)size;
}

int sc_pbkdf2(enum sc_digest_kind kind, struct sc_span password,
              struct sc_span salt, unsigned rounds, void *out, size_t n)
{
    const char *p = password.len > 0 ? password.data : "";
    const void *s = salt.len > 0 ? salt.data : "";
    EVP_MD *md;
    int ok;

    if (rounds == 0 || rounds > INT_MAX || n == 0 || n > INT_MAX ||
        password.len > INT_MAX || salt.len > INT_MAX)
        return SC_EINVAL;
    if ((md = fetch(kind)) == NULL)
        return SC_ENOTSUP;
    ERR_set_mark();
    ok = PKCS5_PBKDF2_HMAC(p, (int)password.len, s, (int)salt.len, (int)rounds,
                           md, (int)n, out);
    ERR_pop_to_mark();
    EVP_MD_free(md);
    return ok == 1 ? 0 : SC_ENOMEM;
}

int sc_random(void *out, size_t n)
{
    int ok;

    if (n > INT_MAX)
        return SC_ENOTSUP;
    ERR_set_mark();
    ok = RAND_bytes(out, (int)n);
    ERR_pop_to_mark();
    return ok == 1 ? 0 : SC_ENOTSUP;
}

void sc_hex(char *out, const unsigned char *p, size_t n)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < n; i++) {
        *out++ = digits[p[i] >> 4];
        *out++ = digits[p[i] & 15];
    }
    *out = '\0';
}
