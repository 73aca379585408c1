/* pop3_client.h - what is inside a POP3Client. Private to pop3/ and its tests. */
#ifndef SC_POP3_CLIENT_H
#define SC_POP3_CLIENT_H

#include <simpleclient/class.h>
#include <simpleclient/pop3.h>

extern const struct client_class pop3_class;

enum {
    POP3_LINE_MOST = 255,   /* a command, CRLF included: RFC 2449 section 4 */
    POP3_STAMP_MOST = 510,  /* of APOP: a greeting has 512 bytes */
    POP3_LISTED_MOST = 512, /* a line of LIST, UIDL */
    POP3_MS_QUIT = 120000   /* thousands of files are removed meanwhile */
};

struct POP3Client {
    SimpleClient base;
    struct pop3_caps caps;
    char code[32];                   /* response code of the latest -ERR */
    char stamp[POP3_STAMP_MOST + 1]; /* the greeting's, for APOP, or "" */
    char user[128];                  /* who has logged in by the options */
    bool over;                       /* QUIT was said, */
    int quit;                        /* and answered so */
};

/* A capability is not there: CAPA was understood, and does not name it. */
static inline bool pop3_lacks(const POP3Client *p, unsigned capability)
{
    return (p->caps.have & POP3_CAP_CAPA) && !(p->caps.have & capability);
}

/* --- pop3.c --- */

/* Read a reply: +OK returns 0 and lends TEXT (may be NULL); -ERR is SC_EREPLY,
 * in order; "+ " is SC_EPROTO, broken. */
int pop3_ok(POP3Client *p, struct sc_span *text);
/* SC_EREPLY with the words TEXT of an -ERR. */
int pop3_say_no(POP3Client *p, const char *text, size_t n);
/* The same, of the command VERB NUMBER (0: none) that is answered already. */
int pop3_refused(POP3Client *p, const char *verb, uint32_t number,
                 const char *text);

/* --- pop3_login.c --- */

/* The timestamp of a greeting, angle brackets included (RFC 1939 section 7), or
 * an empty span. */
struct sc_span pop3_stamp_of(struct sc_span greeting);
/* STLS as the options say, and the login they name. */
int pop3_secure(POP3Client *p);
int pop3_login(POP3Client *p);

/* --- pop3_caps.c --- */

/* Forget, and learn from the lines of an answer to CAPA, which are kept. */
void pop3_caps_reset(struct pop3_caps *caps);
void pop3_caps_learn(struct pop3_caps *caps);

/* --- pop3_list.c: lines of LIST and UIDL, cut anywhere --- */

/* One line, without its end: "7 120" (and what may follow), "7 UID". Return 0
 * or SC_EPROTO. */
int pop3_parse_size(struct sc_span line, uint32_t *number, uint64_t *size);
int pop3_parse_uid(struct sc_span line, uint32_t *number, struct sc_span *uid);

/* An sc_sink whose ARG is this: each line goes to LINE. */
struct pop3_lines {
    int (*line)(struct pop3_lines *l, struct sc_span text);
    void *arg;
    union {
        int (*size)(void *arg, uint32_t number, uint64_t size);
        int (*uid)(void *arg, uint32_t number, const char *uid);
    } to;
    size_t held; /* bytes of a line that was cut */
    char hold[POP3_LISTED_MOST];
};
int pop3_lines_sink(void *arg, const void *p, size_t n);
int pop3_size_line(struct pop3_lines *l, struct sc_span text);
int pop3_uid_line(struct pop3_lines *l, struct sc_span text);

#endif
