/* ftp_client.h - what is inside an FTPClient. Private to ftp/ and its tests. */
#ifndef SC_FTP_CLIENT_H
#define SC_FTP_CLIENT_H

#include <simpleclient/class.h>
#include <simpleclient/ftp.h>

extern const struct client_class ftp_class;

enum {
    FTP_LINE_MOST = 4096,  /* a command: servers take paths of PATH_MAX */
    FTP_LISTED_MOST = 8192 /* a line of a list */
};

struct ftp_data;

struct FTPClient {
    SimpleClient base;
    const struct ftp_options *how; /* never NULL */
    unsigned features;             /* enum ftp_feature */
    struct sc_buf lines;           /* of FEAT */
    char type;                     /* as TYPE was said; 0: not yet */
    char wish;                     /* of RETR, STOR, APPE; 0: 'I' */
    bool protects;                 /* PROT P */
    bool no_epsv, no_eprt;         /* refused once: not asked again */
    bool over;                     /* QUIT was said */
    int64_t told;                  /* bytes that 150 promised; or -1 */
    uint64_t rest;                 /* where the transfer began */
    bool tells;                    /* its 150s have told the right size */
    struct ftp_data *data;         /* the one that is open */
};

/* --- ftp.c --- */

/* Send a command and read its reply. Returns the code (100..599), or an error:
 * 421 breaks F. */
int ftp_ask(FTPClient *f, struct sc_reply *r, const char *fmt, ...)
    SC_PRINTF(3, 4);
/* As ftp_ask; CLASS (2: any 2xx) must be the answer, else as sc_expect. */
int ftp_demand(FTPClient *f, int class, struct sc_reply *r, const char *fmt,
               ...) SC_PRINTF(4, 5);
/* A reply alone: its code, as ftp_ask. */
int ftp_reply(FTPClient *f, struct sc_reply *r);
/* CR, LF, NUL or nothing in TEXT: SC_EINVAL, which names WHAT. */
int ftp_check(FTPClient *f, const char *what, const char *text);
/* Commands as they are, "*" before one whose refusal is no failure. */
int ftp_say_all(FTPClient *f, const char *const *commands);

/* --- ftp_login.c --- */

int ftp_secure(FTPClient *f);
int ftp_log_in(FTPClient *f);
void ftp_learn(FTPClient *f, struct sc_span lines);

/* --- ftp_data.c --- */

/* TYPE, for what follows at once: ftp_type says what transfers wish. */
int ftp_type_now(FTPClient *f, char type);
/* A client that reads DATA with the limits and deadlines of bodies; it is dropped
 * before ftp_done is given DATA. Never NULL. */
SimpleClient *ftp_body(FTPClient *f, Stream *data);
/* F goes, its data may stay. */
void ftp_orphan(FTPClient *f);
/* True if reading or writing DATA, a stream of ftp_retr ..., has failed. */
bool ftp_data_failed(const Stream *data);

/* --- ftp_way.c: NULL: an error was noted. They wait. --- */

/* EPSV, else PASV, and connect there. */
Stream *ftp_call(FTPClient *f);
/* Listen, and say where (EPRT, else PORT); then, once the server has said that it
 * will: take its connection, and no other's. */
struct sc_listener *ftp_wait_for_call(FTPClient *f);
Stream *ftp_be_called(FTPClient *f, struct sc_listener *l);

/* --- ftp_port.c: the addresses of EPSV, PASV, EPRT, PORT --- */

/* "Entering Extended Passive Mode (|||1234|)", "(h1,h2,h3,h4,p1,p2)": the port,
 * and nothing else. Return 1..65535 or SC_EPROTO. */
int ftp_port_of_epsv(struct sc_span text);
int ftp_port_of_pasv(struct sc_span text);
/* "|1|10.0.0.1|1234|", "10,0,0,1,4,210" into OUT. */
int ftp_eprt_of(const char *address, int port, char *out, size_t size);
int ftp_port_words(const char *address, int port, char *out, size_t size);
/* The bytes that the text of a 150 promises: "... (1234 bytes)"; or -1. */
int64_t ftp_bytes_of(struct sc_span text);

#endif
