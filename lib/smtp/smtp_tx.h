/* smtp_tx.h - one transaction: what is decided before it, its commands in as
 * few flights as the server allows, and what became of it. Private to smtp/. */
#ifndef SC_SMTP_TX_H
#define SC_SMTP_TX_H

#include "smtp/smtp_client.h"
#include "smtp/smtp_text.h"

enum {
    SMTP_WINDOW = 1024,          /* commands in flight */
    SMTP_FLIGHT_MOST = 256 << 10 /* a message that is sent before it is known
                                    whether anybody may get it */
};

/* Zero bytes are an empty one. */
struct smtp_tx {
    SMTPClient *s;
    const struct smtp_message *m;
    struct smtp_result *r;
    struct smtp_text text;
    struct smtp_scan scan;
    bool utf8;  /* SMTPUTF8 is needed */
    bool ascii; /* all addresses are */
    bool waits; /* something was asked, and not yet waited for */
    bool begun; /* commands were queued */
    bool ended; /* the replies behind the message are asked for */
    int failed; /* why it was given up on our side; S tells more */
    const struct sc_answer *closed; /* 421 to a message before */
    size_t n;                       /* recipients of this transaction */
    size_t *who;                    /* which of M's they are */
    struct sc_answer rset, mail, data, final;
    struct sc_answer *rcpt; /* N */
    struct sc_answer *each; /* LMTP: instead of FINAL, of those accepted */
    size_t n_each;
    size_t cap; /* of WHO, RCPT, R->to */
    size_t each_cap;
};

/* --- smtp_check_message.c --- */

/* Before connecting: arguments that cannot be sent. SC_EINVAL. */
int smtp_check_message(const struct smtp_message *m, struct sc_error *e);

/* --- smtp_envelope.c --- */

/* What the server must offer for this message. SC_ENOTSUP, SC_ETOOBIG: S is in
 * order. */
int smtp_tx_decide(struct smtp_tx *t);
/* Queue the line. */
int smtp_put_mail(struct smtp_tx *t);
int smtp_put_rcpt(struct smtp_tx *t, size_t i);

/* --- smtp_tx.c --- */

/* Memory for all of M's recipients, and a look at its text. R is kept until the
 * end, M too. */
int smtp_tx_begin(struct smtp_tx *t, const struct smtp_message *m,
                  struct smtp_result *r);
/* All of it on S, and wait. */
void smtp_tx_run(struct smtp_tx *t);
/* In parts: envelope and message at once, without waiting for their answers. */
bool smtp_tx_fits_one_flight(const struct smtp_tx *t);
void smtp_tx_send(struct smtp_tx *t);
/* Or: envelope and DATA; then, when DATA's answer is there, the text. */
bool smtp_tx_may_overlap(const struct smtp_tx *t);
void smtp_tx_send_envelope(struct smtp_tx *t);
void smtp_tx_send_text(struct smtp_tx *t);
/* True when the last answer it waits for is there. */
bool smtp_tx_is_over(const struct smtp_tx *t);
/* What it was given up for, before anything was sent. */
void smtp_tx_fail(struct smtp_tx *t, int rc, const struct sc_error *e);
void smtp_tx_free(struct smtp_tx *t);

/* --- smtp_outcome.c --- */

/* Fill in what became of each recipient of this transaction. */
void smtp_tx_conclude(struct smtp_tx *t);
/* Keep those in T whom the server asks to come again, if there is hope: others
 * got through, and the text can be read again. Returns how many there are. */
size_t smtp_tx_keep_the_rest(struct smtp_tx *t);
/* The 421 among its answers, or NULL. */
const struct sc_answer *smtp_tx_closing(const struct smtp_tx *t);
/* Then of the message: outcome, error. Returns as smtp_send. */
int smtp_tx_outcome(struct smtp_tx *t);

static inline bool smtp_tx_in_chunks(const struct smtp_tx *t)
{
    return smtp_has(t->s, SMTP_EXT_CHUNKING);
}
static inline bool smtp_taken(const struct sc_answer *a)
{
    return a->rc == 0 && a->code / 100 == 2;
}
static inline bool smtp_refused(const struct sc_answer *a)
{
    return a->rc == 0 && a->code != 0 && a->code / 100 != 2;
}

#endif
