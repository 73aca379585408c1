/* ftp_data.h - a client of ftp_peer.h and what it takes from there. */
#ifndef TESTS_LOOPBACK_FTP_DATA_H
#define TESTS_LOOPBACK_FTP_DATA_H

#include <simpleclient/ftp.h>

#include "ftp/ftp_client.h"
#include "ftp_peer.h"
#include "sockets.h"

#define TEXT "0123456789abcdef\r\n"

static const struct sc_options usual = {.starttls = SC_STARTTLS_NEVER,
                                        .wait_ms = 3000,
                                        .connect_ms = 3000,
                                        .flags = SC_OPT_NO_POOL};
static struct ftp_peer peer;

static inline FTPClient *open_as(const struct ftp_options *how)
{
    FTPClient *f = ftp_open(peer.url, how, &usual);

    if (sc_broken(ftp_base(f)) < 0)
        fail_msg("%s", sc_last_error(ftp_base(f))->text);
    return f;
}

/* What comes is in GOT. Returns what ftp_done said. */
static char got[400];

static inline int take_all(FTPClient *f, Stream *data)
{
    size_t had = 0;
    ssize_t n;

    memset(got, 0, sizeof got);
    if (data == NULL)
        return ftp_done(f, NULL);
    while ((n = sc_stream_read(data, got + had, sizeof got - 1 - had, NULL)) >
           0)
        had += (size_t)n;
    return ftp_done(f, data);
}

static inline int retr(FTPClient *f)
{
    return take_all(f, ftp_retr(f, "file", 0));
}

static inline void assert_text(FTPClient *f, const char *words)
{
    const char *text = sc_last_error(ftp_base(f))->text;

    if (strstr(text, words) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", words, text);
}

static inline void assert_comes(FTPClient *f)
{
    int rc = retr(f);

    if (rc != 0)
        fail_msg("%s", sc_last_error(ftp_base(f))->text);
    assert_string_equal(got, TEXT);
}

#endif
