/* ftp.c - FTPClient: the class, replies of many lines (RFC 959 section 4.2), the
 * greeting, open and close. */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "client/conn.h"
#include "core/mem.h"
#include "core/text.h"
#include "ftp/ftp_client.h"

/* --- replies --- */

/* "230 text", "230-text": the code, or -1. */
static int code_of(struct sc_span line, bool *more)
{
    const char *p = line.data;

    if (line.len < 3 || p[0] < '1' || p[0] > '5' || !sc_is_digit(p[1]) ||
        !sc_is_digit(p[2]) || (line.len > 3 && p[3] != ' ' && p[3] != '-'))
        return -1;
    *more = line.len > 3 && p[3] == '-';
    return (p[0] - '0') * 100 + (p[1] - '0') * 10 + (p[2] - '0');
}

static struct sc_span behind_code(struct sc_span line)
{
    size_t n = line.len > 3 ? 4 : line.len;

    return (struct sc_span){line.data + n, line.len - n};
}

static int gather(SimpleClient *c, struct sc_buf *all, struct sc_span text,
                  bool first)
{
    int rc = 0;

    if (!first)
        rc = sc_buf_add(all, "\n", 1);
    if (rc == 0)
        rc = sc_buf_add(all, text.data, text.len);
    return rc < 0
               ? sc_break(c, rc, "a reply of more than %zu bytes", all->limit)
               : 0;
}

/* Lines between "211-" and "211 " are as they like, digits too. */
static int read_more(SimpleClient *c, struct sc_reply *r)
{
    const int most = sc_client_options(c)->reply_lines;
    struct sc_buf *all = &c->conn->reply;
    struct sc_span line, text = r->text;
    bool last = false, more;
    int rc;

    all->len = 0;
    all->limit = sc_client_options(c)->reply_limit;
    while ((rc = gather(c, all, text, r->lines == 1)) == 0 && !last) {
        if ((rc = sc_readline(c, &line)) < 0)
            return rc;
        last = code_of(line, &more) == r->code && !more;
        text = last ? behind_code(line) : line;
        if (++r->lines > most)
            return sc_break(c, SC_ETOOBIG, "a reply of more than %d lines",
                            most);
    }
    if (rc < 0)
        return rc;
    r->all = (struct sc_span){all->data, all->len};
    r->text = (struct sc_span){all->data + all->len - text.len, text.len};
    return 0;
}

static int ftp_class_reply(SimpleClient *c, struct sc_reply *r)
{
    struct sc_span line;
    char shown[80];
    bool more;
    int rc;

    if ((rc = sc_readline(c, &line)) < 0)
        return rc;
    if ((r->code = code_of(line, &more)) < 0) {
        sc_show(shown, sizeof shown, line.data, line.len);
        return sc_break(c, SC_EPROTO, "not a reply: %s", shown);
    }
    r->lines = 1;
    r->text = r->all = behind_code(line);
    return more ? read_more(c, r) : 0;
}

/* --- commands --- */

int ftp_reply(FTPClient *f, struct sc_reply *r)
{
    SimpleClient *c = &f->base;
    int rc;

    if ((rc = sc_reply(c, r)) < 0)
        return rc;
    if (r->code != 421) /* RFC 959 section 5.4: at any time */
        return r->code;
    sc_refuse(c, r);
    return sc_broken(c) ? sc_broken(c)
                        : sc_break(c, SC_EREPLY, "%s", sc_last_error(c)->text);
}

static int vask(FTPClient *f, struct sc_reply *r, const char *fmt, va_list ap)
{
    struct sc_buf line = SC_BUF(FTP_LINE_MOST);
    int rc = sc_broken(&f->base);

    if (rc == 0 && (rc = sc_buf_vaddf(&line, fmt, ap)) < 0)
        rc = sc_fail(&f->base, rc == SC_ETOOBIG ? SC_EINVAL : rc,
                     "a command of more than %d bytes", FTP_LINE_MOST);
    if (rc == 0) {
        sc_writeline_n(&f->base, line.data, line.len);
        rc = ftp_reply(f, r);
    }
    if (line.data != NULL)
        sc_wipe(line.data, line.cap); /* it may be PASS */
    sc_buf_free(&line);
    return rc;
}

int ftp_ask(FTPClient *f, struct sc_reply *r, const char *fmt, ...)
{
    va_list ap;
    int rc;

    va_start(ap, fmt);
    rc = vask(f, r, fmt, ap);
    va_end(ap);
    return rc;
}

