/* ftp_command.c - one command and its reply each (RFC 959 section 4.1, RFC 3659).
 */

#include <string.h>

#include "client/conn.h"
#include "core/text.h"
#include "ftp/ftp_client.h"

/* VERB PATH, answered by any code of CLASS. */
static int with_path(FTPClient *f, int class, const char *verb,
                     const char *path, struct sc_reply *r)
{
    int rc = ftp_check(f, "path", path);

    return rc < 0 ? rc : ftp_demand(f, class, r, "%s %s", verb, path);
}

static int simple(FTPClient *f, const char *verb, const char *path)
{
    struct sc_reply r;
    int rc = with_path(f, 2, verb, path, &r);

    return rc < 0 ? rc : 0;
}

int ftp_cwd(FTPClient *f, const char *path)
{
    return simple(f, "CWD", path);
}

int ftp_cdup(FTPClient *f)
{
    struct sc_reply r;
    int rc = ftp_demand(f, 2, &r, "CDUP");

    return rc < 0 ? rc : 0;
}

/* "257 "/a ""quoted"" name" is the folder", quotes doubled (RFC 959 section
 * 5.4, appendix II). */
static int unquote(struct sc_span text, struct sc_buf *path)
{
    const char *p = memchr(text.data, '"', text.len);
    const char *end = text.data + text.len;
    int rc;

    while (p != NULL && ++p < end) {
        const char *quote = memchr(p, '"', (size_t)(end - p));

        if (quote == NULL)
            break;
        if ((rc = sc_buf_add(path, p, (size_t)(quote - p))) < 0)
            return rc;
        if (quote + 1 == end || quote[1] != '"')
            return 0;
        if ((rc = sc_buf_add(path, "\"", 1)) < 0)
            return rc;
        p = quote + 1;
    }
    return SC_EPROTO;
}

int ftp_pwd(FTPClient *f, struct sc_buf *path)
{
    struct sc_reply r;
    int rc = ftp_demand(f, 2, &r, "PWD");

    if (rc >= 0 && (rc = unquote(r.text, path)) < 0)
        rc = sc_fail(&f->base, rc, "PWD: no folder in the answer");
    return rc < 0 ? rc : 0;
}

int ftp_size(FTPClient *f, const char *path, uint64_t *size)
{
    struct sc_reply r;
    int rc = with_path(f, 2, "SIZE", path, &r);

    if (rc >= 0 && sc_parse_u64(sc_trim(r.text), INT64_MAX, size) < 0)
        rc = sc_break(&f->base, SC_EPROTO, "SIZE: not a size");
    return rc < 0 ? rc : 0;
}

int ftp_mdtm(FTPClient *f, const char *path, int64_t *mtime)
{
    struct sc_reply r;
    int rc = with_path(f, 2, "MDTM", path, &r);

    if (rc >= 0 && ftp_parse_time(sc_trim(r.text), mtime) < 0)
        rc = sc_break(&f->base, SC_EPROTO, "MDTM: not a time");
    return rc < 0 ? rc : 0;
}

/* The one line between the first and the last (RFC 3659 section 7.2). */
int ftp_mlst(FTPClient *f, const char *path,
             int (*fn)(void *arg, const struct ftp_entry *e), void *arg)
{
    struct ftp_entry e;
    struct sc_reply r;
    const char *lf, *end;
    struct sc_span line;
    int rc = with_path(f, 2, "MLST", path, &r);

    if (rc < 0)
        return rc;
    if ((lf = memchr(r.all.data, '\n', r.all.len)) == NULL)
        return sc_break(&f->base, SC_EPROTO, "MLST: no line of facts");
    end = r.all.data + r.all.len;
    line.data = ++lf;
    lf = memchr(line.data, '\n', (size_t)(end - line.data));
    line.len = (size_t)((lf != NULL ? lf : end) - line.data);
    if (line.len > 0 && line.data[0] == ' ') {
        line.data++;
        line.len--;
    }
    if (ftp_parse_facts(line, &e) < 0)
        return sc_break(&f->base, SC_EPROTO, "MLST: not a line of facts");
    return (rc = fn(arg, &e)) < 0 ? rc : 0;
}

int ftp_dele(FTPClient *f, const char *path)
{
    return simple(f, "DELE", path);
}

int ftp_rename(FTPClient *f, const char *from, const char *to)
{
    struct sc_reply r;
    int rc = ftp_check(f, "path", to);

    if (rc == 0 && (rc = with_path(f, 3, "RNFR", from, &r)) >= 0)
        rc = with_path(f, 2, "RNTO", to, &r);
    return rc < 0 ? rc : 0;
}

int ftp_mkd(FTPClient *f, const char *path)
{
    return simple(f, "MKD", path);
}

int ftp_rmd(FTPClient *f, const char *path)
{
    return simple(f, "RMD", path);
}

int ftp_opts(FTPClient *f, const char *options)
{
    return simple(f, "OPTS", options);
}

int ftp_command(FTPClient *f, const char *command, struct sc_buf *out)
{
    struct sc_reply r;
    int rc = ftp_check(f, "command", command);

    if (rc < 0 || (rc = ftp_ask(f, &r, "%s", command)) < 0)
        return rc;
    if (rc >= 400)
        return sc_refuse(&f->base, &r);
    if (out != NULL && (rc = sc_buf_add(out, r.all.data, r.all.len)) < 0)
        return sc_fail(&f->base, rc, "the reply: %s", sc_strerror(rc));
    return r.code;
}

int ftp_site(FTPClient *f, const char *command, struct sc_buf *out)
{
    struct sc_buf line = SC_BUF(FTP_LINE_MOST);
    int rc = ftp_check(f, "command", command);

    if (rc == 0 && (rc = sc_buf_addf(&line, "SITE %s", command)) < 0)
        rc = sc_fail(&f->base, rc, "SITE: %s", sc_strerror(rc));
    if (rc == 0)
        rc = ftp_command(f, line.data, out);
    sc_buf_free(&line);
    return rc < 0 ? rc : 0;
}

int ftp_noop(FTPClient *f)
{
    struct sc_reply r;
    int rc = ftp_demand(f, 2, &r, "NOOP");

    return rc < 0 ? rc : 0;
}
