/* smtp.h - mail that is sent, or told exactly why not: SMTP (RFC 5321) and LMTP
 * (RFC 2033), with STARTTLS (3207), AUTH (4954), PIPELINING (2920), CHUNKING
 * (3030), SIZE (1870), 8BITMIME (6152), SMTPUTF8 (6531), DSN (3461), enhanced
 * codes (2034).
 *
 *     const char *to[] = {"joe@example.org", NULL};
 *     struct smtp_message m = {.from = "me@example.com", .to = to,
 *                              .source.data = sc_span_of(text)};
 *     struct smtp_result r = {0};
 *
 *     if (smtp_send("smtp://mail.example.com/", &m, &r) < 0)
 *         fprintf(stderr, "%s\n", r.error.text);
 *     smtp_result_free(&r);
 */
#ifndef SIMPLECLIENT_SMTP_H
#define SIMPLECLIENT_SMTP_H

#include <simpleclient/client.h>
#include <simpleclient/mail.h>
#include <simpleclient/sasl.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- one call --- */

/* Bits of smtp_message.flags. */
enum smtp_flag {
    SMTP_ALL_OR_NONE = 1, /* no DATA if one recipient is refused (the others
                             are SC_ECANCELED): costs a round trip */
    SMTP_STRICT = 2,      /* a bare CR or LF in the message, or a line of more
                             than 998 bytes, is SC_EINVAL, not put right */
    SMTP_BINARY = 4,      /* BODY=BINARYMIME: sent untouched, needs CHUNKING */
    SMTP_REQUIRETLS = 8   /* RFC 8689 */
};

/* What a message needs of the server is found out by a look at all of it, but
 * for a source that cannot be rewound: of that the header (256 KiB at most) is
 * read ahead, BODY=8BITMIME is sent where it is offered, SIZE is not; where it
 * is not offered and a byte above 127 comes, the message is cut, not sent. A
 * NUL is SC_EINVAL unless SMTP_BINARY. An address has no spaces, no < and >,
 * not even within quotes, 64 bytes before the @ and 254 in all; UTF-8 in it
 * needs SMTPUTF8, or in the domain alone becomes A-labels. */
struct smtp_message {
    const char *from;      /* "" is the null sender <> */
    const char *const *to; /* NULL-ended */
    struct mail_source source;
    unsigned flags;            /* enum smtp_flag */
    const char *const *notify; /* DSN: for each of TO "NEVER", "SUCCESS,DELAY",
                                  or NULL */
    const char *const *orcpt;  /* for each of TO "rfc822;a@b", or NULL */
    const char *ret;           /* DSN: "FULL" or "HDRS" */
    const char *envid;         /* DSN: envelope id, as text */
    const char *auth;          /* MAIL's AUTH=: "<>" or an address, or NULL;
                                  left out where AUTH is not offered */
    const char *mail_params;   /* more parameters of MAIL, or NULL */
    const char *rcpt_params;
    const struct sc_options *options; /* smtp_send only; NULL: the defaults */
};

/* What the server said at last, or why it said nothing. */
struct smtp_status {
    int rc;            /* 0, SC_EREPLY (refused), or what went wrong */
    int code;          /* 250; 0: no reply */
    char enhanced[12]; /* "5.1.1", or "" */
    char text[160];    /* the last line's, cut if longer */
};

enum smtp_outcome {
    SMTP_NOT_SENT, /* certainly nobody got it */
    SMTP_SENT,     /* all recipients */
    SMTP_PARTLY,   /* some; see each */
    SMTP_UNKNOWN   /* the connection died after the final dot or last chunk */
};

/* Zero bytes are an empty one. Owned. */
struct smtp_result {
    int outcome;            /* enum smtp_outcome */
    struct smtp_status *to; /* one for each recipient, in order */
    size_t n;
    struct smtp_status data; /* of the message as a whole */
    struct sc_error error;   /* of the call that failed; "421" has status 421 */
    int round_trips;         /* waits for the server this message took */
};
/* Release the memory; R is empty and reusable. */
SC_API void smtp_result_free(struct smtp_result *r);

