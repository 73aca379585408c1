/* ftp_data.c - data connections (RFC 959 section 3.2, RFC 2428, RFC 4217 section
 * 7): opened by us to the server's own address, or by the server; protected like
 * the control connection; counted, so that short data is told. */

#include <stdio.h>
#include <string.h>

#include "client/conn.h"
#include "client/proxy.h"
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
    bool reads, ended;
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
    .interrupt = sc_stream_below_interrupt,
    .info = sc_stream_no_info,
    .cleanup = data_cleanup,
};

/* --- we call the server --- */

/* Where control goes, data goes: to the address itself, or by the same proxy. */
static Stream *dial(FTPClient *f, int port)
{
    struct sc_conn *k = f->base.conn;
    struct sc_options o = k->opt;
    struct sc_error err = {0};
    struct sc_peer peer = {0};
    char host[sizeof peer.address + 2];
    Stream *s;

    o.flags &= ~(unsigned)SC_OPT_TLS; /* after 150 */
    o.connect_to = o.resolve = o.unix_socket = NULL;
    if (k->proxy != NULL)
        sc_span_copy(peer.address, sizeof peer.address,
                     sc_span_of(sc_client_host(&f->base)));
    else
        sc_stream_info(k->s, SC_INFO_PEER, &peer);
    if (peer.address[0] == '\0' || peer.address[0] == '/') {
        sc_fail(&f->base, SC_ENOTSUP, "no address for a data connection");
        return NULL;
    }
    snprintf(host, sizeof host, strchr(peer.address, ':') ? "[%s]" : "%s",
             peer.address);
    s = sc_stream_connect(host, port, &o, &err);
    if (s == NULL)
        sc_fail(&f->base, err.code, "data connection: %s", err.text);
    return s;
}

/* The port, or an error; SC_EREPLY: refused. */
static int ask_port(FTPClient *f, bool extended)
{
    struct sc_reply r;
    int port, rc;

    rc = ftp_demand(f, 2, &r, extended ? "EPSV" : "PASV");
    if (rc < 0)
        return rc;
    port = extended ? ftp_port_of_epsv(r.text) : ftp_port_of_pasv(r.text);
    if (port < 0)
        return sc_break(&f->base, SC_EPROTO, "%s: no port in the answer",
                        extended ? "EPSV" : "PASV");
    return port;
}

static Stream *call(FTPClient *f)
{
    const bool extended = !f->no_epsv && !(f->how->flags & FTP_NO_EPSV);
    int port = extended ? ask_port(f, true) : SC_EREPLY;
    Stream *s = NULL;

    if (port > 0 && (s = dial(f, port)) != NULL)
        return s;
    if (sc_broken(&f->base) || (port < 0 && port != SC_EREPLY))
        return NULL;
    /* A server before RFC 2428, or something on the way that knows only PASV. */
    f->no_epsv = true;
    return (port = ask_port(f, false)) > 0 ? dial(f, port) : NULL;
}

/* --- the server calls us --- */

/* Say where: EPRT, else PORT. */
static int announce(FTPClient *f, const char *address, int port)
{
    struct sc_reply r;
    char words[160];
    int rc = SC_EREPLY;

    if (!f->no_eprt && !(f->how->flags & FTP_NO_EPRT) &&
        ftp_eprt_of(address, port, words, sizeof words) == 0)
        rc = ftp_demand(f, 2, &r, "EPRT %s", words);
    if (rc != SC_EREPLY)
        return rc < 0 ? rc : 0;
    f->no_eprt = true;
    if (ftp_port_words(address, port, words, sizeof words) < 0)
        return sc_fail(&f->base, SC_ENOTSUP, "PORT: not for %s", address);
    rc = ftp_demand(f, 2, &r, "PORT %s", words);
    return rc < 0 ? rc : 0;
}

static struct sc_listener *wait_for_call(FTPClient *f)
{
    const char *wanted = f->how->active;
    struct sc_peer local = {0};
    struct sc_listener *l = NULL;
    struct sc_error err = {0};
    char where[sizeof local.address + 8];

