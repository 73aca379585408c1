/* sasl.c - SASL (RFC 4422): which mechanism is chosen, and the frame of an
 * exchange, the same for all. Names and passwords are not run through SASLprep
 * (RFC 4013), which needs Unicode's tables: what is ASCII comes out of it as it
 * is, and so does nearly all that is in NFKC. Control characters, which it
 * forbids, are refused. Security layers are left out. */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "core/text.h"
#include "sasl/mechanism.h"

/* Inside TLS a password is better shown to a server that keeps a hash of it
 * than used with CRAM-MD5, for which the server must keep it as it is. */
const struct sc_sasl_class *const sc_sasl_classes[] = {
    &sc_sasl_oauthbearer,
    &sc_sasl_xoauth2,
    &sc_sasl_scram_sha256_plus,
    &sc_sasl_scram_sha1_plus,
    &sc_sasl_scram_sha256,
    &sc_sasl_scram_sha1,
    &sc_sasl_cram_md5, /* in clear only */
    &sc_sasl_plain,
    &sc_sasl_login_class,
    &sc_sasl_cram_md5,
    &sc_sasl_external,
    NULL,
};

/* --- what is offered --- */

/* Take the next word of LIST. Its length is 0 at the end. */
static struct sc_span next_word(const char **list)
{
    struct sc_span word;

    *list += strspn(*list, " \t");
    word.data = *list;
    word.len = strcspn(*list, " \t");
    *list += word.len;
    return word;
}

static bool has_word(const char *list, const char *name)
{
    struct sc_span word;

    while ((word = next_word(&list)).len > 0)
        if (sc_span_eq_nocase(word, name))
            return true;
    return false;
}

/* True if some SCRAM with channel binding is offered, one that we know or not:
 * then the server must not be told that it offers none. */
static bool offers_binding(const char *list)
{
    static const char head[] = "SCRAM-", tail[] = "-PLUS";
    const size_t n = sizeof head - 1, m = sizeof tail - 1;
    struct sc_span word;

    while ((word = next_word(&list)).len > 0) {
        struct sc_span first = {word.data, n};
        struct sc_span last = {word.data + word.len - m, m};

        if (word.len > n + m && sc_span_eq_nocase(first, head) &&
            sc_span_eq_nocase(last, tail))
            return true;
    }
    return false;
}

/* --- the choice --- */

static bool given(const char *s)
{
    return s != NULL && s[0] != '\0';
}

static bool acts_as_another(const struct sc_sasl_login *l)
{
    return given(l->authzid) &&
           (l->user == NULL || strcmp(l->authzid, l->user) != 0);
}

static bool binds(const struct sc_sasl_login *l)
{
    return given(l->binding_type) && l->binding.len > 0;
}

/* Has the login what the class needs? */
static bool can(const struct sc_sasl_class *c, const struct sc_sasl_login *l)
{
    const unsigned t = c->traits;

    return (!(t & SC_SASL_USER) || l->user != NULL) &&
           (!(t & SC_SASL_PASSWORD) || l->password != NULL) &&
           (!(t & SC_SASL_TOKEN) || l->token != NULL) &&
           (!(t & SC_SASL_BINDING) || binds(l)) &&
           ((t & SC_SASL_ACTS) || !acts_as_another(l));
}

static bool allowed(const struct sc_sasl_class *c,
                    const struct sc_sasl_login *l)
{
    return !(c->traits & SC_SASL_SHOWS) || l->protected_link || l->allow_plain;
}

/* SHOWN is set if C would do but for showing the password. */
static bool would_do(const struct sc_sasl_class *c, const char *offered,
                     const struct sc_sasl_login *l, bool *shown)
{
    if (!has_word(offered, c->name) || !can(c, l))
        return false;
    if (!allowed(c, l))
        *shown = true;
    return allowed(c, l);
}

static const struct sc_sasl_class *
strongest(const char *offered, const struct sc_sasl_login *l, bool *shown)
{
    bool cram_seen = false;

    for (size_t i = 0; sc_sasl_classes[i] != NULL; i++) {
        const struct sc_sasl_class *c = sc_sasl_classes[i];

        if (c == &sc_sasl_cram_md5 && !cram_seen && l->protected_link) {
            cram_seen = true;
            continue;
        }
        if (!(c->traits & SC_SASL_NAMED) && would_do(c, offered, l, shown))
            return c;
    }
    return NULL;
}

static const struct sc_sasl_class *class_of(struct sc_span name)
{
    for (size_t i = 0; sc_sasl_classes[i] != NULL; i++)
        if (sc_span_eq_nocase(name, sc_sasl_classes[i]->name))
            return sc_sasl_classes[i];
    return NULL;
}

