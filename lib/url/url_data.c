/* url_data.c - data: (RFC 2397): the bytes are in the URL. */

#include <string.h>

#include "core/mem.h"
#include "core/text.h"
#include "url/url_parts.h"

struct data {
    struct sc_buf bytes, type;
    size_t at;
};

/* ";base64" at the end of the media type. */
static bool cut_base64(struct sc_span *type)
{
    static const char word[] = ";base64";
    const size_t n = sizeof word - 1;

    if (type->len < n ||
        !sc_span_eq_nocase((struct sc_span){type->data + type->len - n, n},
                           word))
        return false;
    type->len -= n;
    return true;
}

/* White space is allowed within base64, coded or not. */
static int from_base64(struct data *d, struct sc_buf *text)
{
    size_t n = 0;

    for (size_t i = 0; i < text->len; i++) {
        if (strchr(" \t\r\n", text->data[i]) == NULL || text->data[i] == '\0')
            text->data[n++] = text->data[i];
    }
    text->len = n;
    return sc_base64_decode(&d->bytes, (struct sc_span){text->data, n});
}

static int decode(struct data *d, struct sc_span bytes, bool base64)
{
    struct sc_buf text = {0};
    int rc;

    if (!base64)
        return uri_decode(bytes, true, &d->bytes);
    rc = uri_decode(bytes, true, &text);
    if (rc == 0)
        rc = from_base64(d, &text);
    sc_buf_free(&text);
    return rc < 0 && rc != SC_ENOMEM ? SC_EURL : rc;
}

/* "image/png", ";charset=utf-8" (then it is text/plain), or nothing. */
static int note_type(struct data *d, struct sc_span type)
{
    int rc = 0;

    if (type.len == 0)
        return sc_buf_addf(&d->type, "text/plain;charset=US-ASCII");
    if (type.data[0] == ';')
        rc = sc_buf_addf(&d->type, "text/plain");
    return rc < 0 ? rc : uri_decode(type, false, &d->type);
}

static int data_open(struct url_request *r)
{
    struct data *d = r->state;
    const char *p = r->uri->path, *comma = strchr(p, ',');
    struct sc_span type = {p, 0};
    bool base64;
    int rc;

    if (comma == NULL)
        return url_fail(r, SC_EURL, "data: no comma in it");
    type.len = (size_t)(comma - p);
    base64 = cut_base64(&type);
    if ((rc = decode(d, sc_span_of(comma + 1), base64)) < 0 ||
        (rc = note_type(d, type)) < 0)
        return url_fail(r, rc, "data: %s",
                        base64 ? "no base64, or a bad type" : sc_strerror(rc));
    if (r->opt->offset > d->bytes.len)
        return url_fail(r, SC_EINVAL, "data: it ends before that");
    d->at = (size_t)r->opt->offset;
    r->info.type = d->type.data;
    r->info.size = (int64_t)(d->bytes.len - d->at);
    return 0;
}

static ssize_t data_read(struct url_request *r, void *buf, size_t n)
{
    struct data *d = r->state;

    if (n > d->bytes.len - d->at)
        n = d->bytes.len - d->at;
    if (n > 0)
        memcpy(buf, d->bytes.data + d->at, n);
    d->at += n;
    return (ssize_t)n;
}

static bool data_close(struct url_request *r)
{
    struct data *d = r->state;

    sc_buf_free(&d->bytes);
    sc_buf_free(&d->type);
    return true;
}

const struct url_scheme url_data = {
    .name = "data",
    .tls_name = NULL,
    .cls = NULL,
    .state_size = sizeof(struct data),
    .raw_path = true,
    .ranges = true,
    .connect = url_no_connect,
    .open = data_open,
    .read = data_read,
    .list = url_no_list,
    .put = url_no_put,
    .close = data_close,
};
