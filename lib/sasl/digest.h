/* digest.h - message digests, keyed ones, derived keys, random bytes: the door
 * to OpenSSL for all but TLS. Computes only.
 *
 * SC_ENOTSUP: the digest is not to be had here (MD5 where only approved
 * algorithms are allowed); SC_ENOMEM: no memory. */
#ifndef SC_SASL_DIGEST_H
#define SC_SASL_DIGEST_H

#include <simpleclient/buf.h>

enum sc_digest_kind {
    SC_DIGEST_MD5,       /* RFC 1321 */
    SC_DIGEST_SHA1,      /* RFC 6234, as all SHAs */
    SC_DIGEST_SHA256,    /* */
    SC_DIGEST_SHA512,    /* */
    SC_DIGEST_SHA512_256 /* FIPS 180-4 section 5.3.6.2: its own first values */
};

enum { SC_DIGEST_MAX = 64, SC_DIGEST_HEX_MAX = 2 * SC_DIGEST_MAX + 1 };

/* Bytes of a digest: 16, 20, 32, 64, 32. */
size_t sc_digest_size(enum sc_digest_kind kind);

/* The digest of S. Returns its size, SC_ENOTSUP or SC_ENOMEM. */
int sc_digest(enum sc_digest_kind kind, struct sc_span s,
              unsigned char out[SC_DIGEST_MAX]);

/* The same piece by piece. NULL: ERR (may be NULL) says SC_ENOTSUP or
 * SC_ENOMEM. Owned; free it with sc_digest_free, which wipes it. */
struct sc_digest;
struct sc_digest *sc_digest_new(enum sc_digest_kind kind, struct sc_error *err);
int sc_digest_add(struct sc_digest *d, const void *p, size_t n);
/* The digest of all that was added; D begins anew. Returns its size, or an
 * error. */
int sc_digest_end(struct sc_digest *d, unsigned char out[SC_DIGEST_MAX]);
void sc_digest_free(struct sc_digest *d); /* NULL is allowed */

/* HMAC (RFC 2104). Returns the size, SC_ENOTSUP or SC_ENOMEM. */
int sc_hmac(enum sc_digest_kind kind, struct sc_span key, struct sc_span s,
            unsigned char out[SC_DIGEST_MAX]);

/* N bytes of a key from PASSWORD by PBKDF2 with HMAC (RFC 8018 section 5.2).
 * Slow by design: in a task call it through sc_offload. Returns 0, SC_EINVAL
 * (no rounds, no bytes), SC_ENOTSUP or SC_ENOMEM. */
int sc_pbkdf2(enum sc_digest_kind kind, struct sc_span password,
              struct sc_span salt, unsigned rounds, void *out, size_t n);

/* N unpredictable bytes. Returns 0 or SC_ENOTSUP. */
int sc_random(void *out, size_t n);

/* N bytes at P in lower-case hex, with a NUL: 2 N + 1 bytes at OUT. */
void sc_hex(char *out, const unsigned char *p, size_t n);

#endif
