/* news_lists.c - LIST ACTIVE or NEWGROUPS, with what NEWSGROUPS says of them. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simpleclient/class.h>

#include "../term/server_info.h"
#include "../term/usage.h"
#include "news_lists.h"
#include "news_overview.h"
#include "news_report.h"

/* --- descriptions --- */

struct said {
    char *name, *text; /* TEXT lies behind NAME */
};
struct sayings {
    struct said *at;
    size_t n, room;
};

static int add_saying(void *arg, const struct nntp_group *g)
{
    struct sayings *s = arg;
    size_t room = s->room > 0 ? 2 * s->room : 256;
    struct said *more, *x;

    if (s->n == s->room) {
        if ((more = realloc(s->at, room * sizeof *more)) == NULL)
            return SC_ENOMEM;
        s->at = more;
        s->room = room;
    }
    x = &s->at[s->n];
    if ((x->name = malloc(g->name.len + g->description.len + 2)) == NULL)
        return SC_ENOMEM;
    sc_span_copy(x->name, g->name.len + 1, g->name);
    x->text = x->name + g->name.len + 1;
    sc_span_copy(x->text, g->description.len + 1, g->description);
    s->n++;
    return 0;
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct said *)a)->name,
                  ((const struct said *)b)->name);
}

static const char *saying_of(const struct sayings *s, struct sc_span name)
{
    char text[NNTP_NAME_MOST + 1];
    struct said key = {.name = text}, *x;

    if (s->n == 0 || !sc_span_copy(text, sizeof text, name))
        return "";
    x = bsearch(&key, s->at, s->n, sizeof *s->at, compare);
    return x != NULL ? x->text : "";
}

static void free_sayings(struct sayings *s)
{
    for (size_t i = 0; i < s->n; i++)
        free(s->at[i].name);
    free(s->at);
}

/* --- groups --- */

struct listing {
    struct news_job *job;
    struct sayings sayings;
};

static int print_group(void *arg, const struct nntp_group *g)
{
    struct listing *l = arg;

    print_column(true, g->name);
    printf("\t%" PRIu64 "\t%" PRIu64, g->first, g->last);
    print_column(false, g->status);
    print_column(false, sc_span_of(saying_of(&l->sayings, g->name)));
    putc('\n', stdout);
    if (!ferror(stdout))
        return 0;
    return job_failed(l->job, NEWS_STORE, "cannot write to stdout: %s",
                      strerror(errno));
}

/* Servers without descriptions are in order. */
static int learn_sayings(NNTPClient *n, const char *wildmat, struct sayings *s)
{
    int rc = nntp_list_newsgroups(n, wildmat, add_saying, s);

    if (s->n > 1)
        qsort(s->at, s->n, sizeof *s->at, compare);
    return rc == SC_EREPLY && sc_broken(nntp_base(n)) == 0 ? 0 : rc;
}

static int ask(NNTPClient *n, struct listing *l)
{
    struct news_job *j = l->job;
    const char *wildmat = j->o->wildmat;
    int rc;

    if (wildmat == NULL && j->group.len > 0)
        wildmat = j->group.data;
    if (j->o->since > 0)
        return nntp_newgroups(n, j->o->since, print_group, l);
    rc = learn_sayings(n, wildmat, &l->sayings);
    return rc == 0 ? nntp_list_active(n, wildmat, print_group, l) : rc;
}

static int open_it(struct news_job *j, NNTPClient **n)
{
    int rc;

    *n = nntp_open(j->server.data, &j->connect);
    rc = sc_broken(nntp_base(*n));
    if (rc < 0 || !j->o->compress)
        return rc;
    rc = nntp_compress(*n);
    return sc_broken(nntp_base(*n)) < 0 ? rc : 0;
}

int list_groups(struct news_job *j)
{
    struct listing l = {.job = j};
    NNTPClient *n;
    int code, rc = open_it(j, &n);

    if (rc == 0)
        rc = ask(n, &l);
    code = j->failed.code;
    if (code != 0)
        fprintf(stderr, "%s: %s\n", program_name, j->failed.text);
    else
        code = report_client(j, n, rc);
    nntp_close(n);
    free_sayings(&l.sayings);
    return code;
}

/* --- the server --- */

static void print_capabilities(const struct nntp_caps *caps)
{
    printf("posting: %s\n", caps->posting ? "yes" : "no");
    printf("capabilities:%s\n", caps->have & NNTP_CAP_CAPABILITIES
                                    ? ""
                                    : " not told, there is no CAPABILITIES");
    print_lines("  ", &caps->all, 0);
}

int show_server(struct news_job *j)
{
    struct sc_options opt = j->connect;
    NNTPClient *n;
    int code, rc;

    opt.user = opt.password = opt.token = opt.netrc = opt.mechanisms = NULL;
    n = nntp_open(j->server.data, &opt);
    if ((rc = sc_broken(nntp_base(n))) == 0) {
        print_peer(sc_stream(nntp_base(n)));
        print_words("greeting: ", j->greeting, strlen(j->greeting));
        print_capabilities(nntp_capabilities(n));
    }
    code = report_client(j, n, rc);
    nntp_close(n);
    return code;
}