static const struct sc_sasl_class *
first_named(const char *offered, const struct sc_sasl_login *l, bool *shown)
{
    const char *list = l->mechanisms;
    struct sc_span word;

    while ((word = next_word(&list)).len > 0) {
        const struct sc_sasl_class *c = class_of(word);

        if (c != NULL && would_do(c, offered, l, shown))
            return c;
    }
    return NULL;
}

static const struct sc_sasl_class *
choose(const char *offered, const struct sc_sasl_login *l, struct sc_error *err)
{
    bool shown = false;
    const struct sc_sasl_class *c = l->mechanisms != NULL
                                        ? first_named(offered, l, &shown)
                                        : strongest(offered, l, &shown);

    if (c != NULL)
        return c;
    if (shown)
        sc_error_set(err, SC_EPLAINTEXT,
                     "login: \"%.100s\" would show the password in clear",
                     offered);
    else if (offered[strspn(offered, " \t")] == '\0')
        sc_error_set(err, SC_ENOTSUP, "login: the server offers none");
    else
        sc_error_set(err, SC_ENOTSUP,
                     "login: nothing for this user in \"%.100s\"", offered);
    return NULL;
}

/* --- what a login may hold --- */

/* Bytes of the UTF-8 character at P, of N bytes that are left; 0: none. */
static size_t utf8_char(const unsigned char *p, size_t n, uint32_t *c)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = p[0] < 0x80   ? 1
                 : p[0] < 0xc0 ? 0
                 : p[0] < 0xe0 ? 2
                 : p[0] < 0xf0 ? 3
                 : p[0] < 0xf8 ? 4
                               : 0;

    if (len == 0 || len > n)
        return 0;
    *c = len == 1 ? p[0] : p[0] & (0x7fu >> len);
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        *c = *c << 6 | (p[i] & 0x3f);
    }
    if (*c < least[len] || *c > 0x10ffff || (*c >= 0xd800 && *c < 0xe000))
        return 0;
    return len;
}

/* UTF-8 without control characters (RFC 4013 section 2.3). */
static bool is_clean(const char *s)
{
    const unsigned char *p = (const unsigned char *)s;
    size_t n = strlen(s), len;
    uint32_t c;

    for (; n > 0; n -= len, p += len)
        if ((len = utf8_char(p, n, &c)) == 0 || c < 0x20 ||
            (c >= 0x7f && c < 0xa0))
            return false;
    return true;
}

/* Bytes from FROM up to 0xff but DEL. A password may be in Latin-1. */
static bool is_from(const char *s, unsigned char from)
{
    for (; *s != '\0'; s++)
        if ((unsigned char)*s < from || *s == 0x7f)
            return false;
    return true;
}

static int check(const struct sc_sasl_login *l, struct sc_error *err)
{
    if (l->user != NULL && (l->user[0] == '\0' || !is_clean(l->user)))
        return sc_error_set(err, SC_EINVAL, "login: not a user name");
    if (given(l->authzid) && !is_clean(l->authzid))
        return sc_error_set(err, SC_EINVAL, "login: not a name to act as");
    if (l->password != NULL && !is_from(l->password, 0x20))
        return sc_error_set(err, SC_EINVAL,
                            "login: a control character in the password");
    if (l->token != NULL && (l->token[0] == '\0' || !is_from(l->token, 0x21)))
        return sc_error_set(err, SC_EINVAL, "login: not a bearer token");
    if (l->host != NULL && !is_from(l->host, 0x21))
        return sc_error_set(err, SC_EINVAL, "login: not a host");
    return 0;
}

/* --- an exchange --- */

static void wipe_string(char *s)
{
    if (s != NULL)
        sc_wipe(s, strlen(s));
    sc_free(s);
}

static bool keep(char **to, const char *from)
{
    *to = sc_strdup(from);
    return from == NULL || *to != NULL;
}

static bool keep_all(struct sc_sasl *s, const struct sc_sasl_login *l)
{
    s->port = l->port;
    return keep(&s->user, l->user) && keep(&s->password, l->password) &&
           keep(&s->token, l->token) && keep(&s->host, l->host) &&
           keep(&s->authzid, given(l->authzid) ? l->authzid : NULL) &&
           keep(&s->binding_type, binds(l) ? l->binding_type : NULL) &&
           sc_buf_add(&s->binding, l->binding.data,
                      binds(l) ? l->binding.len : 0) == 0;
}

struct sc_sasl *sc_sasl_new(const char *offered,
                            const struct sc_sasl_login *login,
                            struct sc_error *err)
{
    const struct sc_sasl_class *c;
    struct sc_sasl *s;

    if (offered == NULL)
        offered = "";
    if (check(login, err) < 0 || (c = choose(offered, login, err)) == NULL)
        return NULL;
    if (c->traits & SC_SASL_PREPARED && !is_clean(login->password)) {
        sc_error_set(err, SC_EINVAL, "login: the password is not UTF-8");
        return NULL;
    }
    s = sc_calloc(sizeof *s);
    if (s == NULL || !keep_all(s, login)) {
        sc_sasl_free(s);
        sc_error_set(err, SC_ENOMEM, "login: no memory");
        return NULL;
    }
    s->cls = c;
    s->server_binds = offers_binding(offered);
    return s;
}

