/* pop3.h - mail fetched fast and never lost: POP3 (RFC 1939), with CAPA (2449),
 * STLS (2595), AUTH (5034), UTF8 and LANG (6856), response codes (3206).
 *
 *     struct pop3_fetch how = {.maildir = "/home/joe/Maildir"};
 *     struct pop3_result r = {0};
 *
 *     if (pop3_fetch("pop3s://joe:secret@mail.example.org/", &how, &r) < 0)
 *         fprintf(stderr, "%s\n", r.error.text);
 *     pop3_result_free(&r);
 */
#ifndef SIMPLECLIENT_POP3_H
#define SIMPLECLIENT_POP3_H

#include <simpleclient/client.h>
#include <simpleclient/sasl.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- one call --- */

/* Bits of pop3_fetch.flags. */
enum pop3_flag {
    POP3_KEEP = 1,   /* leave messages on the server */
    POP3_HEADERS = 2 /* TOP n 0: the header only; keeps, and notes nothing */
};

/* What is known of a message; borrowed. */
struct pop3_message {
    uint32_t number; /* of this session */
    const char *uid; /* or "" where the server has no UIDL */
    uint64_t size;   /* as LIST says */
};

/* Where messages go: exactly one of SINK, MAILDIR, MBOX and COMMAND. Zero bytes
 * but for that: every message is stored, then deleted. */
struct pop3_fetch {
    unsigned flags; /* enum pop3_flag */
    /* Asked of every message that is neither known nor too large, before any is
     * fetched: 1: fetch it, 0: skip it, negative: nothing is fetched. NULL: all.
     * May wait. */
    int (*want)(void *arg, const struct pop3_message *m);
    /* SINK gets bytes (lines end in CRLF) between a call of BEGIN and one of
     * END. BEGIN 0: go on. END with RC 0: the message is whole; 0 says that it
     * is safe and may be deleted. END with RC negative: it was cut, what came is
     * to be thrown away; its result counts for nothing. A negative result of any
     * stops the fetching. BEGIN and END may be NULL. All may wait. */
    int (*begin)(void *arg, const struct pop3_message *m);
    sc_sink sink;
    int (*end)(void *arg, const struct pop3_message *m, int rc);
    void *arg;
    const char *maildir; /* a folder with tmp, new, cur: made if need be */
    const char *mbox;    /* a file, as mail_mbox_begin (mail.h) */
    const char *command; /* of sh -c, run when a message is whole, which is its
                            stdin (lines end in LF); exit 0: stored */
    /* File of the UIDs that were stored, of this account (the options' authzid,
     * else the user, at this server) alone: those are not fetched again but,
     * unless POP3_KEEP, deleted. Thus a message is neither lost nor fetched
     * twice, whenever the connection is lost; with MAILDIR not even if the
     * program is killed. One run at a time may use it. NULL: none. */
    const char *state;
    uint64_t max_size;                /* larger ones are skipped; 0: none */
    const struct sc_options *options; /* NULL: the defaults */
};

/* Zero bytes are an empty one. */
struct pop3_result {
    uint64_t total;     /* messages in the mailbox */
    uint64_t fetched;   /* stored by this call */
    uint64_t skipped;   /* known, too large, or not wanted */
    uint64_t deleted;   /* and gone: QUIT was answered by +OK */
    uint64_t undecided; /* marked, but QUIT was not answered so: the state
                           file says "delete again" */
    struct sc_error error;
};
/* Empty it; it holds no memory now. */
SC_API void pop3_result_free(struct pop3_result *r);

/* Fetch a mailbox. URL: pop3[s]://[user[:password]@]host[:port]/. A message is
 * deleted only after it was stored: written, synced, and its name in the
 * directory, synced too. Pipelined where the server can. Waits. Returns 0 or the
 * first error; what was stored before is stored, and R counts. SC_EREPLY: the
 * login, or a message that the others did not wait for. SC_EINVAL: not one place
 * to put messages, an empty name, or a state file of another account; SC_EBUSY:
 * it is in use; SC_ENOTSUP: STATE and a server without UIDL, POP3_HEADERS and one
 * without TOP; SC_EPROTO: a list that names a message twice, or (with STATE)
 * gives it no UID; SC_ETOOBIG: a message beyond MAX_SIZE that LIST has made
 * smaller: it is left, and so are the others if more than 4 MiB had to be thrown
 * away; -EIO: COMMAND has failed. */