/* Send one message. URL: smtp://[user[:password]@]host[:port]/, smtps (TLS
 * from the first byte), lmtp, or "/path" of a Unix socket (LMTP). Port 25, 465
 * (TLS), 24 (LMTP). A connection of the pool is used again; one that the
 * server has left is opened anew. Waits: one round trip on a connection in use
 * where PIPELINING and CHUNKING are offered, two with PIPELINING alone. Each
 * wait has the time of RFC 5321 section 4.5.3.2, unless wait_ms is set. Returns
 * 0: the server has taken it for all recipients;
 * SC_EREPLY: refused, for some or for all; SC_EUNKNOWN: it may or may not have
 * been taken; SC_EINVAL before connecting: an argument that cannot be sent,
 * named in the error; SC_ETOOBIG: larger than the server takes; SC_ENOTSUP: it
 * needs what the server does not offer (8BITMIME, SMTPUTF8, DSN, BINARYMIME,
 * REQUIRETLS, a mechanism); SC_ESHORT: it changed while it was sent; SC_ETLS,
 * SC_ECERT, SC_EPLAINTEXT: no TLS, or no login without it; other errors: not
 * sent. Recipients that the server puts off by 452 go in another transaction,
 * if the message can be read again. R tells all; what it held is freed;
 * smtp_result_free in every case. */
SC_API int smtp_send(const char *url, const struct smtp_message *m,
                     struct smtp_result *r);

/* --- a batch in flight --- */

/* Messages to one server, over one connection, the pipeline kept full across
 * them: with CHUNKING hundreds are under way, with PIPELINING alone the text
 * of one travels with the envelope of the next. After a connection has ended
 * the next message opens another; what was under way is told, not sent again.
 * DONE (may be NULL) is called for each in order, when its result is there; R
 * and what it points to are borrowed during the call. It may wait; it may not
 * use Q but for smtp_queue_add. */
struct smtp_queue;
typedef void (*smtp_done)(void *arg, const struct smtp_message *m,
                          const struct smtp_result *r);
/* Never NULL but for no memory. Connects at the first message. Owned. */
SC_API struct smtp_queue *smtp_queue_new(const char *url,
                                         const struct sc_options *opt,
                                         smtp_done done, void *arg);
/* Send *M, which is kept until DONE was called for it; its options are not
 * read. Waits only when the pipeline is full. Returns 0, or why the connection
 * is broken (DONE tells which messages that concerns); SC_ENOMEM, and SC_EBUSY
 * in DONE while 512 are under way: *M was not taken. */
SC_API int smtp_queue_add(struct smtp_queue *q, const struct smtp_message *m);
/* Wait until all results have come. Returns 0 or the first error; SC_EBUSY or
 * SC_EDEADLK where one cannot wait (client.h): nothing was told. */
SC_API int smtp_queue_wait(struct smtp_queue *q);
/* Wait, say QUIT, free. NULL is allowed. */
SC_API int smtp_queue_free(struct smtp_queue *q);

/* --- an open client --- */

typedef struct SMTPClient SMTPClient;

enum smtp_extension {
    SMTP_EXT_PIPELINING = 1,
    SMTP_EXT_CHUNKING = 2,
    SMTP_EXT_BINARYMIME = 4,
    SMTP_EXT_8BITMIME = 8,
    SMTP_EXT_SMTPUTF8 = 16,
    SMTP_EXT_DSN = 32,
    SMTP_EXT_ENHANCED = 64,
    SMTP_EXT_STARTTLS = 128,
    SMTP_EXT_SIZE = 256,
    SMTP_EXT_AUTH = 512,
    SMTP_EXT_REQUIRETLS = 1024,
    SMTP_EXT_VRFY = 2048,
    SMTP_EXT_ETRN = 4096,
    SMTP_EXT_EXPN = 8192,
    SMTP_EXT_HELP = 16384
};
/* What the server said it can do. */
struct smtp_caps {
    int esmtp;         /* 0: only HELO was understood */
    unsigned have;     /* enum smtp_extension */
    uint64_t size;     /* largest message; 0: none told */
    char name[256];    /* what it calls itself */
    char auth[512];    /* mechanisms, separated by spaces */
    struct sc_buf all; /* every line of its answer, LF between */
};

