/* ftp_files.c - the files of a folder as records: MLSD (RFC 3659 section 7), else
 * LIST. */

#include <time.h>

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

    /* A line that is no file still is what the server said. */
    if (x->facts)
        ftp_parse_facts(line, &e);
    else
        ftp_parse_list(line, x->now, &e);
    rc = x->fn(x->arg, &e);
    return rc < 0 ? rc : 0;
}

static int each_line(SimpleClient *lines, const struct files *x)
{
    struct sc_span line;
    int rc;

    while ((rc = sc_readline(lines, &line)) == 0) {
        if (line.len > 0 && (rc = one_file(x, line)) < 0)
            return rc;
    }
    return rc == SC_EOF ? 0 : rc;
}

/* The data is lines: a plain client reads them, with its limits. */
static int read_files(FTPClient *f, Stream *data, const struct files *x)
{
    struct sc_options o = *sc_client_options(&f->base);
    SimpleClient *lines;
    int rc;

    o.line_limit = FTP_LISTED_MOST;
    o.trace = NULL;
    sc_stream_hold(data); /* for ftp_done, which lets go of it */
    lines = sc_attach(&sc_simple_class, data, &o);
    if ((rc = each_line(lines, x)) < 0)
        sc_fail(&f->base, rc, "list: %s", sc_last_error(lines)->text);
    sc_drop(lines);
    return rc;
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
    data = x.facts ? ftp_mlsd(f, path) : ftp_list(f, path);
    if (data == NULL)
        return ftp_done(f, NULL);
    rc = read_files(f, data, &x);
    done = ftp_done(f, data);
    return rc < 0 ? rc : done;
}