SC_API int pop3_fetch(const char *url, const struct pop3_fetch *how,
                      struct pop3_result *r);

/* --- an open client --- */

typedef struct POP3Client POP3Client;

enum pop3_capability {
    POP3_CAP_CAPA = 1, /* CAPA itself was understood */
    POP3_CAP_TOP = 2,
    POP3_CAP_USER = 4,
    POP3_CAP_SASL = 8,
    POP3_CAP_STLS = 16,
    POP3_CAP_UIDL = 32,
    POP3_CAP_PIPELINING = 64,
    POP3_CAP_RESP_CODES = 128,
    POP3_CAP_AUTH_RESP_CODE = 256,
    POP3_CAP_UTF8 = 512,
    POP3_CAP_LANG = 1024
};
struct pop3_caps {
    unsigned have;     /* enum pop3_capability */
    int expire_days;   /* -1: none told or NEVER */
    int login_delay_s; /* 0: none told */
    char sasl[512];    /* mechanisms, separated by spaces */
    char implementation[128];
    struct sc_buf all; /* every line as it came, LF between */
};

/* Connect to SERVER ("host[:port]", port 110, or a URL as pop3_fetch), read the
 * greeting, CAPA, STLS as the options say, log in if they name a user: SASL, else
 * USER and PASS, else APOP (only in clear, where the alternative would show the
 * password). The options' mechanisms may name "USER" and "APOP" beside those of
 * SASL. Waits. Never NULL (as sc_open). */
SC_API POP3Client *pop3_open(const char *server, const struct sc_options *opt);
/* Say QUIT (messages marked are deleted then) and close. Returns QUIT's result:
 * SC_EREPLY: some could not be removed. */
SC_API int pop3_close(POP3Client *c);
/* The SimpleClient it is: for sc_last_error, sc_timeout, sc_trace ... */
SC_API SimpleClient *pop3_base(POP3Client *c);
/* Borrowed until C asks for them again (CAPA, STLS) or is closed. */
SC_API const struct pop3_caps *pop3_capabilities(POP3Client *c);
/* The response code of the latest -ERR ("IN-USE", "SYS/TEMP", "AUTH"), or "". */
SC_API const char *pop3_response_code(POP3Client *c);

/* Commands. SC_EREPLY: -ERR, in order. CR, LF, NUL in a text: SC_EINVAL, nothing
 * sent. All wait. */
SC_API int pop3_capa(POP3Client *c);
SC_API int pop3_stls(POP3Client *c, const struct sc_tls_options *opt);
SC_API int pop3_user(POP3Client *c, const char *user, const char *password);
SC_API int pop3_apop(POP3Client *c, const char *user, const char *password);
SC_API int pop3_auth(POP3Client *c, const struct sc_sasl_login *login);
SC_API int pop3_stat(POP3Client *c, uint32_t *messages, uint64_t *bytes);
/* LIST and UIDL of all: FN is called for each line, in the server's order; it may
 * not wait. Negative stops and breaks C. Of one: fills SIZE, or UID (at least 71
 * bytes). */
SC_API int pop3_list(POP3Client *c,
                     int (*fn)(void *arg, uint32_t number, uint64_t size),
                     void *arg);
SC_API int pop3_list_one(POP3Client *c, uint32_t number, uint64_t *size);
SC_API int pop3_uidl(POP3Client *c,
                     int (*fn)(void *arg, uint32_t number, const char *uid),
                     void *arg);
SC_API int pop3_uidl_one(POP3Client *c, uint32_t number, char uid[71]);
/* A message, dots unstuffed, lines ended in CRLF, into SINK in constant memory. */
SC_API int pop3_retr(POP3Client *c, uint32_t number, sc_sink sink, void *arg);
/* Its header and the first LINES lines of its text. */
SC_API int pop3_top(POP3Client *c, uint32_t number, uint32_t lines,
                    sc_sink sink, void *arg);
SC_API int pop3_dele(POP3Client *c, uint32_t number);
SC_API int pop3_noop(POP3Client *c);
SC_API int pop3_rset(POP3Client *c);
SC_API int pop3_utf8(POP3Client *c);
/* LANG NAME; NULL lists the languages into OUT, one a line. */
SC_API int pop3_lang(POP3Client *c, const char *name, struct sc_buf *out);
SC_API int pop3_quit(POP3Client *c);

#ifdef __cplusplus
}
#endif
#endif
