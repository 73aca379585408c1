/* http_session.c - what is kept between requests: options, logins by origin,
 * what servers asked for them, netrc, the jar of cookies. */

#include <string.h>

#include <simpleclient/uri.h>

#include "client/conn.h"
#include "client/netrc.h"
#include "core/mem.h"
#include "http/http_cookie.h"
#include "http/http_state.h"

enum { PLACES_MOST = 1000 };

struct http_session *http_session_new(const struct sc_options *opt)
{
    struct http_session *s = sc_calloc(sizeof *s);

    if (s == NULL || opt == NULL)
        return s;
    if (sc_options_copy(&s->opt, opt) < 0) {
        sc_free(s);
        return NULL;
    }
    s->has_options = true;
    return s;
}

static void forget(char **secret)
{
    if (*secret != NULL)
        sc_wipe(*secret, strlen(*secret));
    sc_free(*secret);
    *secret = NULL;
}

void http_session_free(struct http_session *s)
{
    struct http_place *p, *next;

    if (s == NULL)
        return;
    for (p = s->places; p != NULL; p = next) {
        next = p->next;
        forget(&p->user);
        forget(&p->password);
        http_auth_free(&p->auth);
        sc_free(p);
    }
    if (s->has_options)
        sc_options_free(&s->opt);
    if (s->netrc.data != NULL)
        sc_wipe(s->netrc.data, s->netrc.len);
    sc_buf_free(&s->netrc);
    http_cookies_free(s->jar);
    sc_free(s);
}

struct http_cookies *http_session_cookies(struct http_session *s)
{
    if (s->jar == NULL)
        s->jar = http_cookies_new();
    return s->jar;
}

/* --- logins --- */

static struct http_place *add_place(struct http_session *s, bool tls,
                                    bool proxy, const char *server)
{
    struct http_place *p = sc_calloc(sizeof *p);

    if (p == NULL)
        return NULL;
    p->tls = tls;
    p->proxy = proxy;
    sc_span_copy(p->server, sizeof p->server, sc_span_of(server));
    p->next = s->places;
    s->places = p;
    return p;
}

struct http_place *http_session_place(struct http_session *s, bool tls,
                                      bool proxy, const char *server, bool make)
{
    struct http_place *p = s != NULL ? s->places : NULL;

    while (p != NULL && (p->tls != tls || p->proxy != proxy ||
                         strcmp(p->server, server) != 0))
        p = p->next;
    if (p != NULL || s == NULL || !make || s->n_places >= PLACES_MOST)
        return p;
    if ((p = add_place(s, tls, proxy, server)) != NULL)
        s->n_places++;
    return p;
}

static int set_login(struct http_place *p, const char *user,
                     const char *password)
{
    char *u = sc_strdup(user), *w = sc_strdup(password != NULL ? password : "");

    if (u == NULL || w == NULL) {
        forget(&u);
        forget(&w);
        return SC_ENOMEM;
    }
    forget(&p->user);
    forget(&p->password);
    http_auth_free(&p->auth);
    p->user = u;
    p->password = w;
    return 0;
}

int http_session_login(struct http_session *s, const char *url,
                       const char *user, const char *password)
{
    char server[HTTP_SERVER_SIZE];
    struct uri u = {0};
    struct http_place *p;
    bool tls, counted;
    int rc = uri_parse(&u, url, "http", 0, 0, NULL);

    if (rc == 0 && (rc = http_server_name(&u, server, &tls)) == 0) {
        p = http_session_place(s, tls, false, server, false);
        counted = p != NULL && p->user == NULL;
        if (p == NULL)
            p = add_place(s, tls, false, server);
        rc = p != NULL ? set_login(p, user, password) : SC_ENOMEM;
        s->n_places -= rc == 0 && counted;
    }
    uri_free(&u);
    return rc;
}

int http_session_netrc(struct http_session *s, const char *path, bool optional,
                       struct sc_error *err)
{
    struct sc_buf text = {0}, user = {0}, password = {0};
    int line = 0, rc = sc_netrc_read(path, &text, err);

    if (rc == -ENOENT && path == NULL)
        return 0;
    if (rc == 0)
        rc = sc_netrc_find((struct sc_span){text.data, text.len}, "", &user,
                           &password, &line);
    if (rc == SC_EPROTO)
        sc_error_set(err, rc, "%s: line %d makes no sense",
                     path != NULL ? path : "netrc", line);
    if (password.data != NULL)
        sc_wipe(password.data, password.len);
    sc_buf_free(&user);
    sc_buf_free(&password);
    if (rc >= 0) {
        if (s->netrc.data != NULL)
            sc_wipe(s->netrc.data, s->netrc.len);
        sc_buf_free(&s->netrc);
        s->netrc = text;
        s->has_netrc = true;
        s->netrc_optional = optional;
        return 0;
    }
    if (text.data != NULL)
        sc_wipe(text.data, text.len);
    sc_buf_free(&text);
    return rc;
}
