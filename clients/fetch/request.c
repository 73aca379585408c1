/* request.c - options of the command line as a request of the library. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <simpleclient/uri.h>

#include "fetch/date.h"
#include "fetch/dry_run.h"
#include "fetch/heads.h"
#include "fetch/program.h"
#include "fetch/request.h"
#include "fetch/route.h"
#include "fetch/schemes.h"
#include "fetch/trace.h"

/* --- fields --- */

static void omit(struct prepared *p, const char *name, size_t n)
{
    if (p->omit.len > 0)
        add_text(&p->omit, ",");
    add_bytes(&p->omit, name, n);
}

static bool is_name(const char *p, size_t n, const char *name)
{
    return strlen(name) == n && strncasecmp(p, name, n) == 0;
}

/* "N: V", "N;" (empty), "N:" (not sent). What has neither is no field. */
static int take_field(struct prepared *p, struct sc_fields *to,
                      const char *text)
{
    size_t n = strcspn(text, ":;");
    const char *value = text[n] != '\0' ? text + n + 1 : "";
    size_t end = strlen(value);

    while (end > 0 && strchr(" \t", value[end - 1]) != NULL)
        end--;
    value += strspn(value, " \t");
    if (text[n] == '\0' || n == 0 || (text[n] == ';' && *value != '\0'))
        return 0;
    if (text[n] == ':' && *value == '\0') {
        omit(p, text, n);
        if (is_name(text, n, "Expect"))
            p->request.flags |= HTTP_NO_EXPECT;
        return 0;
    }
    if (sc_fields_add(to, (struct sc_span){text, n},
                      (struct sc_span){value, strlen(value)}) == 0)
        return 0;
    return wrong_use("-H '%.*s': no header field", (int)strcspn(text, ":;\r\n"),
                     text);
}

static int take_fields(struct prepared *p, const struct text_list *from,
                       struct sc_fields *to)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < from->n; i++)
        rc = take_field(p, to, from->at[i]);
    return rc;
}

static void add_json_fields(struct prepared *p)
{
    static const char *const names[] = {"Content-Type", "Accept"};

    for (size_t i = 0; i < 2; i++)
        if (sc_fields_get(&p->head, names[i], NULL) == NULL)
            take_field(p, &p->head,
                       i == 0 ? "Content-Type: application/json"
                              : "Accept: application/json");
}

/* Fields of a CONNECT: named here, all, they come in curl's order. */
static int make_proxy_head(struct prepared *p)
{
    const struct config *c = p->config;
    struct sc_fields own = {0};
    int rc = take_fields(p, &c->proxy_headers, &own);

    if (sc_fields_get(&own, "User-Agent", NULL) == NULL &&
        (c->agent == NULL || *c->agent != '\0'))
        sc_fields_add(&p->proxy_head, sc_span_of("User-Agent"),
                      sc_span_of(c->agent != NULL ? c->agent : p->agent));
    if (sc_fields_get(&own, "Proxy-Connection", NULL) == NULL)
        sc_fields_add(&p->proxy_head, sc_span_of("Proxy-Connection"),
                      sc_span_of("Keep-Alive"));
    for (size_t i = 0; i < own.n; i++)
        sc_fields_add(&p->proxy_head, own.at[i].name, own.at[i].value);
    sc_fields_free(&own);
    return rc;
}

static int make_head(struct prepared *p)
{
    const struct config *c = p->config;
    char *field;
    int rc = take_fields(p, &c->headers, &p->head);

    if (rc == 0)
        rc = make_proxy_head(p);
    if (rc == 0 && c->json)
        add_json_fields(p);
    if (rc == 0 && c->etag_compare != NULL) {
        if ((field = etag_field(c->etag_compare, c->etag_save == NULL)) == NULL)
            return 26;
        rc = take_field(p, &p->head, field);
        free(field);
    }
    if (c->agent != NULL && *c->agent == '\0')
        omit(p, "User-Agent", 10);
    if (p->head.n > 0)
        p->request.head = &p->head;
    if (p->omit.len > 0)
        p->request.omit = p->omit.data;
    return rc;
}

