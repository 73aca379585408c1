/* nntp_command.c - one command and its answer each: GROUP and LISTGROUP (RFC 3977
 * section 6.1), NEWGROUPS, NEWNEWS, DATE, HELP (section 7). */

#include <string.h>

#include "core/text.h"
#include "nntp/nntp_client.h"

/* --- groups --- */

/* OUT lends NAME, which is the selected group's until another is. */
static int selected(NNTPClient *n, const char *name, struct nntp_group *out)
{
    struct sc_buf *b = &n->group;
    int rc = 0;

    if (b->data == NULL || name != b->data) {
        b->len = 0;
        rc = sc_buf_add(b, name, strlen(name));
    }
    if (rc < 0)
        return sc_break(&n->base, rc, "%s", sc_strerror(rc));
    if (out != NULL)
        out->name = (struct sc_span){b->data, b->len};
    return 0;
}

int nntp_group(NNTPClient *n, const char *name, struct nntp_group *out)
{
    struct nntp_group told;
    struct sc_reply r;
    int rc = nntp_check_word(n, "group", name);

    if (rc < 0 || (rc = nntp_demand(n, &r, 211, "GROUP %s", name)) < 0)
        return rc;
    if (nntp_parse_selected(r.text, &told) < 0)
        return sc_break(&n->base, SC_EPROTO,
                        "an answer to GROUP that makes no sense");
    if (out != NULL)
        *out = told;
    return selected(n, name, out);
}

struct numbers {
    int (*fn)(void *arg, uint64_t number);
    void *arg;
    uint64_t first, last; /* LAST 0: without end */
};

static int number_line(struct nntp_lines *l, struct sc_span text)
{
    struct numbers *to = l->arg;
    uint64_t number;
    int rc = nntp_number(sc_trim(text), &number);

    /* RFC 977 knows no range: its servers list all. */
    if (rc < 0 || number < to->first || (to->last > 0 && number > to->last))
        return rc;
    return to->fn(to->arg, number);
}

/* "LISTGROUP", "LISTGROUP NAME", "LISTGROUP NAME RANGE": a range needs the name
 * (RFC 3977 section 6.1.2.1). */
static int ask_listgroup(NNTPClient *n, struct sc_reply *r, const char *name,
                         const char *range)
{
    if (name == NULL && *range == '\0')
        return nntp_demand(n, r, 211, "LISTGROUP");
    if (name == NULL && n->group.len > 0)
        name = n->group.data;
    if (name == NULL)
        return nntp_fail(n, SC_EINVAL, "no group was selected");
    if (*range == '\0')
        return nntp_demand(n, r, 211, "LISTGROUP %s", name);
    return nntp_demand(n, r, 211, "LISTGROUP %s %s", name, range);
}

/* RFC 2980's servers say only that a list follows. */
int nntp_listgroup(NNTPClient *n, const char *name, uint64_t first,
                   uint64_t last, int (*fn)(void *arg, uint64_t number),
                   void *arg, struct nntp_group *out)
{
    struct numbers to = {fn, arg, first, last};
    struct nntp_lines l = {.line = number_line, .arg = &to};
    struct nntp_group told;
    struct sc_reply r;
    char range[48];
    int rc = name != NULL ? nntp_check_word(n, "group", name) : 0;

    if (rc < 0 || (rc = nntp_range(n, range, first, last)) < 0 ||
        (rc = ask_listgroup(n, &r, name, range)) < 0)
        return rc;
    nntp_parse_selected(r.text, &told);
    if (out != NULL)
        *out = told;
    if (name == NULL)
        name = n->group.len > 0 ? n->group.data : "";
    if ((rc = selected(n, name, out)) < 0)
        return rc;
    return nntp_read_lines(n, &l);
}

/* --- what is new --- */

static int date_of(NNTPClient *n, char out[24], int64_t when)
{
    if (nntp_format_date(out, when) < 0)
        return nntp_fail(n, SC_EINVAL, "no such time");
    return 0;
}

int nntp_newgroups(NNTPClient *n, int64_t since, nntp_group_fn fn, void *arg)
{
    struct nntp_groups g = {nntp_parse_active, fn, arg};
    struct sc_reply r;
    char when[24];
    int rc = date_of(n, when, since);

    if (rc < 0 || (rc = nntp_demand(n, &r, 231, "NEWGROUPS %s GMT", when)) < 0)
        return rc;
    return nntp_read_groups(n, &g);
}

struct ids {
    int (*fn)(void *arg, struct sc_span id);
    void *arg;
};

static int id_line(struct nntp_lines *l, struct sc_span text)
{
    struct ids *to = l->arg;

    return to->fn(to->arg, sc_trim(text));
}

/* Where CAPABILITIES does not name it, it is forbidden: some servers say 502 and
 * end. */
int nntp_newnews(NNTPClient *n, const char *wildmat, int64_t since,
                 int (*fn)(void *arg, struct sc_span id), void *arg)
{
    struct ids to = {fn, arg};
    struct nntp_lines l = {.line = id_line, .arg = &to};
    struct sc_reply r;
    char when[24];
    int rc;

    if ((rc = nntp_check_word(n, "wildmat", wildmat)) < 0 ||
        (rc = date_of(n, when, since)) < 0)
        return rc;
    if (nntp_lacks(n, NNTP_CAP_NEWNEWS))
        return nntp_fail(n, SC_ENOTSUP, "the server has no NEWNEWS");
    rc = nntp_demand(n, &r, 230, "NEWNEWS %s %s GMT", wildmat, when);
    return rc < 0 ? rc : nntp_read_lines(n, &l);
}

/* --- DATE and HELP --- */

int nntp_date(NNTPClient *n, int64_t *now)
{
    struct sc_reply r;
    int rc = nntp_demand(n, &r, 111, "DATE");

    if (rc < 0)
        return rc;
    if (nntp_parse_date(sc_next_word(&r.text), now) < 0)
        return sc_break(&n->base, SC_EPROTO,
                        "an answer to DATE that makes no sense");
    return 0;
}

int nntp_help(NNTPClient *n, struct sc_buf *out)
{
    struct sc_reply r;
    int rc = nntp_demand(n, &r, 100, "HELP");

    return rc < 0 ? rc : sc_read_dot(&n->base, out);
}
