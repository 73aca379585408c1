/* url.h - one door to every scheme: http(s), ftp(s), gopher(s), file, data,
 * pop3(s), nntp(s), news, and those that a program registers (scheme.h).
 *
 *     struct url *u = url_open("ftp://ftp.example.org/README", NULL);
 *     char buf[4096];
 *     ssize_t n;
 *
 *     while ((n = url_read(u, buf, sizeof buf)) > 0)
 *         fwrite(buf, 1, (size_t)n, stdout);
 *     if (n < 0)
 *         fprintf(stderr, "%s\n", url_last_error(u)->text);
 *     url_close(u);
 */
#ifndef SIMPLECLIENT_URL_H
#define SIMPLECLIENT_URL_H

#include <stdio.h>

#include <simpleclient/ftp.h>
#include <simpleclient/http.h>
#include <simpleclient/mail.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bits of url_options.flags. */
enum url_flag {
    URL_HEAD = 1,       /* what url_info tells, no bytes */
    URL_NAMES = 2,      /* of a list only the names (FTP: NLST) */
    URL_ASCII = 4,      /* FTP: TYPE A, as ";type=a" */
    URL_APPEND = 8,     /* url_put: at the end of what is there (FTP, file) */
    URL_MAKE_DIRS = 16, /* url_put: make the folders that are missing */
    URL_ANY_FILE = 32,  /* file: what is no regular file (a device; a FIFO,
                           which ends while nobody has it open for writing) */
    URL_DIRECTORY = 64  /* file: a directory is read as its names; else it is
                           -EISDIR but to url_list */
};

/* Zero bytes are the defaults. Read during the call that takes them; what they
 * point to is kept until url_close. */
struct url_options {
    unsigned flags;  /* enum url_flag */
    uint64_t offset; /* begin here: Range, REST. SC_ENOTSUP where it cannot be;
                       SC_EINVAL: it ends before that. url_put: FTP alone */
    uint64_t count;  /* at most so many bytes; 0: all. url_put: SC_EINVAL */
    const struct sc_options *options; /* of the connection */
    const struct http_request *http;  /* http and https: method, fields, session
                                          ...; url, offset, count above it */
    const struct ftp_options *ftp; /* ftp and ftps; with commands, an account,
                                          a cwd or clear data not from the pool */
    const char *news_server;       /* of "news:" URLs; NULL: $NNTPSERVER, else
                                          SC_EURL */
};

/* What is known of it; absent: -1, NULL, none. Borrowed. */
struct url_info {
    const char *url;    /* the final one, without password */
    const char *scheme; /* of it */
    const char *type;   /* media type: told, or by the name's end */
    int64_t size;       /* bytes that url_read will give in all */
    int64_t mtime;      /* seconds since 1970 */
    int status;         /* of http; else 0 */
    bool directory;     /* what is read is a list: url_list takes it apart */
    const struct sc_fields *fields; /* of http as they came; of others made of
                                       the above: Content-Type, Content-Length,
                                       Last-Modified, and what the scheme adds */
};

/* Open URL for reading. Refused before connecting: an unknown scheme
 * (SC_ENOTSUP), a URL that is none, or a path with CR, LF or NUL, coded or not
 * (SC_EURL). Waits. Never NULL: when it fails, every later call tells. A status
 * of http is no failure (unless its options say so). Owned; url_close in every
 * case. */
struct url;
SC_API struct url *url_open(const char *url, const struct url_options *opt);
/* Read 1..N bytes; 0 at the end, which is known to be the end: short data is an
 * error. Waits. */
SC_API ssize_t url_read(struct url *u, void *buf, size_t n);
/* Close. What was not read is not waited for; a connection that can be used
 * again goes to the pool. Returns what U was broken by, or 0. NULL is allowed.*/
SC_API int url_close(struct url *u);
/* What is known of it. Never NULL. Borrowed until U is closed. */
SC_API const struct url_info *url_info(struct url *u);
/* The latest failure. Borrowed until the next call on U. Never NULL. */
SC_API const struct sc_error *url_last_error(const struct url *u);

/* As a stdio FILE for reading; fclose closes all. A failure of reading is ferror,
 * errno EIO where it has no number. NULL: ERR (may be NULL) says why. */
SC_API FILE *url_fopen(const char *url, const struct url_options *opt,
                       struct sc_error *err);

/* All of it in memory. Zero bytes are an empty one. Owned. */
struct url_reply {
    struct sc_buf body; /* limit: the options' body_limit */
    char *url;          /* and so on: as struct url_info */
    char *type;
    int64_t size, mtime;
    int status;
    bool directory;
    struct sc_fields fields;
    struct sc_error error; /* of the call that failed */
};
/* Release the memory; R is empty and reusable. */
SC_API void url_reply_free(struct url_reply *r);
/* Fetch URL. Waits. Returns 0 or an error; R then has it, and what came so far. */
SC_API int url_get(const char *url, const struct url_options *opt,
                   struct url_reply *r);
/* Store FROM there: http PUT, FTP STOR, file, a POST of news. R (may be NULL)
 * tells what came back. What FROM fails to give is no file there: FTP's data is
 * reset, a file is as it was. SC_ENOTSUP: the scheme cannot. Waits. */
SC_API int url_put(const char *url, const struct mail_source *from,
                   const struct url_options *opt, struct url_reply *r);

/* One of a list: a file of an FTP or file: directory, an item of a Gopher menu, a
 * message of a mailbox, a group or an article of news. Borrowed. */
struct url_entry {
    const char
        *name;       /* to be shown: a file's name, an item's text, a subject */
    const char *url; /* where it is; NULL: a line that only says something */
    char kind;     /* 'f' file, 'd' directory, 'l' link, 'm' message, 'g' group,
                         'a' article, 's' search, 'i' said only, '?' not known */
    int64_t size;  /* -1: not known */
    int64_t mtime; /* -1: not known */
    const char *target; /* of a link, or NULL */
    struct sc_span raw; /* the line as it came */
};
/* Call FN for each, in the server's order; it may not wait; negative stops.
 * SC_ENOTSUP: the scheme has no lists. ERR may be NULL. Waits. */
SC_API int url_list(const char *url, const struct url_options *opt,
                    int (*fn)(void *arg, const struct url_entry *e), void *arg,
                    struct sc_error *err);

/* Make a scheme of one's own known (scheme.h). Kept. Once, before other threads
 * use the library. SC_EINVAL: a name that cannot be, or a slot not filled;
 * SC_EBUSY: there is one of this name; SC_ENOMEM: more than 32. */
struct url_scheme;
SC_API int url_register(const struct url_scheme *s);

#ifdef __cplusplus
}
#endif
#endif
