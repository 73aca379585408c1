/* url_pop3.c - pop3: and pop3s: (RFC 2384): "/" lists the mailbox, "/3" is a
 * message; ";AUTH=" behind the user names how to log in. */

#include <stdio.h>
#include <string.h>

#include "client/conn.h"
#include "core/text.h"
#include "pop3/pop3_client.h"
#include "url/url_handle.h"
#include "url/url_parts.h"

struct box {
    struct sc_buf user, mechanism;
    uint32_t number; /* 0: the list */
};

/* "joe;AUTH=+APOP", "joe;AUTH=SCRAM-SHA-256", "joe;AUTH=*". */
static int take_login(struct box *b, struct uri *u, struct sc_options *o)
{
    static const char word[] = ";AUTH=";
    const size_t n = sizeof word - 1;
    const char *at = u->user != NULL ? strchr(u->user, ';') : NULL;
    int rc;

    if (at == NULL || !sc_span_eq_nocase((struct sc_span){at, n}, word))
        return 0;
    rc = sc_buf_add(&b->user, u->user, (size_t)(at - u->user));
    at += n;
    if (rc == 0)
        rc = sc_buf_addf(&b->mechanism, "%s", at + (*at == '+'));
    u->user = b->user.data;
    if (!sc_span_eq(sc_span_of(b->mechanism.data), "*"))
        o->mechanisms = b->mechanism.data;
    return rc;
}

static int pop3_connect(struct url_request *r)
{
    struct sc_options o = *sc_options_or_default(r->opt->options);
    struct box *b = r->state;
    struct uri u = *r->uri;
    uint64_t n = 0;
    int rc;

    if (r->path.len > 0 &&
        (sc_parse_u64(sc_span_of(r->path.data), UINT32_MAX, &n) < 0 || n == 0))
        return url_fail(r, SC_EURL, "pop3: \"%.40s\" is no message's number",
                        r->path.data);
    b->number = (uint32_t)n;
    b->user.len = b->mechanism.len = 0;
    if ((rc = take_login(b, &u, &o)) < 0)
        return url_fail(r, rc, "pop3: %s", sc_strerror(rc));
    return url_connect_as(r, &u, &o);
}

static int say(struct url_request *r, const char *verb, uint32_t number)
{
    SimpleClient *c = r->client;

    if (number == 0)
        sc_writeline(c, "%s", verb);
    else if (strcmp(verb, "TOP") == 0)
        sc_writeline(c, "TOP %u 0", (unsigned)number);
    else
        sc_writeline(c, "%s %u", verb, (unsigned)number);
    return pop3_ok((POP3Client *)c, NULL);
}

static int pop3_url_open(struct url_request *r)
{
    const struct box *b = r->state;
    const bool names = r->opt->flags & URL_NAMES;

    r->info.directory = b->number == 0;
    r->info.type = b->number == 0 ? "text/plain" : "message/rfc822";
    if (b->number == 0)
        return say(r, names ? "UIDL" : "LIST", 0);
    return say(r, r->opt->flags & URL_HEAD ? "TOP" : "RETR", b->number);
}

/* --- the mailbox as records --- */

struct listing {
    struct url_request *r;
    int (*fn)(void *arg, const struct url_entry *e);
    void *arg;
    struct sc_buf base, url;
    int rc;
};

static int one_message(void *arg, uint32_t number, uint64_t size)
{
    struct listing *l = arg;
    struct url_entry e = {.kind = 'm', .mtime = -1};
    char name[16];
    int rc;

    snprintf(name, sizeof name, "%u", (unsigned)number);
    l->url.len = 0;
    if ((rc = sc_buf_addf(&l->url, "%s%s", l->base.data, name)) < 0)
        return rc;
    e.name = name;
    e.url = l->url.data;
    e.size = size <= INT64_MAX ? (int64_t)size : -1;
    e.raw = sc_span_of(name);
    return l->fn(l->arg, &e);
}

static int pop3_url_list(struct url_request *r,
                         int (*fn)(void *arg, const struct url_entry *e),
                         void *arg)
{
    const struct box *b = r->state;
    struct listing l = {.r = r, .fn = fn, .arg = arg};
    struct uri u = *r->uri;
    int rc;

    if (b->number != 0)
        return url_fail(r, SC_ENOTSUP, "pop3: a message has no list");
    u.user = u.password = NULL;
    u.path = "/";
    if ((rc = uri_build(&u, &l.base)) == 0)
        rc = pop3_list((POP3Client *)r->client, one_message, &l);
    sc_buf_free(&l.base);
    sc_buf_free(&l.url);
    return rc;
}

static bool pop3_url_close(struct url_request *r)
{
    struct box *b = r->state;

    sc_buf_free(&b->user);
    sc_buf_free(&b->mechanism);
    r->own = true; /* a session locks the mailbox: QUIT lets it go */
    return true;
}

const struct url_scheme url_pop3 = {
    .name = "pop3",
    .tls_name = "pop3s",
    .cls = &pop3_class,
    .state_size = sizeof(struct box),
    .raw_path = false,
    .ranges = false,
    .connect = pop3_connect,
    .open = pop3_url_open,
    .read = url_read_dot,
    .list = pop3_url_list,
    .put = url_no_put,
    .close = pop3_url_close,
};
