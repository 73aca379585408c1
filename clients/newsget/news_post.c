/* news_post.c - a file is posted as it lies there; what comes through a pipe is
 * read first: the article may have to be sent twice. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../term/shown.h"
#include "../term/usage.h"
#include "news_post.h"
#include "news_report.h"

enum { ARTICLE_MOST = 64 << 20 };

static int cannot_read(const char *why)
{
    fprintf(stderr, "%s: stdin: %s\n", program_name, why);
    return NEWS_READ;
}

static int read_pipe(struct sc_buf *text)
{
    char piece[16384];
    ssize_t n;
    int rc = sc_buf_add(text, "", 0);

    while (rc == 0 && (n = read(STDIN_FILENO, piece, sizeof piece)) != 0)
        if (n > 0)
            rc = sc_buf_add(text, piece, (size_t)n);
        else if (errno != EINTR)
            return cannot_read(strerror(errno));
    if (rc < 0)
        return cannot_read(sc_strerror(rc));
    return 0;
}

static int take_stdin(struct mail_source *source, struct sc_buf *text)
{
    off_t at = lseek(STDIN_FILENO, 0, SEEK_CUR);
    struct stat st;
    int rc;

    if (at >= 0 && fstat(STDIN_FILENO, &st) == 0 && S_ISREG(st.st_mode)) {
        source->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
        source->offset = (uint64_t)at;
        return source->fd >= 0 ? 0 : cannot_read(strerror(errno));
    }
    if ((rc = read_pipe(text)) == 0)
        source->data = (struct sc_span){text->data, text->len};
    return rc;
}

static int report(const struct news_job *j, const struct nntp_sent *r, int rc)
{
    if (j->o->mail.verbose) {
        fprintf(stderr, "%s: %s ", program_name,
                r->outcome == NNTP_SENT      ? "posted"
                : r->outcome == NNTP_UNKNOWN ? "may be posted"
                                             : "not posted");
        put_shown(stderr, r->id, strlen(r->id));
        fputc('\n', stderr);
    }
    if (rc >= 0)
        return 0;
    rc = report_failure(j, &r->error);
    return r->outcome == NNTP_UNKNOWN ? NEWS_UNKNOWN : rc;
}

int post_article(struct news_job *j)
{
    struct mail_source source = {.fd = 0};
    struct sc_buf text = SC_BUF(ARTICLE_MOST);
    struct nntp_sent r = {0};
    int code = take_stdin(&source, &text), rc;

    if (code == 0) {
        rc = nntp_send(j->server.data, &source, &j->connect, &r);
        code = report(j, &r, rc);
    }
    if (source.fd > 0)
        close(source.fd);
    sc_buf_free(&text);
    return code;
}
