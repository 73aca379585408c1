/* http_challenge.c - what a server asks for: challenges found in fields (RFC
 * 9110 section 11.6.1), and the strongest of them (RFC 7616 section 3.3, RFC
 * 7617 section 2). Left out: "auth-int", which wants the whole body before its
 * first byte, and "domain". */

#include <string.h>

#include "core/mem.h"
#include "core/text.h"
#include "http/http_auth.h"
#include "sasl/digest.h"

enum { value_limit = 4096 };

/* Parameters that must be there, as bits of challenge.seen: the first of the
 * table in take_parameter. */
enum { saw_realm = 1, saw_nonce = 2, saw_qop = 4 };

/* One challenge under way. */
struct challenge {
    struct http_auth auth;
    unsigned seen; /* bit n: the n-th name of the table below */
    bool malformed;
    bool stale;
};

struct reader {
    struct sc_span rest;
    struct sc_buf value; /* of the parameter just read */
};

static void challenge_free(struct challenge *c)
{
    http_auth_free(&c->auth);
    *c = (struct challenge){0};
}

/* --- the parameters --- */

static int set_text(struct sc_buf *to, struct sc_span s)
{
    to->limit = value_limit;
    return sc_buf_add(to, s.data, s.len);
}

static int set_realm(struct challenge *c, struct sc_span s)
{
    return set_text(&c->auth.realm, s);
}

static int set_nonce(struct challenge *c, struct sc_span s)
{
    return set_text(&c->auth.nonce, s);
}

static int set_opaque(struct challenge *c, struct sc_span s)
{
    return set_text(&c->auth.opaque, s);
}

/* One of "auth,auth-int". */
static int set_qop(struct challenge *c, struct sc_span s)
{
    while (s.len > 0) {
        const char *comma = memchr(s.data, ',', s.len);
        size_t n = comma != NULL ? (size_t)(comma - s.data) : s.len;
        struct sc_span one = sc_trim((struct sc_span){s.data, n});

        if (sc_span_eq_nocase(one, "auth"))
            c->auth.qop_auth = 1;
        n += comma != NULL;
        s.data += n;
        s.len -= n;
    }
    return 0;
}

static int set_algorithm(struct challenge *c, struct sc_span s)
{
    static const struct {
        const char *name;
        enum sc_digest_kind kind;
        int session;
    } known[] = {
        {"MD5", SC_DIGEST_MD5, 0},
        {"MD5-sess", SC_DIGEST_MD5, 1},
        {"SHA-256", SC_DIGEST_SHA256, 0},
        {"SHA-256-sess", SC_DIGEST_SHA256, 1},
        {"SHA-512-256", SC_DIGEST_SHA512_256, 0},
        {"SHA-512-256-sess", SC_DIGEST_SHA512_256, 1},
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (sc_span_eq_nocase(s, known[i].name)) {
            c->auth.algorithm = (int)known[i].kind;
            c->auth.session = known[i].session;
            c->auth.named = 1;
            return 0;
        }
    c->malformed = true; /* not ours: as if it were not there */
    return 0;
}

static int set_stale(struct challenge *c, struct sc_span s)
{
    c->stale = sc_span_eq_nocase(s, "true");
    return 0;
}

static int set_charset(struct challenge *c, struct sc_span s)
{
    c->auth.utf8 = sc_span_eq_nocase(s, "UTF-8");
    return 0;
}

static int set_userhash(struct challenge *c, struct sc_span s)
{
    c->auth.userhash = sc_span_eq_nocase(s, "true");
    return 0;
}

static int take_parameter(struct challenge *c, struct sc_span name,
                          struct sc_span value)
{
    static const struct {
        const char *name;
        int (*set)(struct challenge *c, struct sc_span s);
    } known[] = {
        {"realm", set_realm},     {"nonce", set_nonce},
        {"qop", set_qop},         {"opaque", set_opaque},
        {"stale", set_stale},     {"algorithm", set_algorithm},
        {"charset", set_charset}, {"userhash", set_userhash},
    };

    for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++)
        if (sc_span_eq_nocase(name, known[i].name)) {
            if (c->seen & 1u << i) /* RFC 9110 section 11.2: once */
                c->malformed = true;
            if (c->malformed)
                return 0;
            c->seen |= 1u << i;
            return known[i].set(c, value);
        }
    return 0;
}

