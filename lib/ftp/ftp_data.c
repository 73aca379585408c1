/* ftp_data.c - transfers (RFC 959 section 4.1.3, RFC 4217 section 7): data is
 * protected like the control connection, and counted, so that short data is told;
 * an upload that was given up does not look like a whole file. */

#include <string.h>
#include <sys/socket.h>

#include "client/conn.h"
#include "core/text.h"
#include "ftp/ftp_client.h"
#include "run/clock.h"
#include "stream/tls_like.h"

enum { END_MS = 5000 }; /* of the server's end of an upload in TLS */

/* --- the stream --- */

struct ftp_data {
    Stream base;
    FTPClient *owner; /* NULL: closed before this was */
    uint64_t bytes;
    bool reads;
    bool ended; /* orderly: by the server, or (an upload) by us */
    int failed;
    int replied; /* 226 came in the place of 150 */
};

static ssize_t data_read(Stream *s, void *buf, size_t n, struct sc_wait *w)
{
    struct ftp_data *d = (struct ftp_data *)s;
    ssize_t got = sc_stream_read(s->below, buf, n, w);

    if (got > 0)
        d->bytes += (uint64_t)got;
    else if (got == 0)
        d->ended = true;
    else if (got != SC_ETIMEDOUT)
        d->failed = (int)got;
    return got;
}

static int data_writev(Stream *s, const struct sc_span *v, size_t n,
                       struct sc_wait *w)
{
    struct ftp_data *d = (struct ftp_data *)s;
    int rc = sc_stream_writev(s->below, v, n, w);

    if (rc < 0)
        d->failed = rc;
    return rc;
}

static int data_sendfile(Stream *s, int fd, uint64_t offset, uint64_t n,
                         struct sc_wait *w)
{
    struct ftp_data *d = (struct ftp_data *)s;
    int rc = sc_stream_sendfile(s->below, fd, offset, n, w);

    if (rc < 0)
        d->failed = rc;
    return rc;
}

/* A FIN is the end of the file (RFC 959 section 3.4.1), and so is what TLS says
 * when it is closed: of an upload given up the server must see neither. */
