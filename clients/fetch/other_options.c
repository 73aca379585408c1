/* other_options.c - the command line's options as those of url_open, with the
 * names that curl has for them. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <simpleclient/task.h>

#include "fetch/other.h"
#include "fetch/option_calls.h"
#include "fetch/schemes.h"
#include "fetch/url_text.h"

bool other_is(const struct other *o, const char *scheme)
{
    size_t n = strlen(scheme);

    return strncmp(o->scheme, scheme, n) == 0 &&
           (o->scheme[n] == '\0' || strcmp(o->scheme + n, "s") == 0);
}

static int fails(struct other *o, int code, const char *what)
{
    snprintf(o->t->error, sizeof o->t->error, "%s", what);
    return code;
}

/* --- -Q --- */

/* Those with SIGN ('-', '+', or 0: neither) in front, NULL-ended. */
static const char **quotes_of(const struct text_list *all, char sign)
{
    const char **list = take_memory((all->n + 1) * sizeof *list);
    size_t n = 0;

    for (size_t i = 0; i < all->n; i++) {
        const char *q = all->at[i];
        char has = *q == '-' || *q == '+' ? *q : '\0';

        if (has == sign && q[has != '\0'] != '\0')
            list[n++] = q + (has != '\0');
    }
    return list;
}

/* --- FTP --- */

/* A file that is only fetched or stored: its path is given to RETR or STOR, the
 * connection can be used again. See other_by_folders for when that is refused. */
static bool is_plain(const struct config *c, const struct transfer *t)
{
    const size_t n = strcspn(t->url, "?#");

    return c->ftp_method < 0 && c->ftp_flags == 0 && c->quotes.n == 0 &&
           c->ftp_account == NULL && c->ftp_alternative == NULL &&
           c->url_flags == 0 && t->url[n - 1] != '/';
}

static void make_ftp(struct other *o)
{
    const struct config *c = o->t->job.config;

    if (is_plain(c, o->t))
        return;
    o->before = quotes_of(&c->quotes, '\0');
    o->ready = quotes_of(&c->quotes, '+');
    o->after = quotes_of(&c->quotes, '-');
    o->ftp = (struct ftp_options){.flags = c->ftp_flags,
                                  .active = c->ftp_port,
                                  .account = c->ftp_account,
                                  .alternative = c->ftp_alternative,
                                  .before = o->before,
                                  .ready = o->ready,
                                  .after = o->after,
                                  .cwd = c->ftp_method >= 0 ? c->ftp_method
                                                            : FTP_MULTI_CWD};
    o->url.ftp = &o->ftp;
}

/* --- parts of the file --- */

/* "5-9", "5-", "-5": the first one of several, as curl does it. */
static int make_range(struct other *o)
{
    const char *p = o->t->job.config->range;
    unsigned long long first, last;
    char *end;

    o->url.offset = o->t->out.from;
    if (p == NULL)
        return 0;
    if (strspn(p, "0123456789-,") != strlen(p))
        return fails(o, 33, "-r: no range of bytes");
    if (*p == '-') {
        o->last = (int64_t)strtoull(p + 1, NULL, 10);
        return o->last > 0 ? 0 : fails(o, 33, "-r: no range of bytes");
    }
    first = strtoull(p, &end, 10);
    if (end == p)
        return fails(o, 33, "-r: no range of bytes");
    o->url.offset = first;
    if (*end != '-' || end[1] < '0' || end[1] > '9')
        return 0;
    last = strtoull(end + 1, NULL, 10);
    if (last < first)
        return fails(o, 33, "-r: it ends before it begins");
    o->url.count = last - first + 1;
    return 0;
}

/* --- the connection --- */

