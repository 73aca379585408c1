/* nntp_client.h - what is inside an NNTPClient. Private to nntp/ and its tests. */
#ifndef SC_NNTP_CLIENT_H
#define SC_NNTP_CLIENT_H

#include <simpleclient/class.h>
#include <simpleclient/nntp.h>

#include "nntp/nntp_over.h"

extern const struct client_class nntp_class;         /* reads news */
extern const struct client_class nntp_transit_class; /* feeds a server */

enum {
    NNTP_LINE_MOST = 512 /* a command: RFC 3977 section 3.1 */
};

struct NNTPClient {
    SimpleClient base;
    struct nntp_caps caps;
    struct nntp_format
        *format;         /* LIST OVERVIEW.FMT's answer; NULL: the seven */
    struct sc_buf group; /* the name of the selected group, or empty */
    char command[NNTP_LINE_MOST]; /* to be repeated after 480 and 483 */
    bool transit;                 /* never MODE READER */
    bool logged_in, compressed;
    bool login_failed;    /* it is not tried again at each 480 */
    bool format_asked;    /* LIST OVERVIEW.FMT was */
    bool no_over, no_hdr; /* XOVER, XHDR instead */
    bool over;            /* QUIT was said */
    int quit;
    struct nntp_feed *feed; /* hears every answer; NULL: nobody does */
};

/* A capability is not there: CAPABILITIES was understood, and does not name it. */
static inline bool nntp_lacks(const NNTPClient *n, unsigned capability)
{
    return (n->caps.have & NNTP_CAP_CAPABILITIES) &&
           !(n->caps.have & capability);
}

/* --- nntp.c --- */

/* Before a command: 0, what N is broken with, SC_EBUSY (within a block), or
 * SC_EWRONGLOOP. */
int nntp_begin(const NNTPClient *n);
/* As sc_fail, of what was refused before it was sent: the text names no command. */
int nntp_fail(NNTPClient *n, int code, const char *fmt, ...) SC_PRINTF(3, 4);
/* Read the first line of an answer: its code, or an error. 400 breaks N. */
int nntp_reply(NNTPClient *n, struct sc_reply *r);
/* The server has said 400 or 502: N is not used again. Returns SC_EREPLY, which
 * N is broken with; sc_last_error has code and words. */
int nntp_gone(NNTPClient *n, const struct sc_reply *r);
/* Send one command and read the first line of its answer into R. 480 (log in)
 * and 483 (TLS) are answered once each where the options allow, and the command
 * is sent again. 400, and 502 where it does not belong to a login, break N.
 * Returns the code (100..599), or an error. */
int nntp_ask(NNTPClient *n, struct sc_reply *r, const char *fmt, ...)
    SC_PRINTF(3, 4);
/* The same, and CODE must be the answer: else 4xx and 5xx are SC_EREPLY, in order;
 * any other SC_EPROTO, broken. Returns 0. */
int nntp_demand(NNTPClient *n, struct sc_reply *r, int code, const char *fmt,
                ...) SC_PRINTF(4, 5);
/* 0, or SC_EINVAL with a text that names WHAT: before anything is sent. */
int nntp_check_word(NNTPClient *n, const char *what, const char *word);
int nntp_check_id(NNTPClient *n, const char *id);
/* "<...>" of RFC 3977 section 3.6. */
bool nntp_is_id(struct sc_span id);
/* "7 <a@b> ...": number and message-id of a 220, 221, 222, 223. SC_EPROTO: it is
 * not that; OUT (may be NULL) is then empty. */
int nntp_parse_ref(struct sc_span text, struct nntp_ref *out);
/* The same, and N is broken if it is not that. */
int nntp_read_ref(NNTPClient *n, struct sc_span text, struct nntp_ref *out);
/* "7", "7-", "7-9", "" (both 0) into OUT of 48 bytes. SC_EINVAL: LAST < FIRST, no
 * FIRST, or beyond 63 bits. */
int nntp_range(NNTPClient *n, char out[48], uint64_t first, uint64_t last);

/* --- nntp_caps.c --- */

void nntp_caps_reset(struct nntp_caps *caps);
/* Learn from the lines of an answer to CAPABILITIES, which are kept. */
void nntp_caps_learn(struct nntp_caps *caps);

/* --- nntp_login.c --- */

/* What the server has told, and what was selected. */
void nntp_forget(NNTPClient *n);
/* What follows the greeting: CAPABILITIES, STARTTLS as the options say, MODE
 * READER if it is needed, the login they name if the server offers one. */
int nntp_prepare(NNTPClient *n);
/* After 480: log in as the options say. Returns 1; 0: there is no login to try;
 * or an error. */
int nntp_login_asked(NNTPClient *n);
/* After 483: the same with STARTTLS. */
int nntp_tls_asked(NNTPClient *n);

/* --- nntp_list.c --- */

/* A dot block by lines; what L holds is freed. */
int nntp_read_lines(NNTPClient *n, struct nntp_lines *l);
/* Lines that PARSE makes groups of, each for FN. */
struct nntp_groups {
    int (*parse)(struct sc_span line, struct nntp_group *out);
    nntp_group_fn fn;
    void *arg;
};
int nntp_read_groups(NNTPClient *n, struct nntp_groups *g);
/* LIST OVERVIEW.FMT, once: FORMAT is set, or NULL where the server has none. */
int nntp_ask_format(NNTPClient *n);

/* --- nntp_feed.c --- */

/* An answer has come while F has articles in flight. Returns 0, or what the
 * client is broken with. */
int nntp_feed_heard(struct nntp_feed *f, const struct sc_reply *r);

/* --- nntp_source.c: an article goes out --- */

/* The dot block of ARTICLE, and its end; SC_EINVAL: a bare CR. */
int nntp_send_article(NNTPClient *n, const struct mail_source *article);

#endif