    if (wanted != NULL && strcmp(wanted, "-") != 0)
        sc_span_copy(local.address, sizeof local.address, sc_span_of(wanted));
    else
        sc_stream_info(sc_stream(&f->base), SC_INFO_LOCAL, &local);
    snprintf(where, sizeof where,
             strchr(local.address, ':') ? "[%s]:0" : "%s:0", local.address);
    if ((l = sc_listen(where, &err)) == NULL)
        sc_fail(&f->base, err.code, "data connection: %s", err.text);
    else if (announce(f, local.address, sc_listener_port(l)) == 0)
        return l;
    sc_listener_close(l);
    return NULL;
}

/* Others that connect there are hung up on. */
static Stream *be_called(FTPClient *f, struct sc_listener *l)
{
    int64_t until = sc_until(sc_client_options(&f->base)->connect_ms), left;
    struct sc_peer server = {0}, peer;
    struct sc_error err = {0};
    Stream *s;

    sc_stream_info(sc_stream(&f->base), SC_INFO_PEER, &server);
    do {
        left = until - sc_now();
        if ((s = sc_accept(l, left > 0 ? left : 0, &err)) == NULL) {
            sc_break(&f->base, err.code, "data connection: %s", err.text);
            return NULL;
        }
        memset(&peer, 0, sizeof peer);
        sc_stream_info(s, SC_INFO_PEER, &peer);
        if (strcmp(peer.address, server.address) == 0)
            return s;
        sc_stream_close(s);
    } while (left > 0);
    return NULL;
}

/* --- one transfer --- */

static Stream *protect(FTPClient *f, Stream *low)
{
    const struct sc_options *o = sc_client_options(&f->base);
    struct sc_error err = {0};
    Stream *s;

    if (!f->protects || low == NULL)
        return low;
    s = sc_tls_wrap_like(low, sc_stream(&f->base), sc_client_host(&f->base),
                         &o->tls, o->wait_ms, &err);
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
        l = wait_for_call(f);
    else
        low = call(f);
    if (l == NULL && low == NULL)
        return NULL;
    if ((code = prepare(f, type, NULL, offset)) == 0)
        code = say(f, verb, path);
    if (offset > 0)
        f->told = -1; /* some tell the file's size, some that of the rest */
    if (code > 0 && l != NULL)
        low = be_called(f, l);
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

/* --- the end --- */

/* Two replies: of the transfer that was cut, and of ABOR. */
static int give_up(FTPClient *f, bool replied)
{
    struct sc_reply r;
    int rc = 0;

    sc_writeline(&f->base, "ABOR");
    if (!replied)
        rc = sc_reply(&f->base, &r);
    return rc < 0 ? rc : sc_reply(&f->base, &r);
}

static int last_reply(FTPClient *f)
{
    struct sc_reply r;
    int rc = sc_reply(&f->base, &r);

    if (rc < 0)
        return rc;
    if (r.code / 100 == 2)
        return 0;
    rc = sc_refuse(&f->base, &r);
    return r.code == 421 && !sc_broken(&f->base)
               ? sc_break(&f->base, rc, "%s", sc_last_error(&f->base)->text)
               : rc;
}

static int judge(FTPClient *f, const struct ftp_data *d)
{
    if (d->failed < 0)
        return sc_fail(&f->base, d->failed, "data connection: %s",
                       sc_strerror(d->failed));
    if (d->reads && f->told >= 0 && d->bytes != (uint64_t)f->told)
        return sc_fail(&f->base, SC_ESHORT, "%llu of %lld bytes came",
                       (unsigned long long)d->bytes, (long long)f->told);
    return 0;
}

/* TLS says that this is the end; what the server says then has tickets in it for
 * the next connection (vsftpd takes no other). */
static void end_of_upload(FTPClient *f, struct ftp_data *d)
{
    struct sc_wait w = {sc_until(END_MS), NULL};
    char rest[16];

    d->failed = sc_stream_shutdown(&d->base, NULL);
    if (f->protects && d->failed == 0)
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
