/* nntp_list.c - answers of many lines, each handed on as it comes: LIST (RFC 3977
 * section 7.6, RFC 6048), OVER and HDR (RFC 3977 sections 8.3, 8.5) and their
 * elders XOVER and XHDR (RFC 2980). */

#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "nntp/nntp_client.h"

int nntp_read_lines(NNTPClient *n, struct nntp_lines *l)
{
    int rc = sc_read_dot_to(&n->base, nntp_lines_sink, l);

    nntp_lines_end(l);
    return rc;
}

/* --- any lines --- */

struct plain {
    int (*fn)(void *arg, struct sc_span line);
    void *arg;
};

static int plain_line(struct nntp_lines *l, struct sc_span text)
{
    struct plain *p = l->arg;

    return p->fn(p->arg, text);
}

/* "LIST KEYWORD" or "LIST KEYWORD ARGUMENT". */
static int ask_list(NNTPClient *n, const char *keyword, const char *argument)
{
    struct sc_reply r;
    int rc = nntp_check_word(n, "keyword", keyword);

    if (rc == 0 && argument != NULL)
        rc = nntp_check_word(n, "argument", argument);
    if (rc < 0)
        return rc;
    if (argument == NULL)
        return nntp_demand(n, &r, 215, "LIST %s", keyword);
    return nntp_demand(n, &r, 215, "LIST %s %s", keyword, argument);
}

int nntp_list(NNTPClient *n, const char *keyword, const char *argument,
              int (*fn)(void *arg, struct sc_span line), void *arg)
{
    struct plain p = {fn, arg};
    struct nntp_lines l = {.line = plain_line, .arg = &p};
    int rc = ask_list(n, keyword, argument);

    return rc < 0 ? rc : nntp_read_lines(n, &l);
}

/* --- groups --- */

static int group_line(struct nntp_lines *l, struct sc_span text)
{
    struct nntp_groups *g = l->arg;
    struct nntp_group told;
    int rc = g->parse(text, &told);

    return rc < 0 ? rc : g->fn(g->arg, &told);
}

int nntp_read_groups(NNTPClient *n, struct nntp_groups *g)
{
    struct nntp_lines l = {.line = group_line, .arg = g};

    return nntp_read_lines(n, &l);
}

static int list_groups(NNTPClient *n, const char *keyword, const char *wildmat,
                       struct nntp_groups *g)
{
    int rc = ask_list(n, keyword, wildmat);

    return rc < 0 ? rc : nntp_read_groups(n, g);
}

int nntp_list_active(NNTPClient *n, const char *wildmat, nntp_group_fn fn,
                     void *arg)
{
    struct nntp_groups g = {nntp_parse_active, fn, arg};

    return list_groups(n, "ACTIVE", wildmat, &g);
}

int nntp_list_times(NNTPClient *n, const char *wildmat, nntp_group_fn fn,
                    void *arg)
{
    struct nntp_groups g = {nntp_parse_times, fn, arg};

    return list_groups(n, "ACTIVE.TIMES", wildmat, &g);
}

int nntp_list_newsgroups(NNTPClient *n, const char *wildmat, nntp_group_fn fn,
                         void *arg)
{
    struct nntp_groups g = {nntp_parse_newsgroups, fn, arg};

    return list_groups(n, "NEWSGROUPS", wildmat, &g);
}

int nntp_list_counts(NNTPClient *n, const char *wildmat, nntp_group_fn fn,
                     void *arg)
{
    struct nntp_groups g = {nntp_parse_counts, fn, arg};

    return list_groups(n, "COUNTS", wildmat, &g);
}

/* --- OVER --- */

struct over {
    const struct nntp_format *format;
    int (*fn)(void *arg, const struct nntp_article *a);
    void *arg;
};

static int over_line(struct nntp_lines *l, struct sc_span text)
{
    struct over *o = l->arg;
    struct nntp_article a;
    int rc = nntp_over_parse(o->format, text, &a);

    return rc < 0 ? rc : o->fn(o->arg, &a);
}

/* RC tells that there is one, or none: a login may bring what was refused for want
 * of it. */
static bool is_settled(NNTPClient *n, int rc)
{
    const int code = sc_last_error(&n->base)->status;

    return rc == 0 || rc == SC_EPROTO ||
           (rc == SC_EREPLY && code != 480 && code != 483);
}

/* Where it cannot be had, the seven fields of RFC 3977 section 8.4.2 stand: they
 * are first everywhere. */
int nntp_ask_format(NNTPClient *n)
{
    struct sc_buf all = SC_BUF(sc_client_options(&n->base)->reply_limit);
    struct sc_reply r;
    int rc = sc_broken(&n->base);

    if (rc < 0 || n->format_asked)
        return rc;
    rc = nntp_demand(n, &r, 215, "LIST OVERVIEW.FMT");
    if (rc == 0 && (rc = sc_read_dot(&n->base, &all)) == 0)
        n->format = nntp_format_new((struct sc_span){all.data, all.len}, &rc);
    sc_buf_free(&all);
    if (rc == SC_ENOMEM)
        return sc_break(&n->base, rc, "%s", sc_strerror(rc));
    n->format_asked = is_settled(n, rc);
    return sc_broken(&n->base);
}