/* "AUTH=SCRAM-SHA-256", "AUTH=+APOP", "AUTH=*". */
static int make_login(struct other *o)
{
    const struct config *c = o->t->job.config;
    const char *p = c->login_options;

    o->options.token = c->bearer;
    o->options.authzid = c->authzid;
    if (c->netrc != 0 || c->netrc_file != NULL)
        o->options.netrc = c->netrc_file != NULL ? c->netrc_file : "";
    if (p == NULL)
        return 0;
    if (strncasecmp(p, "AUTH=", 5) != 0)
        return fails(o, 3, "--login-options: AUTH=... is all that is known");
    p += 5 + (p[5] == '+');
    if (strcmp(p, "*") != 0)
        o->options.mechanisms = p;
    return 0;
}

static const char *variable(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && *value != '\0' ? value : NULL;
}

/* ftp_proxy, FTP_PROXY, all_proxy, ALL_PROXY. */
static const char *proxy_of(const struct other *o)
{
    char name[32];
    const char *value;

    snprintf(name, sizeof name, "%s_proxy", o->scheme);
    if ((value = variable(name)) != NULL)
        return value;
    for (char *p = name; *p != '\0'; p++)
        if (*p >= 'a' && *p <= 'z')
            *p = (char)(*p - 'a' + 'A');
    if ((value = variable(name)) != NULL)
        return value;
    return (value = variable("all_proxy")) != NULL ? value
                                                   : variable("ALL_PROXY");
}

static int make_connection(struct other *o)
{
    const struct transfer *t = o->t;
    const struct config *c = t->job.config;

    o->options = t->prepared->options;
    o->options.flags &= ~(unsigned)SC_OPT_FAIL_STATUS;
    o->options.tls.alpn = NULL;
    o->options.starttls = c->starttls;
    if (c->plain_login)
        o->options.flags |= SC_OPT_PLAIN_LOGIN;
    if (c->proxy == NULL)
        o->options.proxy = proxy_of(o);
    o->options.trace = dialogue_line;
    o->options.trace_arg = &o->t->dialogue;
    o->url.options = &o->options;
    return make_login(o);
}

static bool ends_in(const char *url, const char *what)
{
    size_t n = strlen(url), len = strlen(what);

    return n >= len && strcmp(url + n - len, what) == 0;
}

/* -l in curl: the list has sizes all the same; a message is looked up, nothing of
 * it is printed. */
static void list_mailbox(struct other *o)
{
    const char *path = o->t->url + url_host_end(o->t->url);

    if (!(o->url.flags & URL_NAMES))
        return;
    o->url.flags &= ~(unsigned)URL_NAMES;
    if (*path == '/' && path[1] != '\0')
        o->url.flags |= URL_HEAD;
}

int other_hurry(struct other *o)
{
    int64_t left = o->t->until - sc_now();

    if (o->t->until == INT64_MAX)
        return 0;
    if (left <= 0)
        return fails(o, 28, "the time of -m is over");
    o->options.total_ms = left;
    return 0;
}

static void make_scheme(struct other *o)
{
    char *scheme = scheme_of_url(o->t->url);

    snprintf(o->scheme, sizeof o->scheme, "%s", scheme);
    free(scheme);
}

static void make_flags(struct other *o)
{
    const struct config *c = o->t->job.config;

    o->url.flags = c->url_flags | URL_ANY_FILE;
    if (c->url_flags & URL_NAMES)
        o->url.flags |= URL_DIRECTORY;
    if (other_is(o, "ftp") && ends_in(o->t->url, ";type=d"))
        o->url.flags |= URL_NAMES; /* RFC 1738 section 3.2.2: NLST */
    if (other_is(o, "pop3"))
        list_mailbox(o);
    if (other_is(o, "smtp") || other_is(o, "lmtp"))
        o->options.flags |= SC_OPT_NO_POOL; /* to end by QUIT */
}

int other_options(struct other *o)
{
    int rc;

    o->size = o->mtime = -1;
    make_scheme(o);
    if ((rc = make_connection(o)) != 0)
        return rc;
    make_flags(o);
    if (other_is(o, "ftp"))
        make_ftp(o);
    return o->t->job.upload != NULL ? 0 : make_range(o);
}

void other_options_free(struct other *o)
{
    free(o->before);
    free(o->ready);
    free(o->after);
    free(o->hello);
    memset(o, 0, sizeof *o);
}