/* --- methods --- */

static void make_method(struct prepared *p)
{
    const struct config *c = p->config;

    if (c->forms.n > 0) {
        p->request.method = "POST";
    } else if (c->has_data && !c->get) {
        p->request.body = (struct sc_span){c->data.data, c->data.len};
        p->request.type = "application/x-www-form-urlencoded";
        p->request.method = "POST";
    }
    if (c->head)
        p->request.method = "HEAD";
    if (c->request != NULL)
        p->request.method = c->request;
}

/* --- conditions --- */

static int make_condition(struct prepared *p)
{
    const char *text = p->config->time_cond;
    struct stat st;
    int64_t t;

    if (text == NULL)
        return 0;
    p->if_older = *text == '-';
    text += *text == '-' || *text == '+' || *text == '=';
    if ((t = read_date(text)) < 0 && stat(text, &st) == 0)
        t = (int64_t)st.st_mtime;
    if (t <= 0) {
        fprintf(stderr, "%s: -z %s: no date and no file; ignored\n",
                fetch_program.name, text);
        return 0;
    }
    p->condition = t;
    if (p->if_older)
        p->request.if_unmodified_since = t;
    else
        p->request.if_modified_since = t;
    return 0;
}

static void make_schemes(struct prepared *p)
{
    const struct config *c = p->config;
    bool http = scheme_allowed(c->protocols, "http") &&
                scheme_allowed(c->redir_protocols, "http");
    bool https = scheme_allowed(c->protocols, "https") &&
                 scheme_allowed(c->redir_protocols, "https");

    p->schemes = print_text("%s%s%s", http ? "http" : "",
                            http && https ? "," : "", https ? "https" : "");
    p->request.schemes = p->schemes;
}

/* --- the rest of the request --- */

static void make_flags(struct prepared *p)
{
    const struct config *c = p->config;
    unsigned f = c->flags | p->request.flags;

    if (!c->follow || c->max_redirects == 0)
        f |= HTTP_NO_FOLLOW;
    if (c->trusted)
        f |= HTTP_TRUSTED;
    if (c->auto_referer)
        f |= HTTP_AUTO_REFERER;
    if (c->logins & LOGIN_ANY || c->logins == (LOGIN_BASIC | LOGIN_DIGEST))
        f |= HTTP_ANY_LOGIN;
    else
        f |= c->logins & LOGIN_DIGEST ? HTTP_DIGEST : HTTP_BASIC;
    if (c->proxy_logins & LOGIN_ANY)
        f |= HTTP_PROXY_ANY_LOGIN;
    else
        f |= c->proxy_logins & LOGIN_DIGEST ? HTTP_PROXY_DIGEST
                                            : HTTP_PROXY_BASIC;
    p->request.flags = f;
}

/* Told when another try is near. */
static int say_retry(void *arg, const struct http_reply *reply, int64_t wait_ms)
{
    const struct prepared *p = arg;
    char status[32];

    snprintf(status, sizeof status, "status %d", reply->status);
    if (!p->command->silent)
        fprintf(stderr, "%s: %s: once more in %.1f s\n", fetch_program.name,
                reply->error.text[0] != '\0' ? reply->error.text : status,
                (double)wait_ms / 1000);
    return 0;
}

static void make_retry(struct prepared *p)
{
    const struct config *c = p->config;

    if (c->retries == 0)
        return;
    p->retry = (struct http_retry){
        .times = c->retries < 100000 ? (int)c->retries : 100000,
        .delay_ms = c->retry_delay_ms,
        .max_ms = c->retry_max_ms,
        .refused = c->retry_refused,
        .all = c->retry_all,
        .told = say_retry,
        .told_arg = p};
    p->request.retry = &p->retry;
    p->request.flags |= HTTP_IDEMPOTENT; /* it was asked for, for any method */
}

