/* ftp.h - FTP (RFC 959), with TLS (2228, 4217), FEAT and OPTS (2389), EPRT and
 * EPSV (2428), UTF8 (2640), MLST, MDTM, SIZE, REST (3659).
 *
 *     FTPClient *c = ftp_open("ftp://ftp.example.org/", NULL, NULL);
 *     Stream *data = ftp_retr(c, "pub/README", 0);
 *
 *     while ((n = sc_stream_read(data, buf, sizeof buf, NULL)) > 0) ...
 *     if (ftp_done(c, data) < 0) // 226, and not short
 *         fprintf(stderr, "%s\n", sc_last_error(ftp_base(c))->text);
 *     ftp_close(c);
 */
#ifndef SIMPLECLIENT_FTP_H
#define SIMPLECLIENT_FTP_H

#include <simpleclient/client.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bits of ftp_options.flags. */
enum ftp_flag {
    FTP_ACTIVE = 1,    /* EPRT, then PORT: the server connects */
    FTP_NO_EPSV = 2,   /* PASV at once (not over IPv6) */
    FTP_NO_EPRT = 4,   /* PORT at once (not over IPv6) */
    FTP_CLEAR_DATA = 8 /* PROT C: data is not protected, though control is */
};
struct ftp_options {
    unsigned flags;      /* enum ftp_flag */
    const char *active;  /* FTP_ACTIVE: the address, or interface, to be called
                            at; NULL or "-": that of the control connection */
    const char *account; /* ACCT, if it is asked for */
    const char *alternative; /* sent instead, where USER fails */
    /* Commands as they are, NULL-ended; "*" before one: its refusal is no
     * failure. After the login, before the transfer (url_open: in the file's
     * folder), after it. */
    const char *const *before;
    const char *const *ready;
    const char *const *after;
    int cwd; /* url_open: enum ftp_cwd */
};
enum ftp_cwd {
    FTP_NO_CWD,    /* none: the path is given to RETR */
    FTP_MULTI_CWD, /* RFC 1738: one CWD a part of the path */
    FTP_SINGLE_CWD /* one CWD with the whole folder */
};

enum ftp_feature {
    FTP_FEAT = 1, /* FEAT itself was understood */
    FTP_FEAT_AUTH_TLS = 2,
    FTP_FEAT_PBSZ = 4,
    FTP_FEAT_PROT = 8,
    FTP_FEAT_EPSV = 16,
    FTP_FEAT_EPRT = 32,
    FTP_FEAT_MDTM = 64,
    FTP_FEAT_SIZE = 128,
    FTP_FEAT_REST_STREAM = 256,
    FTP_FEAT_MLST = 512,
    FTP_FEAT_UTF8 = 1024,
    FTP_FEAT_TVFS = 2048
};

/* A file of a list. Spans are borrowed until the function that was given it
 * returns. */
struct ftp_entry {
    struct sc_span name;
    char kind;     /* 'f', 'd', 'l', 'c' this folder, 'p' its parent, '?' */
    int64_t size;  /* -1: not told */
    int64_t mtime; /* seconds since 1970 (of LIST: as if UTC, to a minute or
                           a day); -1: not told */
    struct sc_span target; /* of a link */
    struct sc_span perm;   /* MLSD's "perm", or LIST's "rw-r--r--" */
    struct sc_span raw;    /* the line */
};
/* Take a line of LIST apart: Unix and DOS form; other: SC_EPROTO, OUT has raw.
 * NOW (seconds since 1970) is the year of dates without one. */
SC_API int ftp_parse_list(struct sc_span line, int64_t now,
                          struct ftp_entry *out);
/* A line of MLSD or MLST (RFC 3659 section 7.2). */
SC_API int ftp_parse_facts(struct sc_span line, struct ftp_entry *out);
/* "20260131235959" and a fraction (RFC 3659 section 2.3). */
SC_API int ftp_parse_time(struct sc_span text, int64_t *out);

typedef struct FTPClient FTPClient;

/* Connect to SERVER ("host[:port]", port 21, 990 for TLS, or a URL
 * ftp[s]://[user[:password]@]host[:port]/), read the greeting, AUTH TLS as the
 * options' starttls says (never, if it names no policy but the default and the
 * server does not offer it), PBSZ, PROT, USER and PASS (anonymous where no user
 * is named), FEAT. How is kept until the client is closed; NULL: the defaults.
 * Waits. Never NULL (as sc_open). */
