/* smtp_client.h - what is inside an SMTPClient, and what LMTP changes. Private
 * to smtp/ and its tests. */
#ifndef SC_SMTP_CLIENT_H
#define SC_SMTP_CLIENT_H

#include <simpleclient/class.h>
#include <simpleclient/smtp.h>

/* A class table with what RFC 2033 changes. */
struct smtp_class {
    struct client_class base;
    const char *hello; /* "EHLO" */
    bool falls_back;   /* to HELO, which older servers understand */
    bool each;         /* the message is answered once for each recipient */
};
extern const struct smtp_class smtp_class, smtp_lmtp_class;

/* RFC 5321 section 4.5.3.2. */
enum {
    SMTP_MS_COMMAND = 300000, /* greeting, MAIL, RCPT and others */
    SMTP_MS_DATA = 120000,    /* until 354 */
    SMTP_MS_BLOCK = 180000,   /* each piece of the message */
    SMTP_MS_FINAL = 600000    /* after the final dot */
};
/* RFC 5321 section 4.5.3.1, and what extensions add. */
enum {
    SMTP_ADDRESS_MOST = 254,
    SMTP_LOCAL_MOST = 64,
    SMTP_NAME_MOST = 255,
    SMTP_LINE_MOST = 512,    /* a command without parameters, CRLF included */
    SMTP_PARAMS_MOST = 1024, /* RFC 1870, 3461, 4954, 6152 add up to less */
    SMTP_AUTH_MOST = 12288   /* RFC 4954 section 4 */
};

struct SMTPClient {
    SimpleClient base;
    struct smtp_caps caps;
    char me[SMTP_NAME_MOST + 1]; /* how we have said hello */
    char enhanced[12];           /* of the latest reply */
    bool closing;                /* 421 was said: nothing more is asked */
    bool used;                   /* a transaction was begun on it at any time */
    bool begun;                  /* one may be open */
    bool sending;                /* a text, by smtp_data */
    size_t accepted;             /* recipients of the one that is open */
    struct sc_buf line;
    struct sc_answer last_words; /* smtp_queue.c: its 421 */
    SMTPClient *next;            /* and others that have ended */
};

static inline const struct smtp_class *smtp_class_of(const SMTPClient *s)
{
    return (const struct smtp_class *)(const void *)s->base.cls;
}

static inline bool smtp_has(const SMTPClient *s, unsigned extension)
{
    return (s->caps.have & extension) != 0;
}

/* --- smtp.c --- */

/* What all classes of mail share. */
int smtp_class_greet(SimpleClient *c);
int smtp_class_reply(SimpleClient *c, struct sc_reply *r);
int smtp_class_quit(SimpleClient *c);
void smtp_class_cleanup(SimpleClient *c);
/* The class for SERVER: its URL's scheme, or a path. */
const struct smtp_class *smtp_class_for(const char *server);
/* Before each command: 0; after a 421 the client is broken. MS: RFC 5321's time
 * for it, which holds where the options name none. */
int smtp_begin(SMTPClient *s, int64_t ms);
void smtp_time(SMTPClient *s, int64_t ms);

/* --- smtp_caps.c --- */

/* Forget, and learn from the lines of an EHLO's reply. */
void smtp_caps_reset(struct smtp_caps *caps);
int smtp_caps_parse(struct smtp_caps *caps, struct sc_span all);
/* "5.1.1 text", with the reply's CODE: TO is "5.1.1", or "" (RFC 2034). */
void smtp_enhanced_of(int code, struct sc_span text, char to[12]);

/* --- smtp_check.c: SC_EINVAL names WHAT --- */

int smtp_check_address(const char *what, const char *address, bool may_be_empty,
                       struct sc_error *e);
/* Parameters as text: " " between, nothing that ends a line. */
int smtp_check_params(const char *what, const char *params, struct sc_error *e);
/* A host's name or an address in brackets. */
int smtp_check_name(const char *what, const char *name, struct sc_error *e);
/* One word or text for VRFY and others. */
int smtp_check_text(const char *what, const char *text, struct sc_error *e);
/* RFC 3461 section 4: what is not printable becomes "+HH". */
int smtp_add_xtext(struct sc_buf *out, const char *text);
int smtp_add_number(struct sc_buf *out, uint64_t n);
bool smtp_is_ascii(const char *text, size_t n);

/* --- smtp_login.c --- */

/* STARTTLS as the options say, and the login they name. */
int smtp_secure(SMTPClient *s);
int smtp_login(SMTPClient *s);

#endif