static void make_rest(struct prepared *p)
{
    const struct config *c = p->config;
    struct http_request *q = &p->request;

    q->options = &p->options;
    q->agent = c->agent != NULL && *c->agent != '\0' ? c->agent : p->agent;
    q->referer = c->referer;
    q->target = c->target;
    q->bearer = c->bearer;
    q->range = c->range;
    q->max_redirects = c->max_redirects > 0 || c->max_redirects == -1
                           ? (int)c->max_redirects
                           : 0;
    q->expect_ms = (int)(c->expect_ms < INT32_MAX ? c->expect_ms : INT32_MAX);
    q->max_body = (uint64_t)c->max_size;
    if (c->cookies.len > 0)
        q->cookies = c->cookies.data;
    make_schemes(p);
    make_flags(p);
    make_retry(p);
}

/* --- what is kept between requests --- */

static int load_cookies(struct prepared *p, struct http_cookies *jar)
{
    const struct config *c = p->config;
    struct sc_error e = {0};

    /* A file that is not there has no cookies (as in curl). */
    for (size_t i = 0; i < c->cookie_files.n; i++)
        if (http_cookies_load(jar, c->cookie_files.at[i], &e) < 0 &&
            p->command->verbose)
            fprintf(stderr, "* %s\n", e.text);
    if (c->junk_session)
        http_cookies_drop_session(jar);
    return 0;
}

static int make_session(struct prepared *p)
{
    const struct config *c = p->config;
    bool netrc = c->netrc != 0 || c->netrc_file != NULL;
    struct sc_error e = {0};
    struct http_cookies *jar;
    int rc;

    if (!netrc && !c->cookie_engine &&
        !(p->request.flags & (HTTP_DIGEST | HTTP_ANY_LOGIN)))
        return 0;
    if ((p->session = http_session_new(&p->options)) == NULL)
        return 27;
    p->request.session = p->session;
    if (netrc &&
        (rc = http_session_netrc(p->session, c->netrc_file, c->netrc == 2,
                                 &e)) < 0 &&
        rc != -ENOENT) { /* without the file there are no logins, as in curl */
        fprintf(stderr, "%s: netrc: %s\n", fetch_program.name, e.text);
        return 26;
    }
    if (!c->cookie_engine)
        return 0;
    jar = http_session_cookies(p->session);
    return jar != NULL ? load_cookies(p, jar) : 27;
}

int prepare(struct prepared *p, const struct command *k, const struct config *c)
{
    int rc;

    memset(p, 0, sizeof *p);
    p->command = k;
    p->config = c;
    p->agent = print_text("%s/%s", fetch_program.name, HTTPGET_VERSION);
    make_method(p);
    if ((rc = make_head(p)) != 0 || (rc = make_condition(p)) != 0 ||
        (rc = make_route(p)) != 0)
        return rc;
    make_rest(p);
    if (k->dry_run)
        dry_run_route(p);
    return make_session(p);
}

void finish_prepared(struct prepared *p)
{
    struct sc_error e = {0};

    if (p->config == NULL || p->config->jar == NULL || p->session == NULL ||
        http_cookies_save(http_session_cookies(p->session), p->config->jar,
                          &e) >= 0)
        return;
    if (!p->command->silent || p->command->show_error)
        fprintf(stderr, "%s: cookies: %s\n", fetch_program.name, e.text);
}

void free_prepared(struct prepared *p)
{
    http_session_free(p->session);
    sc_fields_free(&p->head);
    sc_fields_free(&p->proxy_head);
    sc_buf_free(&p->omit);
    free(p->agent);
    free(p->user);
    free(p->password);
    free(p->proxy);
    free(p->schemes);
    memset(p, 0, sizeof *p);
}