int ftp_demand(FTPClient *f, int class, struct sc_reply *r, const char *fmt,
               ...)
{
    va_list ap;
    int rc;

    va_start(ap, fmt);
    rc = vask(f, r, fmt, ap);
    va_end(ap);
    if (rc < 0)
        return rc;
    return rc / 100 == class ? rc : sc_refuse(&f->base, r);
}

int ftp_check(FTPClient *f, const char *what, const char *text)
{
    int rc = sc_broken(&f->base);

    if (rc < 0)
        return rc;
    f->base.conn->command[0] = '\0'; /* the latest one has no part in it */
    if (text == NULL || *text == '\0')
        return sc_fail(&f->base, SC_EINVAL, "no %s", what);
    if (!sc_line_safe(text, strlen(text)))
        return sc_fail(&f->base, SC_EINVAL, "a line break in the %s", what);
    return 0;
}

int ftp_say_all(FTPClient *f, const char *const *commands)
{
    struct sc_reply r;
    bool may_fail;
    int rc = 0;

    for (; commands != NULL && *commands != NULL && rc == 0; commands++) {
        may_fail = **commands == '*';
        if ((rc = ftp_check(f, "command", *commands + may_fail)) < 0)
            return rc;
        if ((rc = ftp_ask(f, &r, "%s", *commands + may_fail)) < 0)
            return rc;
        rc = rc >= 400 && !may_fail ? sc_refuse(&f->base, &r) : 0;
    }
    return rc;
}

/* --- the slots --- */

static const struct ftp_options usual;

static int ftp_class_greet(SimpleClient *c)
{
    FTPClient *f = (FTPClient *)c;
    struct sc_reply r;
    int rc;

    if (f->how == NULL)
        f->how = &usual;
    f->type = '\0';
    f->told = -1;
    f->protects = f->over = false;
    do { /* 120: ready in some minutes */
        if ((rc = sc_reply(c, &r)) < 0)
            return rc;
    } while (r.code == 120);
    if (r.code != 220)
        return sc_refuse(c, &r);
    if ((rc = ftp_secure(f)) < 0)
        return rc;
    return ftp_log_in(f);
}

static int ftp_class_quit(SimpleClient *c)
{
    FTPClient *f = (FTPClient *)c;
    int rc;

    if (f->over)
        return 0;
    f->over = true;
    sc_writeline(c, "QUIT");
    rc = sc_expect(c, 2, NULL);
    return rc < 0 ? rc : 0;
}

static void ftp_class_cleanup(SimpleClient *c)
{
    ftp_orphan((FTPClient *)c);
    sc_buf_free(&((FTPClient *)c)->lines);
    sc_client_cleanup(c);
}

const struct client_class ftp_class = {
    .name = "ftp",
    .scheme = "ftp",
    .port = 21,
    .tls_port = 990,
    .size = sizeof(FTPClient),
    .line_limit = FTP_LINE_MOST,
    .forwards = false,
    .alpn = NULL,
    .goodbye = "QUIT",
    .greet = ftp_class_greet,
    .reply = ftp_class_reply,
    .quit = ftp_class_quit,
    .cleanup = ftp_class_cleanup,
};

/* --- open and close --- */

FTPClient *ftp_open(const char *server, const struct ftp_options *how,
                    const struct sc_options *opt)
{
    struct sc_options own = *sc_options_or_default(opt);
    const bool greet = !(own.flags & SC_OPT_NO_GREET);
    FTPClient *f;

    own.flags |= SC_OPT_NO_GREET;
    f = sc_open(&ftp_class, server, 0, &own);
    if (sc_broken(&f->base))
        return f;
    f->how = how != NULL ? how : &usual;
    if (greet)
        sc_conn_greet(&f->base);
    return f;
}

int ftp_close(FTPClient *f)
{
    return f != NULL ? sc_close(&f->base) : 0;
}

SimpleClient *ftp_base(FTPClient *f)
{
    return &f->base;
}

unsigned ftp_features(FTPClient *f)
{
    return f->features;
}

const struct sc_buf *ftp_feature_lines(FTPClient *f)
{
    return &f->lines;
}

int ftp_quit(FTPClient *f)
{
    int rc = sc_broken(&f->base);

    return rc < 0 ? rc : ftp_class_quit(&f->base);
}
