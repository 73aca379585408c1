/* http_auth.c - answers to what http_challenge.c understood: Basic (RFC 7617)
 * and Digest (RFC 7616; without "qop" as in RFC 2069). Texts are taken as UTF-8
 * and go out as they are; normalising them is left out. */

#include <string.h>

#include <simpleclient/uri.h>

#include "core/mem.h"
#include "core/text.h"
#include "http/http_auth.h"
#include "sasl/digest.h"

enum { random_bytes = 16 };

/* What one answer by Digest is made of. */
struct answer {
    const struct http_auth *a;
    const char *user, *password, *method, *target;
    char count[9]; /* nc */
    char ha1[SC_DIGEST_HEX_MAX], ha2[SC_DIGEST_HEX_MAX];
    char response[SC_DIGEST_HEX_MAX];
};

static bool has_controls(const char *s)
{
    for (; *s != '\0'; s++)
        if ((unsigned char)*s < ' ' || *s == 0x7f)
            return true;
    return false;
}

static bool is_ascii(const char *s)
{
    while (*s > 0)
        s++;
    return *s == '\0';
}

/* --- Basic --- */

static int basic(const char *user, const char *password, struct sc_buf *out)
{
    struct sc_buf pair = {0};
    size_t n = strlen(user) + strlen(password) + 1;
    int rc;

    /* RFC 7617 section 2 */
    if (strchr(user, ':') != NULL || has_controls(password))
        return SC_EINVAL;
    /* Once and for all: growing would leave copies behind. */
    if ((rc = sc_buf_reserve(&pair, n)) == 0 &&
        (rc = sc_buf_addf(&pair, "%s:%s", user, password)) == 0 &&
        (rc = sc_buf_add(out, "Basic ", 6)) == 0)
        rc = sc_base64_encode(out, pair.data, pair.len);
    sc_wipe(pair.data, pair.len);
    sc_buf_free(&pair);
    return rc;
}

/* --- Digest --- */

/* The digest of the parts with colons between them, in hex. */
static int hash(const struct http_auth *a, char hex[SC_DIGEST_HEX_MAX],
                const char *const *parts, size_t n)
{
    unsigned char raw[SC_DIGEST_MAX];
    struct sc_error e = {0};
    struct sc_digest *d = sc_digest_new((enum sc_digest_kind)a->algorithm, &e);
    int rc = d != NULL ? 0 : e.code;

    for (size_t i = 0; rc == 0 && i < n; i++) {
        rc = sc_digest_add(d, ":", i > 0);
        if (rc == 0)
            rc = sc_digest_add(d, parts[i], strlen(parts[i]));
    }
    if (rc == 0 && (rc = sc_digest_end(d, raw)) > 0) {
        sc_hex(hex, raw, (size_t)rc);
        rc = 0;
    }
    sc_wipe(raw, sizeof raw);
    sc_digest_free(d);
    return rc;
}