void sc_sasl_free(struct sc_sasl *s)
{
    if (s == NULL)
        return;
    wipe_string(s->user);
    wipe_string(s->password);
    wipe_string(s->token);
    wipe_string(s->authzid);
    sc_free(s->host);
    sc_free(s->binding_type);
    sc_sasl_wipe(&s->binding);
    sc_sasl_wipe(&s->scram.gs2);
    sc_sasl_wipe(&s->scram.bare);
    sc_buf_free(&s->said);
    sc_wipe(s, sizeof *s);
    sc_free(s);
}

const char *sc_sasl_name(const struct sc_sasl *s)
{
    return s->cls->name;
}

bool sc_sasl_speaks_first(const struct sc_sasl *s)
{
    return s->cls->first;
}

/* RFC 4954 section 4: where the client speaks first the server has nothing to
 * say before. */
static int step(struct sc_sasl *s, struct sc_span challenge, struct sc_buf *out)
{
    if (challenge.len > SC_SASL_TOKEN_MAX)
        return sc_sasl_fail(s, SC_ETOOBIG, "a challenge of %zu bytes",
                            challenge.len);
    if (s->steps == 0 && s->cls->first && challenge.len > 0)
        return sc_sasl_fail(s, SC_EPROTO,
                            "a challenge before the first response");
    return s->cls->step(s, challenge, out);
}

int sc_sasl_step(struct sc_sasl *s, struct sc_span challenge,
                 struct sc_buf *out)
{
    if (s->failed == 0) {
        s->why[0] = '\0';
        s->failed = step(s, challenge, out);
        s->steps++;
    }
    return s->failed;
}

bool sc_sasl_heavy(const struct sc_sasl *s)
{
    return s->failed == 0 && s->cls->heavy(s);
}

int sc_sasl_succeeded(struct sc_sasl *s, struct sc_span data)
{
    if (s->failed == 0) {
        s->why[0] = '\0';
        s->failed = s->cls->succeeded(s, data);
    }
    return s->failed;
}

const char *sc_sasl_said(const struct sc_sasl *s)
{
    return s->said.data != NULL ? s->said.data : "";
}

const char *sc_sasl_why(const struct sc_sasl *s)
{
    return s->why;
}

/* --- for the classes --- */

bool sc_sasl_never_heavy(const struct sc_sasl *s)
{
    (void)s;
    return false;
}

int sc_sasl_complete(struct sc_sasl *s, struct sc_span data)
{
    if (!s->complete)
        return sc_sasl_fail(s, SC_EPROTO,
                            "success before the exchange was over");
    if (data.len > 0)
        return sc_sasl_fail(s, SC_EPROTO, "data with success");
    return 0;
}

int sc_sasl_say(struct sc_sasl *s, struct sc_buf *out, const struct sc_span *v,
                size_t n)
{
    size_t all = 0;
    int rc;

    for (size_t i = 0; i < n; i++)
        all += v[i].len <= SC_SASL_TOKEN_MAX ? v[i].len : SC_SASL_TOKEN_MAX + 1;
    if (all > SC_SASL_TOKEN_MAX)
        return sc_sasl_fail(s, SC_ETOOBIG, "a response of more than %d bytes",
                            SC_SASL_TOKEN_MAX);
    if ((rc = sc_buf_reserve(out, all)) < 0)
        return sc_sasl_fail(s, rc, "%s", sc_strerror(rc));
    for (size_t i = 0; i < n && rc == 0; i++)
        rc = sc_buf_add(out, v[i].data, v[i].len);
    return rc;
}

int sc_sasl_fail(struct sc_sasl *s, int code, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(s->why, sizeof s->why, fmt, ap);
    va_end(ap);
    return code;
}

int sc_sasl_note(struct sc_sasl *s, struct sc_span said)
{
    int rc;

    s->said.len = 0;
    if ((rc = sc_buf_reserve(&s->said, said.len)) < 0)
        return sc_sasl_fail(s, rc, "%s", sc_strerror(rc));
    s->said.len = sc_show(s->said.data, said.len + 1, said.data, said.len);
    return 0;
}

int sc_sasl_name_add(struct sc_buf *out, const char *name)
{
    int rc = 0;

    for (; *name != '\0' && rc == 0; name++)
        if (*name == ',')
            rc = sc_buf_add(out, "=2C", 3);
        else if (*name == '=')
            rc = sc_buf_add(out, "=3D", 3);
        else
            rc = sc_buf_add(out, name, 1);
    return rc;
}

void sc_sasl_wipe(struct sc_buf *b)
{
    if (b->data != NULL)
        sc_wipe(b->data, b->cap);
    sc_buf_free(b);
}
