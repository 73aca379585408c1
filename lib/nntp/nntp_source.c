/* nntp_source.c - an article goes out as a dot block (RFC 3977 section 3.1.1),
 * from memory, a file or a function, a piece at a time. One that cannot be sent
 * to its end is cut: the final dot would make an article of half of it. */

#include <errno.h>
#include <unistd.h>

#include "client/conn.h"
#include "core/mem.h"
#include "nntp/nntp_client.h"

enum { PIECE = 32768 };

static ssize_t read_file(const struct mail_source *a, uint64_t at, char *to)
{
    ssize_t got;

    do
        got = pread(a->fd, to, PIECE, (off_t)(a->offset + at));
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

static ssize_t read_piece(const struct mail_source *a, uint64_t at, char *to)
{
    ssize_t got;

    if (a->read == NULL)
        return read_file(a, at, to);
    got = a->read(a->arg, to, PIECE);
    return got > PIECE ? SC_EINVAL : got;
}

static int cut(NNTPClient *n, int rc, const char *why)
{
    return sc_break(&n->base, rc, "%s: the article was cut, not sent", why);
}

static int send_pieces(NNTPClient *n, const struct mail_source *a, char *piece)
{
    uint64_t at = 0;
    ssize_t got;
    int rc = 0;

    while ((got = read_piece(a, at, piece)) > 0) {
        if ((rc = sc_write_dot(&n->base, piece, (size_t)got)) < 0)
            return rc;
        at += (uint64_t)got;
    }
    return got < 0 ? cut(n, (int)got, "it could not be read") : rc;
}

static int send_text(NNTPClient *n, const struct mail_source *a)
{
    char *piece;
    int rc;

    if (a->read == NULL && a->fd <= 0)
        return sc_write_dot(&n->base, a->data.data, a->data.len);
    if ((piece = sc_malloc(PIECE)) == NULL)
        return cut(n, SC_ENOMEM, sc_strerror(SC_ENOMEM));
    rc = send_pieces(n, a, piece);
    sc_free(piece);
    return rc;
}

int nntp_send_article(NNTPClient *n, const struct mail_source *article)
{
    int rc = send_text(n, article);

    if (rc == 0)
        rc = sc_end_dot(&n->base);
    if (rc < 0) /* the server waits for an article: no command can follow */
        return cut(n, rc, sc_strerror(rc));
    return 0;
}