/* --- the syntax --- */

static int peek(const struct reader *r)
{
    return r->rest.len > 0 ? (unsigned char)r->rest.data[0] : -1;
}

static void advance(struct reader *r, size_t n)
{
    r->rest.data += n;
    r->rest.len -= n;
}

static void skip_blanks(struct reader *r)
{
    while (peek(r) == ' ' || peek(r) == '\t')
        advance(r, 1);
}

static void skip_commas(struct reader *r)
{
    for (skip_blanks(r); peek(r) == ','; skip_blanks(r))
        advance(r, 1);
}

static bool is_token68(int c)
{
    return sc_is_digit(c) || (sc_lower(c) >= 'a' && sc_lower(c) <= 'z') ||
           (c > 0 && strchr("-._~+/", c) != NULL);
}

static struct sc_span token(struct reader *r)
{
    struct sc_span t = {r->rest.data, 0};

    while (r->rest.len > 0 && sc_is_token(peek(r))) {
        advance(r, 1);
        t.len++;
    }
    return t;
}

/* One token68, and behind it a comma or the end. */
static bool skip_token68(struct reader *r)
{
    struct reader ahead = *r;

    while (ahead.rest.len > 0 && is_token68(peek(&ahead)))
        advance(&ahead, 1);
    if (ahead.rest.len == r->rest.len)
        return false;
    while (peek(&ahead) == '=')
        advance(&ahead, 1);
    skip_blanks(&ahead);
    if (peek(&ahead) != ',' && peek(&ahead) != -1)
        return false;
    r->rest = ahead.rest;
    return true;
}

/* A name and "=" come next, not a scheme. */
static bool at_parameter(const struct reader *r)
{
    struct reader ahead = *r;

    if (token(&ahead).len == 0)
        return false;
    skip_blanks(&ahead);
    return peek(&ahead) == '=';
}

/* A quoted string, the opening quote gone. Returns 0, SC_EPROTO: no end or
 * control characters; SC_ETOOBIG: read over, not kept. */
static int quoted(struct reader *r)
{
    int rc = sc_buf_reserve(&r->value, 0), c;

    for (; (c = peek(r)) != '"'; advance(r, 1)) {
        if (c == '\\') {
            advance(r, 1);
            c = peek(r);
        }
        if (c == -1 || (c < ' ' && c != '\t') || c == 0x7f)
            return SC_EPROTO;
        if (rc == 0)
            rc = sc_buf_add(&r->value, r->rest.data, 1);
    }
    advance(r, 1);
    return rc;
}

/* Not only tokens: nonces in base64 without quotes are about. */
static bool is_unquoted(int c)
{
    return c >= 0 && (sc_is_token(c) || is_token68(c) || c == '=');
}

static int unquoted(struct reader *r)
{
    struct sc_span s = {r->rest.data, 0};

    for (; is_unquoted(peek(r)); s.len++)
        advance(r, 1);
    return s.len == 0 ? SC_EPROTO : sc_buf_add(&r->value, s.data, s.len);
}

static int parameter(struct reader *r, struct challenge *c)
{
    struct sc_span name = token(r);
    int rc;

    skip_blanks(r);
    advance(r, 1); /* the "=" that at_parameter saw */
    skip_blanks(r);
    r->value.len = 0;
    if (peek(r) == '"') {
        advance(r, 1);
        rc = quoted(r);
    } else {
        rc = unquoted(r);
    }
    if (rc == SC_ETOOBIG)
        c->malformed = true;
    if (rc < 0)
        return rc == SC_ETOOBIG ? 0 : rc;
    return take_parameter(c, name,
                          (struct sc_span){r->value.data, r->value.len});
}

