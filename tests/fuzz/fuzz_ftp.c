/* fuzz_ftp.c - any bytes as all that an FTP server says, up to the first byte 1,
 * and what follows it as the data of each transfer; ports of EPSV and PASV. */

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "fuzz_class.h"

#include "ftp/ftp_client.h"

/* Instead of those of ftp_way.c: data that comes from nowhere. */
static const uint8_t *data_bytes;
static size_t data_len, data_piece;

Stream *ftp_call(FTPClient *f)
{
    struct fuzz_stream *s = sc_stream_new(&fuzz_class);

    (void)f;
    if (s == NULL)
        return NULL;
    s->data = data_bytes;
    s->n = data_len;
    s->piece = data_piece;
    return &s->base;
}

struct sc_listener *ftp_wait_for_call(FTPClient *f)
{
    (void)f;
    return NULL;
}

Stream *ftp_be_called(FTPClient *f, struct sc_listener *l)
{
    (void)f;
    (void)l;
    return NULL;
}

static int see(void *arg, const struct ftp_entry *e)
{
    size_t *n = arg;

    if (e->size < -1 || strchr("fdlcp?", e->kind) == NULL ||
        (e->kind != '?' && e->name.len == 0))
        abort();
    *n += e->name.len + e->raw.len;
    return 0;
}

/* 226 is no success where fewer bytes came than were promised. */
static void get(FTPClient *f, uint64_t offset)
{
    Stream *data = ftp_retr(f, "file", offset);
    uint64_t got = 0;
    char buf[64];
    ssize_t n = 0;

    while (data != NULL &&
           (n = sc_stream_read(data, buf, sizeof buf, NULL)) > 0)
        got += (uint64_t)n;
    if (ftp_done(f, data) == 0 && data != NULL && f->told >= 0 &&
        got != (uint64_t)f->told && got + offset != (uint64_t)f->told)
        abort();
}

static void talk(const uint8_t *control, size_t n, size_t piece)
{
    static const struct sc_options options = {
        .line_limit = 128, .reply_limit = 512, .reply_lines = 20};
    struct fuzz_stream *s = sc_stream_new(&fuzz_class);
    struct sc_buf out = SC_BUF(4096);
    uint64_t size;
    int64_t mtime;
    size_t sum = 0;
    FTPClient *f;
    Stream *data;

    if (s == NULL)
        return;
    s->data = control;
    s->n = n;
    s->piece = piece;
    f = sc_attach(&ftp_class, &s->base, &options);
    get(f, 0);
    ftp_size(f, "file", &size);
    get(f, 3);
    ftp_files(f, NULL, see, &sum);
    ftp_mdtm(f, "file", &mtime);
    ftp_pwd(f, &out);
    ftp_mlst(f, "file", see, &sum);
    if ((data = ftp_stor(f, "file", 0)) != NULL)
        sc_stream_write(data, "hello", 5, NULL);
    ftp_done(f, data);
    ftp_rename(f, "a", "b");
    ftp_site(f, "HELP", &out);
    data = ftp_retr(f, "file", 0);
    ftp_done(f, data); /* ABOR */
    ftp_quit(f);
    sc_buf_free(&out);
    sc_drop(ftp_base(f));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const uint8_t *one = n > 0 ? memchr(data, 1, n) : NULL;
    size_t control = one != NULL ? (size_t)(one - data) : n;
    struct sc_span text = {(const char *)data, n};
    int port;

    if (n > 0 && ((port = ftp_port_of_epsv(text)) == 0 || port > 65535))
        abort();
    if (n > 0 && ((port = ftp_port_of_pasv(text)) == 0 || port > 65535))
        abort();
    if (n > 0)
        ftp_bytes_of(text);
    data_bytes = one != NULL ? one + 1 : data + n;
    data_len = one != NULL ? n - control - 1 : 0;
    data_piece = SIZE_MAX;
    talk(data, control, SIZE_MAX);
    data_piece = 1;
    talk(data, control, 1);
    return 0;
}