/* ARG begins with a space, or is "". */
static int ask_over(NNTPClient *n, struct sc_reply *r, const char *arg)
{
    int code;

    if (!n->no_over) {
        code = nntp_ask(n, r, "OVER%s", arg);
        if (code != 500)
            return code;
        n->no_over = true;
    }
    return nntp_ask(n, r, "XOVER%s", arg);
}

/* Nothing there: RFC 3977 section 8.3.1. */
static bool is_empty(int code)
{
    return code == 420 || code == 423;
}

static int over(NNTPClient *n, const char *arg, struct over *o, bool range)
{
    struct nntp_lines l = {.line = over_line, .arg = o};
    struct sc_reply r;
    int code = nntp_ask_format(n);

    if (code < 0)
        return code;
    o->format = n->format;
    if ((code = ask_over(n, &r, arg)) < 0)
        return code;
    if (range && is_empty(code))
        return 0;
    return code == 224 ? nntp_read_lines(n, &l) : sc_refuse(&n->base, &r);
}

/* " 7-9" or "". */
static int range_of(NNTPClient *n, char out[49], uint64_t first, uint64_t last)
{
    int rc = nntp_range(n, out + 1, first, last);

    out[0] = rc == 0 && out[1] != '\0' ? ' ' : '\0';
    return rc;
}

int nntp_over(NNTPClient *n, uint64_t first, uint64_t last,
              int (*fn)(void *arg, const struct nntp_article *a), void *arg)
{
    struct over o = {NULL, fn, arg};
    char range[49];
    int rc = range_of(n, range, first, last);

    return rc < 0 ? rc : over(n, range, &o, true);
}

int nntp_over_id(NNTPClient *n, const char *id,
                 int (*fn)(void *arg, const struct nntp_article *a), void *arg)
{
    struct over o = {NULL, fn, arg};
    char word[NNTP_ID_MOST + 2];
    int rc = nntp_check_id(n, id);

    if (rc < 0)
        return rc;
    if (nntp_lacks(n, NNTP_CAP_OVER_MSGID))
        return nntp_fail(n, SC_ENOTSUP, "the server has no OVER by message-id");
    snprintf(word, sizeof word, " %s", id);
    return over(n, word, &o, false);
}

/* --- HDR --- */

struct hdr {
    int (*fn)(void *arg, uint64_t number, struct sc_span value);
    void *arg;
};

static int hdr_line(struct nntp_lines *l, struct sc_span text)
{
    struct hdr *h = l->arg;
    struct sc_span value;
    uint64_t number;
    int rc = nntp_parse_hdr(text, &number, &value);

    return rc < 0 ? rc : h->fn(h->arg, number, value);
}

/* A header's name, or ":bytes": a colon within would be another field's. */
static int check_field(NNTPClient *n, const char *field)
{
    int rc = nntp_check_word(n, "field", field);

    if (rc == 0 && strchr(field + 1, ':') != NULL)
        return nntp_fail(n, SC_EINVAL, "a colon in the field");
    return rc;
}

/* XHDR knows "bytes", not ":bytes" (RFC 2980 section 2.6). */
static int ask_hdr(NNTPClient *n, struct sc_reply *r, const char *field,
                   const char *arg)
{
    int code;

    if (!n->no_hdr) {
        code = nntp_ask(n, r, "HDR %s%s", field, arg);
        if (code != 500)
            return code;
        n->no_hdr = true;
    }
    code = nntp_ask(n, r, "XHDR %s%s", field + (*field == ':'), arg);
    return code == 221 ? 225 : code;
}

int nntp_hdr(NNTPClient *n, const char *field, uint64_t first, uint64_t last,
             int (*fn)(void *arg, uint64_t number, struct sc_span value),
             void *arg)
{
    struct hdr h = {fn, arg};
    struct nntp_lines l = {.line = hdr_line, .arg = &h};
    struct sc_reply r;
    char range[49];
    int code;

    if ((code = check_field(n, field)) < 0 ||
        (code = range_of(n, range, first, last)) < 0 ||
        (code = ask_hdr(n, &r, field, range)) < 0)
        return code;
    if (is_empty(code))
        return 0;
    return code == 225 ? nntp_read_lines(n, &l) : sc_refuse(&n->base, &r);
}

static int add_value(void *arg, uint64_t number, struct sc_span value)
{
    (void)number; /* 0 (RFC 3977 section 8.5.2) */
    return sc_buf_add(arg, value.data, value.len);
}

int nntp_hdr_id(NNTPClient *n, const char *field, const char *id,
                struct sc_buf *value)
{
    struct hdr h = {add_value, value};
    struct nntp_lines l = {.line = hdr_line, .arg = &h};
    char word[NNTP_ID_MOST + 2];
    struct sc_reply r;
    int code;

    if ((code = check_field(n, field)) < 0 || (code = nntp_check_id(n, id)) < 0)
        return code;
    snprintf(word, sizeof word, " %s", id);
    if ((code = ask_hdr(n, &r, field, word)) < 0)
        return code;
    return code == 225 ? nntp_read_lines(n, &l) : sc_refuse(&n->base, &r);
}
