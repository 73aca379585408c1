/* nntp_article.c - articles come: ARTICLE, HEAD, BODY, STAT (RFC 3977 section
 * 6.2), NEXT and LAST (6.1). Bytes are lent to the sink where they lie. */

#include "nntp/nntp_client.h"

/* --- by number --- */

static int check_number(NNTPClient *n, uint64_t number)
{
    if (number > INT64_MAX)
        return nntp_fail(n, SC_EINVAL, "no number of an article");
    return 0;
}

static int ask_number(NNTPClient *n, struct sc_reply *r, int code,
                      const char *verb, uint64_t number)
{
    int rc = check_number(n, number);

    if (rc < 0)
        return rc;
    if (number == 0)
        return nntp_demand(n, r, code, "%s", verb);
    return nntp_demand(n, r, code, "%s %llu", verb, (unsigned long long)number);
}

/* What the answer says beside is let be where bytes follow it: there are servers
 * that say "222 body follows". */
static int take(NNTPClient *n, const struct sc_reply *r, sc_sink sink,
                void *arg, struct nntp_ref *out)
{
    nntp_parse_ref(r->text, out);
    return sc_read_dot_to(&n->base, sink, arg);
}

static int by_number(NNTPClient *n, int code, const char *verb, uint64_t number,
                     sc_sink sink, void *arg, struct nntp_ref *out)
{
    struct sc_reply r;
    int rc = ask_number(n, &r, code, verb, number);

    return rc < 0 ? rc : take(n, &r, sink, arg, out);
}

int nntp_article(NNTPClient *n, uint64_t number, sc_sink sink, void *arg,
                 struct nntp_ref *out)
{
    return by_number(n, 220, "ARTICLE", number, sink, arg, out);
}

int nntp_head(NNTPClient *n, uint64_t number, sc_sink sink, void *arg,
              struct nntp_ref *out)
{
    return by_number(n, 221, "HEAD", number, sink, arg, out);
}

int nntp_body(NNTPClient *n, uint64_t number, sc_sink sink, void *arg,
              struct nntp_ref *out)
{
    return by_number(n, 222, "BODY", number, sink, arg, out);
}

int nntp_stat(NNTPClient *n, uint64_t number, struct nntp_ref *out)
{
    struct sc_reply r;
    int rc = ask_number(n, &r, 223, "STAT", number);

    return rc < 0 ? rc : nntp_read_ref(n, r.text, out);
}

/* --- by message-id: the current article stays --- */

static int ask_id(NNTPClient *n, struct sc_reply *r, int code, const char *verb,
                  const char *id)
{
    int rc = nntp_check_id(n, id);

    return rc < 0 ? rc : nntp_demand(n, r, code, "%s %s", verb, id);
}

static int by_id(NNTPClient *n, int code, const char *verb, const char *id,
                 sc_sink sink, void *arg, struct nntp_ref *out)
{
    struct sc_reply r;
    int rc = ask_id(n, &r, code, verb, id);

    return rc < 0 ? rc : take(n, &r, sink, arg, out);
}

int nntp_article_id(NNTPClient *n, const char *id, sc_sink sink, void *arg,
                    struct nntp_ref *out)
{
    return by_id(n, 220, "ARTICLE", id, sink, arg, out);
}

int nntp_head_id(NNTPClient *n, const char *id, sc_sink sink, void *arg,
                 struct nntp_ref *out)
{
    return by_id(n, 221, "HEAD", id, sink, arg, out);
}

int nntp_body_id(NNTPClient *n, const char *id, sc_sink sink, void *arg,
                 struct nntp_ref *out)
{
    return by_id(n, 222, "BODY", id, sink, arg, out);
}

int nntp_stat_id(NNTPClient *n, const char *id, struct nntp_ref *out)
{
    struct sc_reply r;
    int rc = ask_id(n, &r, 223, "STAT", id);

    return rc < 0 ? rc : nntp_read_ref(n, r.text, out);
}

/* --- the neighbours --- */

int nntp_next(NNTPClient *n, struct nntp_ref *out)
{
    struct sc_reply r;
    int rc = nntp_demand(n, &r, 223, "NEXT");

    return rc < 0 ? rc : nntp_read_ref(n, r.text, out);
}

int nntp_last(NNTPClient *n, struct nntp_ref *out)
{
    struct sc_reply r;
    int rc = nntp_demand(n, &r, 223, "LAST");

    return rc < 0 ? rc : nntp_read_ref(n, r.text, out);
}