static int parameters(struct reader *r, struct challenge *c)
{
    int rc = 0;

    while (rc == 0 && at_parameter(r)) {
        if ((rc = parameter(r, c)) < 0)
            break;
        skip_blanks(r);
        if (peek(r) != ',' && peek(r) != -1)
            return SC_EPROTO;
        skip_commas(r);
    }
    return rc;
}

/* Read one challenge. Returns 0, SC_ENOMEM, or SC_EPROTO: where the next one
 * begins cannot be known. */
static int read_challenge(struct reader *r, struct challenge *c)
{
    struct sc_span scheme = token(r);

    if (scheme.len == 0)
        return SC_EPROTO;
    if (sc_span_eq_nocase(scheme, "Basic"))
        c->auth.scheme = HTTP_AUTH_BASIC;
    else if (sc_span_eq_nocase(scheme, "Digest"))
        c->auth.scheme = HTTP_AUTH_DIGEST;
    if (peek(r) != ' ' && peek(r) != '\t' && peek(r) != ',' && peek(r) != -1)
        return SC_EPROTO;
    skip_blanks(r);
    if (skip_token68(r))
        c->malformed = true; /* neither Basic nor Digest has one */
    skip_commas(r);
    return parameters(r, c);
}

/* --- the choice --- */

/* Digest before Basic, SHA-2 before MD5; 0: not for us. A session without
 * "qop" cannot be: nothing would carry its cnonce. */
static int rank(const struct challenge *c, unsigned allowed)
{
    const unsigned need = saw_realm | saw_nonce;

    if (c->malformed || !((unsigned)c->auth.scheme & allowed))
        return 0;
    if (c->auth.scheme == HTTP_AUTH_BASIC)
        return 1;
    if ((c->seen & need) != need || (c->auth.session && !c->auth.qop_auth) ||
        (c->seen & saw_qop && !c->auth.qop_auth))
        return 0;
    return c->auth.algorithm == SC_DIGEST_MD5 ? 2 : 3;
}

static int read_field(struct reader *r, unsigned allowed,
                      struct challenge *best)
{
    struct challenge one = {0};
    int rc = 0;

    for (skip_commas(r); rc == 0 && r->rest.len > 0; skip_commas(r)) {
        rc = read_challenge(r, &one);
        if (rc == 0 && rank(&one, allowed) > rank(best, allowed)) {
            struct challenge old = *best;

            *best = one;
            one = old;
        }
        challenge_free(&one);
    }
    return rc == SC_EPROTO ? 0 : rc; /* the rest of it is lost */
}

static bool same(const struct sc_buf *a, const struct sc_buf *b)
{
    return a->len == b->len &&
           (a->len == 0 || !memcmp(a->data, b->data, a->len));
}

/* The same nonce again: its count goes on, and so does a session. */
static void go_on(struct http_auth *now, struct http_auth *before)
{
    if (now->scheme != HTTP_AUTH_DIGEST || before->scheme != now->scheme ||
        before->algorithm != now->algorithm ||
        before->session != now->session || !same(&before->nonce, &now->nonce) ||
        !same(&before->realm, &now->realm))
        return;
    now->count = before->count;
    now->cnonce = before->cnonce;
    before->cnonce = (struct sc_buf){0};
}

int http_auth_challenge(struct http_auth *a, const struct sc_fields *head,
                        const char *field, unsigned allowed, bool *stale)
{
    struct challenge best = {0};
    struct reader r = {.value = SC_BUF(value_limit)};
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < head->n; i++)
        if (sc_span_eq_nocase(head->at[i].name, field)) {
            r.rest = head->at[i].value;
            rc = read_field(&r, allowed, &best);
        }
    sc_buf_free(&r.value);
    if (rc < 0) {
        challenge_free(&best);
        return rc;
    }
    go_on(&best.auth, a);
    http_auth_free(a);
    *a = best.auth;
    if (stale != NULL)
        *stale = best.stale;
    return a->scheme;
}

void http_auth_free(struct http_auth *a)
{
    sc_buf_free(&a->realm);
    sc_buf_free(&a->nonce);
    sc_buf_free(&a->opaque);
    sc_buf_free(&a->cnonce);
    *a = (struct http_auth){0};
}
