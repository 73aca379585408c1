/* smtp_send.c - one call: one message, and what became of it for each
 * recipient. */

#include <string.h>

#include "client/conn.h"
#include "client/pool.h"
#include "core/mem.h"
#include "smtp/smtp_tx.h"

void smtp_result_free(struct smtp_result *r)
{
    sc_free(r->to);
    *r = (struct smtp_result){0};
}

/* --- the connection --- */

static int check_hello(const struct sc_options *opt, struct sc_error *e)
{
    const char *hello = sc_options_or_default(opt)->hello;

    return hello != NULL ? smtp_check_name("hello", hello, e) : 0;
}

static SMTPClient *take_idle(const char *url, const struct sc_options *opt)
{
    const struct client_class *cls = &smtp_class_for(url)->base;

    return (SMTPClient *)(void *)sc_pool_take(cls, url, 0, opt);
}

/* A broken one is dropped there; one that said 421 here. */
static void give_back(SMTPClient *s)
{
    bool own = (sc_client_options(&s->base)->flags & SC_OPT_NO_POOL) != 0;

    if (s->closing)
        sc_drop(&s->base);
    else if (own)
        smtp_close(s); /* what QUIT brings does not change what was sent */
    else
        sc_pool_give(&s->base);
}

/* --- one message --- */

static int decide(struct smtp_tx *t)
{
    int rc = sc_broken(&t->s->base);

    if (rc == 0)
        rc = smtp_tx_decide(t);
    if (rc < 0)
        smtp_tx_fail(t, rc, sc_last_error(&t->s->base));
    return rc;
}

/* As often as there are recipients left that did not fit. */
static void transact(struct smtp_tx *t)
{
    if (decide(t) < 0)
        return;
    do {
        smtp_tx_run(t);
        smtp_tx_conclude(t);
    } while (smtp_tx_keep_the_rest(t) > 0 && smtp_text_rewind(&t->text) == 0);
}

/* The other side has ended it; not we, not time, not the message's source. */
static bool is_gone(const struct smtp_tx *t)
{
    int broken = sc_broken(&t->s->base);

    return t->text.why == NULL &&
           (broken == SC_EOF || broken == SC_ESHORT || broken == SC_EPIPE ||
            broken == SC_ECONNRESET);
}

/* The server had left an idle connection, or does not go on with it: nothing
 * was answered but RSET, and certainly nothing done. */
static bool was_left(const struct smtp_tx *t)
{
    int rc = t->r->data.rc;
    bool silent = t->begun && t->mail.code == 0;

    if (rc == 0 || rc == SC_EUNKNOWN)
        return false;
    return t->rset.code == 421 || (silent && smtp_refused(&t->rset)) ||
           (silent && t->rset.code == 0 && is_gone(t));
}

static bool try_idle(struct smtp_tx *t, const char *url)
{
    const struct sc_options *opt = t->m->options;

    if ((t->s = take_idle(url, opt)) == NULL)
        return false;
    transact(t);
    if (!was_left(t) || smtp_text_rewind(&t->text) < 0)
        return true;
    sc_drop(&t->s->base);
    return false;
}

static int send_it(struct smtp_tx *t, const char *url)
{
    int rc;

    if (!try_idle(t, url)) {
        t->failed = 0;
        t->s = smtp_open(url, t->m->options);
        transact(t);
    }
    rc = smtp_tx_outcome(t);
    give_back(t->s);
    return rc;
}

int smtp_send(const char *url, const struct smtp_message *m,
              struct smtp_result *r)
{
    struct smtp_tx t = {0};
    struct sc_error e = {0};
    int rc;

    smtp_result_free(r);
    rc = smtp_tx_begin(&t, m, r);
    if (rc == 0 && (rc = check_hello(m->options, &e)) < 0)
        smtp_tx_fail(&t, rc, &e);
    if (rc == 0)
        rc = send_it(&t, url);
    smtp_tx_free(&t);
    return rc;
}