#define HASH(a, hex, ...)                                                      \
    hash(a, hex, (const char *const[]){__VA_ARGS__},                           \
         sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

/* RFC 7616 sections 3.4.1 to 3.4.3 */
static int compute(struct answer *w)
{
    const struct http_auth *a = w->a;
    const char *nonce = a->nonce.data, *cnonce = a->cnonce.data;
    int rc = HASH(a, w->ha1, w->user, a->realm.data, w->password);

    if (rc == 0 && a->session)
        rc = HASH(a, w->ha1, w->ha1, nonce, cnonce);
    if (rc == 0)
        rc = HASH(a, w->ha2, w->method, w->target);
    if (rc < 0)
        return rc;
    if (!a->qop_auth)
        return HASH(a, w->response, w->ha1, nonce, w->ha2);
    return HASH(a, w->response, w->ha1, nonce, w->count, cnonce, "auth",
                w->ha2);
}

static int make_cnonce(struct sc_buf *cnonce)
{
    unsigned char raw[random_bytes];
    char hex[2 * random_bytes + 1];
    int rc = sc_random(raw, sizeof raw);

    if (rc < 0)
        return rc;
    sc_hex(hex, raw, sizeof raw);
    return sc_buf_add(cnonce, hex, sizeof hex - 1);
}

static int add_quoted(struct sc_buf *out, const char *name, const char *s)
{
    int rc = sc_buf_addf(out, "%s=\"", name);

    for (; rc == 0 && *s != '\0'; s++) {
        rc = sc_buf_add(out, "\\", *s == '"' || *s == '\\');
        if (rc == 0)
            rc = sc_buf_add(out, s, 1);
    }
    return rc < 0 ? rc : sc_buf_add(out, "\"", 1);
}

/* As a digest, in the notation of RFC 8187 where the server knows UTF-8, or as
 * it is (RFC 7616 section 3.4). */
static int add_user(const struct answer *w, struct sc_buf *out)
{
    char hex[SC_DIGEST_HEX_MAX];
    int rc;

    if (w->a->userhash) {
        rc = HASH(w->a, hex, w->user, w->a->realm.data);
        return rc < 0 ? rc : add_quoted(out, "username", hex);
    }
    if (!w->a->utf8 || is_ascii(w->user))
        return add_quoted(out, "username", w->user);
    rc = sc_buf_addf(out, "username*=UTF-8''");
    return rc < 0 ? rc : uri_encode(sc_span_of(w->user), "!#$&+^`|", out);
}

/* What the challenge had, given back. */
static int add_rest(const struct http_auth *a, struct sc_buf *out)
{
    static const char *const names[] = {
        [SC_DIGEST_MD5] = "MD5",
        [SC_DIGEST_SHA256] = "SHA-256",
        [SC_DIGEST_SHA512_256] = "SHA-512-256",
    };
    int rc = 0;

    if (a->opaque.data != NULL && (rc = sc_buf_addf(out, ", ")) == 0)
        rc = add_quoted(out, "opaque", a->opaque.data);
    if (rc == 0 && a->named)
        rc = sc_buf_addf(out, ", algorithm=%s%s", names[a->algorithm],
                         a->session ? "-sess" : "");
    if (rc == 0 && a->userhash)
        rc = sc_buf_addf(out, ", userhash=true");
    return rc;
}

static int add_answer(const struct answer *w, struct sc_buf *out)
{
    const struct http_auth *a = w->a;
    int rc;

    if ((rc = sc_buf_addf(out, "Digest ")) < 0 || (rc = add_user(w, out)) < 0 ||
        (rc = sc_buf_addf(out, ", ")) < 0 ||
        (rc = add_quoted(out, "realm", a->realm.data)) < 0 ||
        (rc = sc_buf_addf(out, ", ")) < 0 ||
        (rc = add_quoted(out, "nonce", a->nonce.data)) < 0 ||
        (rc = sc_buf_addf(out, ", ")) < 0 ||
        (rc = add_quoted(out, "uri", w->target)) < 0)
        return rc;
    if (a->qop_auth)
        rc = sc_buf_addf(out, ", cnonce=\"%s\", nc=%s, qop=auth",
                         a->cnonce.data, w->count);
    if (rc == 0)
        rc = sc_buf_addf(out, ", response=\"%s\"", w->response);
    return rc < 0 ? rc : add_rest(a, out);
}

static int digest(struct http_auth *a, struct answer *w, struct sc_buf *out)
{
    static const char hex[] = "0123456789abcdef";
    bool fresh = a->qop_auth && a->cnonce.len == 0;
    int rc = fresh ? make_cnonce(&a->cnonce) : 0;

    a->count++;
    for (int i = 0; i < 8; i++)
        w->count[i] = hex[a->count >> (28 - 4 * i) & 15];
    w->a = a;
    if (rc == 0 && (rc = compute(w)) == 0)
        rc = add_answer(w, out);
    /* A session's key is made with its first cnonce, once (section 3.4.2). */
    if (fresh && !a->session)
        a->cnonce.len = 0;
    return rc;
}

int http_auth_answer(struct http_auth *a, const char *user,
                     const char *password, const char *method,
                     const char *target, struct sc_buf *out)
{
    struct answer w = {
        .user = user, .password = password, .method = method, .target = target};
    size_t before = out->len;
    int rc = SC_EINVAL;

    if (has_controls(user) || has_controls(target))
        return SC_EINVAL;
    if (a->scheme == HTTP_AUTH_BASIC)
        rc = basic(user, password, out);
    else if (a->scheme == HTTP_AUTH_DIGEST)
        rc = digest(a, &w, out);
    sc_wipe(&w, sizeof w);
    if (rc < 0 && out->data != NULL) {
        sc_wipe(out->data + before, out->len - before);
        out->len = before;
        out->data[before] = '\0';
    }
    return rc;
}
