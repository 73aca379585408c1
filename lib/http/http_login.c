/* http_login.c - whose name and password go with a request, and in which
 * scheme. A login belongs to the origin it was given for: that of a URL or of
 * the options to the first one, that of a session or of netrc to the one they
 * name. Each challenge is answered once; a second one is the answer. */

#include "http/http_login.h"

#include <string.h>

#include "client/conn.h"
#include "client/netrc.h"
#include "client/proxy.h"
#include "core/mem.h"
#include "http/http_state.h"

enum { STALE_MOST = 2 };

static void wipe(struct sc_buf *b)
{
    if (b->data != NULL)
        sc_wipe(b->data, b->len);
    sc_buf_free(b);
}

void http_login_free(struct http_login *l)
{
    wipe(&l->user_text);
    wipe(&l->password_text);
    http_auth_free(&l->own);
    *l = (struct http_login){0};
}

/* --- who --- */

static int copy(struct sc_buf *to, const char *from)
{
    to->len = 0;
    return sc_buf_add(to, from, strlen(from));
}

/* Copied: whose they are may be freed or changed during the next wait. */
static int use(struct http_login *l, const char *user, const char *password)
{
    if (copy(&l->user_text, user) < 0 ||
        copy(&l->password_text, password != NULL ? password : "") < 0)
        return SC_ENOMEM;
    l->user = l->user_text.data;
    l->password = l->password_text.data;
    return 1;
}

/* What "default" of netrc says is for every host, so not for those that others
 * have led to. */
static int is_default(struct sc_span netrc, const struct http_login *l)
{
    struct sc_buf user = {0}, password = {0};
    int line, rc = sc_netrc_find(netrc, "", &user, &password, &line);

    if (rc == 1)
        rc = strcmp(user.data, l->user_text.data) == 0 &&
             strcmp(password.data, l->password_text.data) == 0;
    wipe(&user);
    wipe(&password);
    return rc;
}

/* USER may be NULL: any. Returns 1, 0 or an error. */
static int of_netrc(struct http_call *k, const char *user)
{
    struct http_session *s = k->q->session;
    struct http_login *l = &k->login;
    struct sc_span text = {s->netrc.data, s->netrc.len};
    int line, rc = 0;

    if (user != NULL)
        rc = sc_buf_add(&l->user_text, user, strlen(user));
    if (rc == 0)
        rc = sc_netrc_find(text, k->url.host, &l->user_text, &l->password_text,
                           &line);
    if (rc == 1 && !k->trusted && (rc = is_default(text, l)) >= 0)
        rc = !rc;
    if (rc == 1) {
        l->user = l->user_text.data;
        l->password =
            l->password_text.data != NULL ? l->password_text.data : "";
    }
    return rc;
}

/* The URL that the caller gave speaks for its origin, also when a redirect
 * has led back there. */
static const struct uri *url_of_login(const struct http_call *k)
{
    if (k->url.user != NULL)
        return &k->url;
    return k->trusted && k->first_url.user != NULL ? &k->first_url : NULL;
}

/* Returns 1: found, and whether Basic need not be asked for; 0: nobody; or an
 * error. */
static int find(struct http_call *k)
{
    const struct sc_options *o = k->q->options;
    struct http_session *s = k->q->session;
    const struct uri *u = url_of_login(k);
    struct http_login *l = &k->login;
    const struct http_place *p;
    bool netrc = s != NULL && s->has_netrc;

    l->at_once = true;
    if (u != NULL && netrc && !s->netrc_optional)
        u = NULL;
    if (u != NULL && (u->password != NULL || !netrc))
        return use(l, u->user, u->password);
    if (o != NULL && o->user != NULL && k->trusted)
        return use(l, o->user, o->password);
    p = http_session_place(s, k->tls, false, k->server, false);
    if (p != NULL && p->user != NULL) {
        l->at_once = false;
        return use(l, p->user, p->password);
    }
    if (o == NULL && k->opt->user != NULL && k->trusted)
        return use(l, k->opt->user, k->opt->password);
    l->at_once = false;
    return netrc ? of_netrc(k, u != NULL ? u->user : NULL) : 0;
}

/* --- how --- */

