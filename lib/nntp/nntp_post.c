/* nntp_post.c - articles go: POST (RFC 3977 section 6.3.1) and IHAVE (6.3.2). A
 * connection that dies behind the final dot leaves the outcome unknown. */

#include "core/text.h"
#include "nntp/nntp_client.h"

/* The answer behind the article: CODE. All of it leaves first: what was there
 * already answers nothing. */
static int outcome(NNTPClient *n, int code)
{
    struct sc_reply r;
    int rc = sc_flush(&n->base);

    if (rc < 0) /* a part of the article is none */
        return rc;
    if (sc_reply(&n->base, &r) < 0)
        return SC_EUNKNOWN;
    if (r.code == code)
        return 0;
    if (r.code == 400 || r.code == 502) { /* that is no word about it */
        nntp_gone(n, &r);
        return SC_EUNKNOWN;
    }
    rc = sc_refuse(&n->base, &r);
    return rc == SC_EREPLY ? rc : SC_EUNKNOWN;
}

static int send_it(NNTPClient *n, const struct mail_source *article, int code)
{
    int rc = nntp_send_article(n, article);

    return rc < 0 ? rc : outcome(n, code);
}

/* INN: "340 Ok, recommended ID <a@b>". */
static void find_id(struct sc_span text, struct nntp_ref *out)
{
    struct sc_span word;

    out->number = 0;
    out->id[0] = '\0';
    while ((text = sc_trim(text)).len > 0) {
        word = sc_next_word(&text);
        if (nntp_is_id(word))
            sc_span_copy(out->id, sizeof out->id, word);
    }
}

int nntp_post(NNTPClient *n, const struct mail_source *article,
              struct nntp_ref *out)
{
    struct nntp_ref unused;
    struct sc_reply r;
    int rc;

    if (out == NULL)
        out = &unused;
    out->number = 0;
    out->id[0] = '\0';
    if ((rc = nntp_demand(n, &r, 340, "POST")) < 0)
        return rc;
    find_id(r.text, out);
    return send_it(n, article, 240);
}

int nntp_ihave(NNTPClient *n, const char *id, const struct mail_source *article)
{
    struct sc_reply r;
    int rc = nntp_check_id(n, id);

    if (rc < 0 || (rc = nntp_demand(n, &r, 335, "IHAVE %s", id)) < 0)
        return rc;
    return send_it(n, article, 235);
}