/* Connect to SERVER ("host[:port]", "/path", or a URL as smtp_send), read the
 * greeting, EHLO (else HELO), STARTTLS as the options say, EHLO again, login.
 * Scheme lmtp: LMTPClient. Waits. Never NULL (as sc_open). */
SC_API SMTPClient *smtp_open(const char *server, const struct sc_options *opt);
/* Say QUIT and close (as sc_close). NULL is allowed. */
SC_API int smtp_close(SMTPClient *c);
/* The SimpleClient it is: for sc_last_error, sc_timeout, sc_trace ... */
SC_API SimpleClient *smtp_base(SMTPClient *c);
/* Borrowed until C says EHLO again or is closed. */
SC_API const struct smtp_caps *smtp_capabilities(SMTPClient *c);
/* The enhanced code of the latest reply ("5.7.1"), or "". */
SC_API const char *smtp_enhanced(SMTPClient *c);

/* Say hello as NAME (NULL: the own host's name, or its address in brackets) and
 * read what the server can do. LMTP says LHLO. Waits. */
SC_API int smtp_ehlo(SMTPClient *c, const char *name);
SC_API int smtp_helo(SMTPClient *c, const char *name);
/* STARTTLS, then EHLO anew (RFC 3207 section 4.2). Waits. */
SC_API int smtp_starttls(SMTPClient *c, const struct sc_tls_options *opt);
/* Log in (sasl.h), then EHLO is not repeated (RFC 4954 has no need). Waits. */
SC_API int smtp_auth(SMTPClient *c, const struct sc_sasl_login *login);
/* One command and its reply each; PARAMS may be NULL. An address is given
 * without <>; CR, LF, NUL, "<>", space: SC_EINVAL, nothing sent. SC_EREPLY:
 * refused, in order. Waits. RCPT returns the code, 250 or another
 * success. SC_EBUSY: another task is inside, nothing was sent. */
SC_API int smtp_mail(SMTPClient *c, const char *from, const char *params);
SC_API int smtp_rcpt(SMTPClient *c, const char *to, const char *params);
/* DATA, the message (dots stuffed, lines ended in CRLF), the final dot. LMTP:
 * STATUS gets one reply for each recipient that was accepted, in order; SMTP:
 * one. More than N are read and dropped. Returns 0 or the first failure.
 * SC_EUNKNOWN: the connection died after the dot; SC_EINVAL, or what the source
 * returned: the message was cut, broken. Where nothing was sent each STATUS says
 * why. */
SC_API int smtp_data(SMTPClient *c, const struct mail_source *m,
                     struct smtp_status *status, size_t n);
/* One chunk as it is (RFC 3030). LAST: as smtp_data. */
SC_API int smtp_bdat(SMTPClient *c, const void *p, size_t n, bool last,
                     struct smtp_status *status, size_t n_status);
SC_API int smtp_rset(SMTPClient *c);
SC_API int smtp_noop(SMTPClient *c);
/* The reply's lines are appended to OUT, LF between. */
SC_API int smtp_vrfy(SMTPClient *c, const char *name, struct sc_buf *out);
SC_API int smtp_expn(SMTPClient *c, const char *list, struct sc_buf *out);
SC_API int smtp_help(SMTPClient *c, const char *topic, struct sc_buf *out);
SC_API int smtp_etrn(SMTPClient *c, const char *name);
/* Say QUIT; smtp_close does, too. */
SC_API int smtp_quit(SMTPClient *c);

#ifdef __cplusplus
}
#endif
#endif