static void data_interrupt(Stream *s, int error)
{
    static const struct linger at_once = {1, 0};
    const struct ftp_data *d = (const struct ftp_data *)s;
    int fd = -1;

    if (!d->reads && !d->ended && error == SC_ECLOSED) {
        error = SC_ECANCELED;
        if (sc_stream_info(s->below, SC_INFO_FD, &fd) == 0)
            setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    sc_stream_below_interrupt(s, error);
}

static void data_cleanup(Stream *s)
{
    struct ftp_data *d = (struct ftp_data *)s;

    if (d->owner != NULL)
        d->owner->data = NULL;
}

static const struct stream_class data_class = {
    .name = "ftp-data",
    .size = sizeof(struct ftp_data),
    .read = data_read,
    .writev = data_writev,
    .sendfile = data_sendfile,
    .shutdown = sc_stream_below_shutdown,
    .interrupt = data_interrupt,
    .info = sc_stream_no_info,
    .cleanup = data_cleanup,
};

/* --- one transfer --- */

static Stream *protect(FTPClient *f, Stream *low)
{
    const struct sc_options *o = sc_client_options(&f->base);
    struct sc_error err = {0};
    int64_t until;
    Stream *s;

    if (!f->protects || low == NULL)
        return low;
    until = sc_conn_until(f->base.conn, o->wait_ms);
    s = sc_tls_wrap_like(low, sc_stream(&f->base), sc_client_host(&f->base),
                         &o->tls, until > sc_now() ? until - sc_now() : 1,
                         &err);
    if (s != NULL)
        return s;
    sc_break(&f->base, err.code, "data connection: %s", err.text);
    sc_stream_close(low);
    return NULL;
}

static Stream *wrap(FTPClient *f, Stream *low, bool reads, int code)
{
    struct ftp_data *d = low != NULL ? sc_stream_new(&data_class) : NULL;

    if (low != NULL && d == NULL) {
        sc_break(&f->base, SC_ENOMEM, "data connection: no memory");
        sc_stream_close(low);
    }
    if (d == NULL)
        return NULL;
    d->base.below = low;
    d->owner = f;
    d->reads = reads;
    d->replied = code >= 200 ? code : 0;
    f->data = d;
    return &d->base;
}

/* Say it, and 125 or 150 must follow. Returns the code. */
static int say(FTPClient *f, const char *verb, const char *path)
{
    struct sc_reply r;
    int code;

    f->told = -1;
    code = path != NULL ? ftp_ask(f, &r, "%s %s", verb, path)
                        : ftp_ask(f, &r, "%s", verb);
    if (code < 0)
        return code;
    if (code >= 300)
        return sc_refuse(&f->base, &r);
    if (f->type == 'I' && strcmp(verb, "RETR") == 0)
        f->told = ftp_bytes_of(r.text);
    return code;
}

int ftp_type_now(FTPClient *f, char type)
{
    struct sc_reply r;
    int rc;

    if (type != 'A' && type != 'I')
        return sc_fail(&f->base, SC_EINVAL, "TYPE: A or I");
    if ((rc = ftp_demand(f, 2, &r, "TYPE %c", type)) < 0)
        return rc;
    f->type = type;
    return 0;
}

static int prepare(FTPClient *f, char type, const char *path, uint64_t offset)
{
    struct sc_reply r;
    int rc;

    if (f->data != NULL)
        return sc_fail(&f->base, SC_EBUSY, "a transfer is under way");
    if (path != NULL && (rc = ftp_check(f, "path", path)) < 0)
        return rc;
    if (f->type != type && (rc = ftp_type_now(f, type)) < 0)
        return rc;
    if (offset == 0)
        return sc_broken(&f->base);
    rc = ftp_demand(f, 3, &r, "REST %llu", (unsigned long long)offset);
    return rc < 0 ? rc : 0;
}

/* REST must stand right before the verb (RFC 3659 section 5.3), so the way is
 * opened first. */
static Stream *transfer(FTPClient *f, const char *verb, const char *path,
                        uint64_t offset, char type, bool reads)
{
    struct sc_listener *l = NULL;
    Stream *low = NULL;
    int code = prepare(f, type, path, 0);

    if (code < 0)
        return NULL;
    if (f->how->flags & FTP_ACTIVE)
        l = ftp_wait_for_call(f);
    else
        low = ftp_call(f);
    if (l == NULL && low == NULL)
        return NULL;
    if ((code = prepare(f, type, NULL, offset)) == 0)
        code = say(f, verb, path);
    f->rest = offset;
    if (code > 0 && l != NULL)
        low = ftp_be_called(f, l);
    sc_listener_close(l);
    if (code > 0)
        return wrap(f, protect(f, low), reads, code);
    sc_stream_close(low);
    return NULL;
}

int ftp_type(FTPClient *f, char type)
{
    int rc = ftp_type_now(f, type);

    if (rc == 0)
        f->wish = type;
    return rc;
}

/* --- the verbs --- */

static char wish_of(const FTPClient *f)
{
    return f->wish != '\0' ? f->wish : 'I';
}

Stream *ftp_retr(FTPClient *f, const char *path, uint64_t offset)
{
    return transfer(f, "RETR", path != NULL ? path : "", offset, wish_of(f),
                    true);
}

Stream *ftp_stor(FTPClient *f, const char *path, uint64_t offset)
{
    return transfer(f, "STOR", path != NULL ? path : "", offset, wish_of(f),
                    false);
}

Stream *ftp_appe(FTPClient *f, const char *path)
{
    return transfer(f, "APPE", path != NULL ? path : "", 0, wish_of(f), false);
}

/* RFC 959 section 4.1.3: lists are text. */
Stream *ftp_list(FTPClient *f, const char *path)
{
    return transfer(f, "LIST", path, 0, 'A', true);
}

Stream *ftp_nlst(FTPClient *f, const char *path)
{
    return transfer(f, "NLST", path, 0, 'A', true);
}

Stream *ftp_mlsd(FTPClient *f, const char *path)
{
    return transfer(f, "MLSD", path, 0, 'A', true);
}

void ftp_orphan(FTPClient *f)
{
    if (f->data != NULL)
        f->data->owner = NULL;
}

bool ftp_data_failed(const Stream *data)
{
    return ((const struct ftp_data *)data)->failed < 0;
}

SimpleClient *ftp_body(FTPClient *f, Stream *data)
{
    struct sc_options o = *sc_client_options(&f->base);
    SimpleClient *body;

    o.flags &= ~(unsigned)SC_OPT_TLS; /* DATA has it already */
    o.trace = NULL;
    o.total_ms = 0;
    sc_stream_hold(data); /* for ftp_done, which lets go of it */
    body = sc_attach(&sc_simple_class, data, &o);
    if (sc_broken(body))
        return body;
    body->conn->deadline = f->base.conn->deadline;
    body->conn->total_until = f->base.conn->total_until;
    return body;
}

/* --- the end --- */

static int last_reply(FTPClient *f)
{
    struct sc_reply r;
    int code = ftp_reply(f, &r);

    if (code < 0)
        return code;
    return code / 100 == 2 ? 0 : sc_refuse(&f->base, &r);
}

/* Two replies: of the transfer that was cut, and of ABOR. */
static int give_up(FTPClient *f, bool replied)
{
    struct sc_reply r;
    int code = 0;

    sc_writeline(&f->base, "ABOR");
    if (!replied)
        code = ftp_reply(f, &r);
    if (code >= 0)
        code = ftp_reply(f, &r);
    return code < 0 ? code : 0;
}

static int judge(FTPClient *f, const struct ftp_data *d)
{
    if (d->failed < 0)
        return sc_fail(&f->base, d->failed, "data connection: %s",
                       sc_strerror(d->failed));
    /* Of a rest some tell its size, some that of the file. */
    if (d->reads && f->told >= 0 && d->bytes != (uint64_t)f->told &&
        d->bytes + f->rest != (uint64_t)f->told)
        return sc_fail(&f->base, SC_ESHORT, "%llu of %lld bytes came",
                       (unsigned long long)d->bytes, (long long)f->told);
    return 0;
}

/* TLS says that this is the end; what the server says then has tickets in it for
 * the next connection (vsftpd takes no other). */
static void end_of_upload(FTPClient *f, struct ftp_data *d)
{
    const int wait_ms = sc_client_options(&f->base)->wait_ms;
    struct sc_wait w = {sc_conn_until(f->base.conn, wait_ms), NULL};
    char rest[16];

    d->failed = sc_stream_shutdown(&d->base, &w);
    d->ended = d->failed == 0;
    w.until = sc_conn_until(f->base.conn, END_MS);
    if (f->protects && d->ended)
        sc_stream_read(d->base.below, rest, sizeof rest, &w);
}

int ftp_done(FTPClient *f, Stream *data)
{
    struct ftp_data *d = (struct ftp_data *)data, was;
    int rc;

    if (data == NULL) /* it could not begin: that is the latest failure */
        return sc_broken(&f->base) ? sc_broken(&f->base)
                                   : sc_last_error(&f->base)->code;
    if (data->cls != &data_class || d != f->data)
        return sc_fail(&f->base, SC_EINVAL, "not the stream of a transfer");
    if (!d->reads && d->failed == 0)
        end_of_upload(f, d);
    was = *d;
    sc_stream_close(data);
    if ((rc = sc_broken(&f->base)) < 0)
        return rc;
    if (was.reads && !was.ended && was.failed == 0)
        return give_up(f, was.replied);
    rc = was.replied ? 0 : last_reply(f);
    return rc < 0 ? rc : judge(f, &was);
}