static unsigned allowed_of(bool basic, bool digest, bool any)
{
    if (any || basic == digest)
        return HTTP_AUTH_BASIC | HTTP_AUTH_DIGEST;
    return basic ? HTTP_AUTH_BASIC : HTTP_AUTH_DIGEST;
}

/* A challenge to this call is answered; without one, what the place asked for
 * before; without that, Basic if it need not be asked for. */
static void choose(struct http_login *l)
{
    unsigned kept = l->kept != NULL ? (unsigned)l->kept->scheme : 0;

    if (l->user == NULL || l->own.scheme != HTTP_AUTH_NONE)
        return;
    l->now = kept & l->allowed;
    if (l->now == HTTP_AUTH_NONE && l->at_once)
        l->now = HTTP_AUTH_BASIC & l->allowed;
    if (l->now == HTTP_AUTH_BASIC)
        l->answered = HTTP_AUTH_BASIC;
}

static struct http_auth *auth_of(struct http_call *k, bool tls, bool proxy,
                                 const char *server)
{
    struct http_place *p =
        http_session_place(k->q->session, tls, proxy, server, true);

    return p != NULL ? &p->auth : NULL;
}

int http_login_server(struct http_call *k)
{
    struct http_login *l = &k->login;
    bool basic = k->q->flags & HTTP_BASIC, digest = k->q->flags & HTTP_DIGEST;
    bool any = k->q->flags & HTTP_ANY_LOGIN;
    int rc;

    http_login_free(l);
    if (!http_call_makes(k, "Authorization") ||
        (k->q->bearer != NULL && k->trusted))
        return 0;
    if ((rc = find(k)) < 0)
        return sc_error_set(&k->reply->error, rc, "http%s %s: login: %s",
                            k->tls ? "s" : "", k->server, sc_strerror(rc));
    if (l->user == NULL)
        return 0;
    l->allowed = allowed_of(basic, digest, any);
    if (basic || digest || any)
        l->at_once = l->allowed == HTTP_AUTH_BASIC;
    l->kept = auth_of(k, k->tls, false, k->server);
    choose(l);
    k->probe = http_call_has_body(k) && l->allowed == HTTP_AUTH_DIGEST &&
               l->now == HTTP_AUTH_NONE;
    return 0;
}

static bool is_login_of(const struct http_login *l, const struct sc_proxy *p)
{
    return l->user != NULL && strcmp(l->user, p->user) == 0 &&
           strcmp(l->password, p->password != NULL ? p->password : "") == 0;
}

/* The environment may name another proxy when the client connects anew. */
static int bind_proxy(struct http_call *k, const struct sc_proxy *p)
{
    struct http_login *l = &k->proxy_login;
    bool basic = k->q->flags & HTTP_PROXY_BASIC;
    bool digest = k->q->flags & HTTP_PROXY_DIGEST;
    bool any = k->q->flags & HTTP_PROXY_ANY_LOGIN;
    char name[HTTP_SERVER_SIZE];

    if (!is_login_of(l, p)) {
        http_login_free(l);
        if (use(l, p->user, p->password) < 0)
            return SC_ENOMEM;
        l->allowed = allowed_of(basic, digest, any);
        l->at_once = basic == digest ? !basic && !any : basic && !any;
    }
    snprintf(name, sizeof name, "%s:%d", p->at.host, p->at.port);
    l->kept = auth_of(k, p->kind == SC_PROXY_HTTPS, true, name);
    choose(l);
    return 0;
}

int http_login_bind(struct http_call *k, struct HTTPClient *h)
{
    const struct sc_proxy *p = h->base.conn->proxy;

    choose(&k->login);
    k->forwarded = sc_client_forwarded(&h->base);
    if (k->forwarded && p != NULL && p->user != NULL)
        return bind_proxy(k, p);
    http_login_free(&k->proxy_login);
    return 0;
}

/* --- the field --- */

static bool same_text(const struct sc_buf *a, const struct sc_buf *b)
{
    return a->len == b->len && a->len > 0 &&
           memcmp(a->data, b->data, a->len) == 0;
}

