/* ftp_files.c - the files of a folder as records: MLSD (RFC 3659 section 7), else
 * LIST. */

#include <string.h>
#include <time.h>

#include "client/conn.h"

#include "ftp/ftp_client.h"

struct files {
    int (*fn)(void *arg, const struct ftp_entry *e);
    void *arg;
    bool facts;
    int64_t now;
};

static int one_file(const struct files *x, struct sc_span line)
{
    struct ftp_entry e;
    int rc;

    if (line.len > 0 && line.data[line.len - 1] == '\r')
        line.len--;
    if (line.len == 0)
        return 0;
    /* A line that is no file still is what the server said. */
    if (x->facts)
        ftp_parse_facts(line, &e);
    else
        ftp_parse_list(line, x->now, &e);
    rc = x->fn(x->arg, &e);
    return rc < 0 ? rc : 0;
}

/* All lines of LINE but one that is not complete yet, which stays. */
static int whole_lines(struct sc_buf *line, const struct files *x)
{
    const char *p = line->data, *end = p + line->len, *lf;
    int rc = 0;

    for (; rc == 0 && (lf = memchr(p, '\n', (size_t)(end - p))) != NULL;
         p = lf + 1)
        rc = one_file(x, (struct sc_span){p, (size_t)(lf - p)});
    line->len = (size_t)(end - p);
    memmove(line->data, p, line->len);
    return rc < 0 ? rc : line->len > FTP_LISTED_MOST ? SC_ETOOBIG : 0;
}

/* The last line may lack its end; whether it is whole, the 226 tells. */
static int each_line(SimpleClient *body, const struct files *x)
{
    struct sc_buf line = SC_BUF(2 * FTP_LISTED_MOST);
    char piece[1024];
    ssize_t n = 0;
    int rc = 0;

    while (rc == 0 && (n = sc_read_body(body, piece, sizeof piece)) > 0)
        if ((rc = sc_buf_add(&line, piece, (size_t)n)) == 0)
            rc = whole_lines(&line, x);
    if (rc == 0 && n == 0 && line.len > 0)
        rc = one_file(x, (struct sc_span){line.data, line.len});
    sc_buf_free(&line);
    return rc < 0 ? rc : (int)n;
}

/* The data has the limits of a body. */
static int read_files(FTPClient *f, Stream *data, const struct files *x)
{
    SimpleClient *body = ftp_body(f, data);
    int rc = each_line(body, x);

    if (rc < 0 && !sc_broken(&f->base))
        sc_fail(&f->base, rc, "list: %s",
                sc_broken(body) ? sc_last_error(body)->text : sc_strerror(rc));
    sc_drop(body);
    return rc;
}

/* FEAT may tell of what is switched off. */
static bool is_unknown(FTPClient *f)
{
    const struct sc_error *e = sc_last_error(&f->base);

    return !sc_broken(&f->base) && e->code == SC_EREPLY && e->status >= 500 &&
           e->status <= 504;
}

int ftp_files(FTPClient *f, const char *path,
              int (*fn)(void *arg, const struct ftp_entry *e), void *arg)
{
    struct files x = {.fn = fn, .arg = arg, .now = (int64_t)time(NULL)};
    Stream *data;
    int rc, done;

    if (!(f->features & FTP_FEAT) && (rc = ftp_feat(f)) < 0 && rc != SC_EREPLY)
        return rc;
    x.facts = f->features & FTP_FEAT_MLST;
    data = x.facts ? ftp_mlsd(f, path) : NULL;
    if (data == NULL && (!x.facts || is_unknown(f))) {
        x.facts = false;
        data = ftp_list(f, path);
    }
    if (data == NULL)
        return ftp_done(f, NULL);
    rc = read_files(f, data, &x);
    done = ftp_done(f, data);
    return rc < 0 ? rc : done;
}
