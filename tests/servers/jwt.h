/* jwt.h - bearer tokens as JSON Web Tokens (RFC 7519), signed by HMAC with
 * SHA-256 (RFC 7518 section 3.2). */
#ifndef TESTS_SERVERS_JWT_H
#define TESTS_SERVERS_JWT_H

#include <time.h>

#include "sasl/digest.h"

/* RFC 7515 section 2: base64url without its padding. */
static inline void jwt_add(struct sc_buf *out, const void *p, size_t n)
{
    size_t from = out->len;

    sc_base64_encode(out, p, n);
    while (out->len > from && out->data[out->len - 1] == '=')
        out->len--;
    for (size_t i = from; i < out->len; i++)
        if (out->data[i] == '+')
            out->data[i] = '-';
        else if (out->data[i] == '/')
            out->data[i] = '_';
    out->data[out->len] = '\0';
}

/* A token that says: this is USER, for SECONDS from now. Owned. */
static inline struct sc_buf jwt_make(const char *user, int seconds,
                                     const char *key)
{
    static const char head[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
    struct sc_buf out = SC_BUF(4096);
    unsigned char mac[SC_DIGEST_MAX];
    long long now = (long long)time(NULL);
    char claims[200];
    int n = snprintf(claims, sizeof claims,
                     "{\"sub\":\"%s\",\"iat\":%lld,\"exp\":%lld}", user,
                     now - 10, now + seconds);

    jwt_add(&out, head, sizeof head - 1);
    sc_buf_add(&out, ".", 1);
    jwt_add(&out, claims, (size_t)n);
    n = sc_hmac(SC_DIGEST_SHA256, sc_span_of(key),
                (struct sc_span){out.data, out.len}, mac);
    sc_buf_add(&out, ".", 1);
    jwt_add(&out, mac, (size_t)n);
    return out;
}

#endif