/* Both are of one challenge: its nonce is counted in one place. */
static bool is_same(const struct http_auth *a, const struct http_auth *b)
{
    return a->scheme == b->scheme &&
           (a->scheme == HTTP_AUTH_BASIC ||
            (same_text(&a->nonce, &b->nonce) && a->algorithm == b->algorithm &&
             same_text(&a->realm, &b->realm)));
}

/* What answers: the place's as long as it is what this call was asked, or as
 * this call was asked nothing. */
static struct http_auth *answering(struct http_login *l)
{
    if (l->own.scheme != HTTP_AUTH_NONE)
        return l->kept != NULL && is_same(l->kept, &l->own) ? l->kept : &l->own;
    return l->kept != NULL && l->kept->scheme == (int)l->now ? l->kept : NULL;
}

static int answer(struct http_call *k, struct http_login *l, const char *target)
{
    struct http_auth basic = {.scheme = HTTP_AUTH_BASIC};
    struct http_auth *a = answering(l);
    int rc;

    if (a == NULL)
        a = &basic;
    rc = http_auth_answer(a, l->user, l->password, k->method, target, &k->text);
    if (l->own.scheme != HTTP_AUTH_NONE)
        l->own.count = a->count;
    return rc;
}

static const char *value(struct http_call *k, struct http_login *l)
{
    const char *target = k->q->target != NULL ? k->q->target : k->target.data;
    int rc;

    if (l->user == NULL || l->now == HTTP_AUTH_NONE)
        return NULL;
    if (k->text.data != NULL)
        sc_wipe(k->text.data, k->text.cap);
    k->text.len = 0;
    if ((rc = answer(k, l, target)) < 0)
        k->rc = rc;
    return rc == 0 ? k->text.data : NULL;
}

const char *http_login_proxy_value(struct http_call *k)
{
    return value(k, &k->proxy_login);
}

const char *http_login_value(struct http_call *k)
{
    int rc;

    if (k->q->bearer == NULL || !k->trusted)
        return value(k, &k->login);
    k->text.len = 0;
    if ((rc = sc_buf_addf(&k->text, "Bearer %s", k->q->bearer)) < 0)
        k->rc = rc;
    return rc == 0 ? k->text.data : NULL;
}

/* --- the challenge --- */

/* The place still has what the request before was sent with. */
static bool kept_is_ours(const struct http_login *l)
{
    if (l->kept == NULL)
        return false;
    return l->own.scheme != HTTP_AUTH_NONE ? is_same(l->kept, &l->own)
                                           : l->kept->scheme == (int)l->now;
}

/* Later calls begin with what this one was asked. */
static int keep(struct http_login *l, const struct sc_fields *head,
                const char *field)
{
    int rc;

    if (l->kept == NULL)
        return 0;
    rc = http_auth_challenge(l->kept, head, field, l->allowed, NULL);
    if (rc >= 0 && is_same(l->kept, &l->own) && l->kept->count < l->own.count)
        l->kept->count = l->own.count;
    return rc < 0 ? rc : 0;
}

static int challenged(struct http_call *k, struct http_login *l,
                      const char *field)
{
    bool ours = kept_is_ours(l), stale = false;
    int scheme;

    if (l->user == NULL)
        return 0;
    scheme = http_auth_challenge(&l->own, &k->reply->head, field, l->allowed,
                                 &stale);
    if (scheme == SC_ENOMEM)
        return scheme;
    if (scheme == HTTP_AUTH_NONE ||
        (l->answered & (unsigned)scheme && !stale) ||
        (stale && l->stale++ >= STALE_MOST)) {
        if (ours) /* a wrong login: ask first, next time */
            http_auth_free(l->kept);
        http_auth_free(&l->own);
        return 0;
    }
    l->now = (unsigned)scheme;
    l->answered |= (unsigned)scheme;
    return keep(l, &k->reply->head, field) < 0 ? SC_ENOMEM : 1;
}

int http_login_challenged(struct http_call *k)
{
    if (k->reply->status == 401)
        return challenged(k, &k->login, "WWW-Authenticate");
    if (k->reply->status == 407 && k->forwarded)
        return challenged(k, &k->proxy_login, "Proxy-Authenticate");
    return 0;
}
