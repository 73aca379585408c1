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
    if (l->auth == NULL && l->user_text.data == NULL)
        return;
    wipe(&l->user_text);
    wipe(&l->password_text);
    http_auth_free(&l->own);
    *l = (struct http_login){0};
}

/* --- who --- */

static void use(struct http_login *l, const char *user, const char *password)
{
    l->user = user;
    l->password = password != NULL ? password : "";
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
    if (rc == 1)
        use(l, l->user_text.data, l->password_text.data);
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

/* Returns 1: found, and *AT_ONCE says whether Basic need not be asked for; 0:
 * nobody; or an error. */
static int find(struct http_call *k, bool *at_once)
{
    const struct sc_options *o = k->q->options;
    struct http_session *s = k->q->session;
    const struct uri *u = url_of_login(k);
    const struct http_place *p;
    bool netrc = s != NULL && s->has_netrc;

    *at_once = true;
    if (u != NULL && netrc && !s->netrc_optional)
        u = NULL;
    if (u != NULL && (u->password != NULL || !netrc)) {
        use(&k->login, u->user, u->password);
        return 1;
    }
    if (o != NULL && o->user != NULL && k->trusted) {
        use(&k->login, o->user, o->password);
        return 1;
    }
    p = http_session_place(s, k->tls, false, k->server, false);
    if (p != NULL && p->user != NULL) {
        *at_once = false;
        use(&k->login, p->user, p->password);
        return 1;
    }
    if (o == NULL && k->opt->user != NULL && k->trusted) {
        use(&k->login, k->opt->user, k->opt->password);
        return 1;
    }
    *at_once = false;
    return netrc ? of_netrc(k, u != NULL ? u->user : NULL) : 0;
}

/* --- how --- */

static unsigned allowed_of(bool basic, bool digest, bool any)
{
    if (any || basic == digest)
        return HTTP_AUTH_BASIC | HTTP_AUTH_DIGEST;
    return basic ? HTTP_AUTH_BASIC : HTTP_AUTH_DIGEST;
}

/* What the server asked for before is answered without being asked again. Basic
 * that nobody asked for is not remembered as if somebody had. */
static void choose(struct http_login *l, struct http_auth *kept, bool at_once)
{
    l->auth = l->kept = kept;
    l->now = (unsigned)kept->scheme & l->allowed;
    if (l->now == HTTP_AUTH_NONE && at_once && l->allowed & HTTP_AUTH_BASIC) {
        l->auth = &l->own;
        l->own.scheme = HTTP_AUTH_BASIC;
        l->now = HTTP_AUTH_BASIC;
    }
    if (l->now == HTTP_AUTH_BASIC)
        l->answered = HTTP_AUTH_BASIC;
}

static struct http_auth *auth_of(struct http_call *k, struct http_login *l,
                                 bool tls, bool proxy, const char *server)
{
    struct http_place *p =
        http_session_place(k->q->session, tls, proxy, server, true);

    return p != NULL ? &p->auth : &l->own;
}

int http_login_server(struct http_call *k)
{
    struct http_login *l = &k->login;
    bool basic = k->q->flags & HTTP_BASIC, digest = k->q->flags & HTTP_DIGEST;
    bool any = k->q->flags & HTTP_ANY_LOGIN, at_once;
    int rc;

    http_login_free(l);
    if (!http_call_makes(k, "Authorization") ||
        (k->q->bearer != NULL && k->trusted))
        return 0;
    if ((rc = find(k, &at_once)) < 0)
        return sc_error_set(&k->reply->error, rc, "http%s %s: netrc: %s",
                            k->tls ? "s" : "", k->server, sc_strerror(rc));
    if (l->user == NULL)
        return 0;
    l->allowed = allowed_of(basic, digest, any);
    if (basic || digest || any)
        at_once = l->allowed == HTTP_AUTH_BASIC;
    choose(l, auth_of(k, l, k->tls, false, k->server), at_once);
    k->probe = http_call_has_body(k) && l->allowed == HTTP_AUTH_DIGEST &&
               l->now == HTTP_AUTH_NONE;
    return 0;
}

void http_login_proxy(struct http_call *k, struct HTTPClient *h)
{
    const struct sc_conn *c = h->base.conn;
    struct http_login *l = &k->proxy_login;
    bool basic = k->q->flags & HTTP_PROXY_BASIC;
    bool digest = k->q->flags & HTTP_PROXY_DIGEST;
    bool any = k->q->flags & HTTP_PROXY_ANY_LOGIN;
    char name[HTTP_SERVER_SIZE];

    k->forwarded = sc_client_forwarded(&h->base);
    if (!k->forwarded || c->proxy == NULL || c->proxy->user == NULL) {
        l->user = NULL;
        return;
    }
    use(l, c->proxy->user, c->proxy->password);
    if (l->auth != NULL) /* a request of this hop before chose already */
        return;
    snprintf(name, sizeof name, "%s:%d", c->proxy->at.host, c->proxy->at.port);
    l->allowed = allowed_of(basic, digest, any);
    choose(l, auth_of(k, l, c->proxy->kind == SC_PROXY_HTTPS, true, name),
           basic == digest ? !basic && !any : basic && !any);
}

/* --- the field --- */

static const char *value(struct http_call *k, struct http_login *l)
{
    const char *target = k->q->target != NULL ? k->q->target : k->target.data;

    if (l->user == NULL || l->now == HTTP_AUTH_NONE)
        return NULL;
    if (k->text.data != NULL)
        sc_wipe(k->text.data, k->text.cap);
    k->text.len = 0;
    k->rc = http_auth_answer(l->auth, l->user, l->password, k->method, target,
                             &k->text);
    return k->rc == 0 ? k->text.data : NULL;
}

const char *http_login_proxy_value(struct http_call *k)
{
    return value(k, &k->proxy_login);
}

const char *http_login_value(struct http_call *k)
{
    if (k->q->bearer == NULL || !k->trusted)
        return value(k, &k->login);
    k->text.len = 0;
    k->rc = sc_buf_addf(&k->text, "Bearer %s", k->q->bearer);
    return k->rc == 0 ? k->text.data : NULL;
}

/* --- the challenge --- */

static int challenged(struct http_call *k, struct http_login *l,
                      const char *field)
{
    bool stale = false;
    int scheme;

    if (l->user == NULL)
        return 0;
    l->auth = l->kept;
    scheme = http_auth_challenge(l->auth, &k->reply->head, field, l->allowed,
                                 &stale);
    if (scheme == SC_ENOMEM)
        return scheme;
    if (scheme == HTTP_AUTH_NONE ||
        (l->answered & (unsigned)scheme && !stale) ||
        (stale && l->stale++ >= STALE_MOST)) {
        http_auth_free(l->auth); /* a wrong login: ask first, next time */
        return 0;
    }
    l->now = (unsigned)scheme;
    l->answered |= (unsigned)scheme;
    return 1;
}

int http_login_challenged(struct http_call *k)
{
    if (k->reply->status == 401)
        return challenged(k, &k->login, "WWW-Authenticate");
    if (k->reply->status == 407 && k->forwarded)
        return challenged(k, &k->proxy_login, "Proxy-Authenticate");
    return 0;
}