SC_API FTPClient *ftp_open(const char *server, const struct ftp_options *how,
                           const struct sc_options *opt);
/* Say QUIT and close (as sc_close). NULL is allowed. */
SC_API int ftp_close(FTPClient *c);
/* The SimpleClient it is: for sc_last_error, sc_timeout, sc_trace ... */
SC_API SimpleClient *ftp_base(FTPClient *c);
/* enum ftp_feature. */
SC_API unsigned ftp_features(FTPClient *c);
/* The lines of FEAT, LF between. Borrowed. */
SC_API const struct sc_buf *ftp_feature_lines(FTPClient *c);

/* Data. Each opens a data connection (EPSV, else PASV, whose address is never
 * believed: it is always the server's own) and says its verb; the stream is read
 * to its end, or written, and then given to ftp_done. NULL: sc_last_error says
 * why; SC_EREPLY: refused, in order. TYPE I is said before if need be. They wait.
 * An upload whose stream is closed without ftp_done is given up: the server sees
 * a reset, never the end of a file.
 * A path with CR, LF or NUL: SC_EINVAL, nothing sent. */
SC_API Stream *ftp_retr(FTPClient *c, const char *path, uint64_t offset);
SC_API Stream *ftp_stor(FTPClient *c, const char *path, uint64_t offset);
SC_API Stream *ftp_appe(FTPClient *c, const char *path);
/* PATH may be NULL: the current folder. */
SC_API Stream *ftp_list(FTPClient *c, const char *path);
SC_API Stream *ftp_nlst(FTPClient *c, const char *path);
SC_API Stream *ftp_mlsd(FTPClient *c, const char *path);
/* Close DATA (of C; NULL is allowed) and read the reply: 226 or 250. A stream not
 * read to its end is given up with ABOR. SC_ESHORT: the server said success, but
 * fewer bytes came than its 150 told. Waits. */
SC_API int ftp_done(FTPClient *c, Stream *data);
/* MLSD if FEAT tells of it, else LIST: each file to FN; a line that cannot be read
 * has kind '?' and raw alone. FN may not wait; negative stops (ABOR). */
SC_API int ftp_files(FTPClient *c, const char *path,
                     int (*fn)(void *arg, const struct ftp_entry *e),
                     void *arg);

/* One command and its reply each. All wait. 0; SC_EREPLY: refused, in order;
 * SC_EPROTO: an answer that cannot be read. CR, LF or NUL in a text: SC_EINVAL,
 * nothing sent. */
SC_API int ftp_login(FTPClient *c, const char *user, const char *password);
/* AUTH TLS, PBSZ 0, PROT P (or C). Before the login. */
SC_API int ftp_auth_tls(FTPClient *c, const struct sc_tls_options *opt);
SC_API int ftp_type(FTPClient *c, char type); /* 'A' or 'I' */
SC_API int ftp_cwd(FTPClient *c, const char *path);
SC_API int ftp_cdup(FTPClient *c);
/* The current folder is appended to PATH. */
SC_API int ftp_pwd(FTPClient *c, struct sc_buf *path);
/* In bytes, of the TYPE in force. */
SC_API int ftp_size(FTPClient *c, const char *path, uint64_t *size);
/* In seconds since 1970. */
SC_API int ftp_mdtm(FTPClient *c, const char *path, int64_t *mtime);
/* FN gets the one entry. */
SC_API int ftp_mlst(FTPClient *c, const char *path,
                    int (*fn)(void *arg, const struct ftp_entry *e), void *arg);
SC_API int ftp_dele(FTPClient *c, const char *path);
/* RNFR and RNTO. */
SC_API int ftp_rename(FTPClient *c, const char *from, const char *to);
SC_API int ftp_mkd(FTPClient *c, const char *path);
SC_API int ftp_rmd(FTPClient *c, const char *path);
SC_API int ftp_feat(FTPClient *c);
SC_API int ftp_opts(FTPClient *c, const char *options);
/* The lines of the reply are appended to OUT (may be NULL), LF between. */
SC_API int ftp_site(FTPClient *c, const char *command, struct sc_buf *out);
/* COMMAND as it is. Returns the code of its reply. */
SC_API int ftp_command(FTPClient *c, const char *command, struct sc_buf *out);
SC_API int ftp_noop(FTPClient *c);
/* ftp_close says it, too. */
SC_API int ftp_quit(FTPClient *c);

#ifdef __cplusplus
}
#endif
#endif
