/* http_body.c - the three ways a body ends (RFC 9112 sections 6 and 7). Data
 * goes straight into the caller's memory; chunk lines end in CRLF only, hex
 * digits only, and what they cost is bounded (chunk extensions are skipped, RFC
 * 9112 section 7.1.1). */

#include <string.h>

#include "client/conn.h"
#include "core/mem.h"
#include "core/text.h"
#include "http/http_body.h"

enum {
    LINE_LIMIT = 4096,   /* a chunk line, with extensions */
    SPENT_LIMIT = 16384, /* chunk lines that no data pays for */
    SINK_BYTES = 65536,
    GROW_BYTES = 16384
};

void http_body_begin(struct http_body *b, int framing, uint64_t length,
                     struct sc_fields *trailers)
{
    *b = (struct http_body){.framing = framing, .trailers = trailers};
    b->left = framing == HTTP_LENGTH ? length : 0;
    b->trailer.version = 11;
}

static int cut(SimpleClient *c, int rc)
{
    if (rc == SC_EOF || rc == 0)
        return sc_break(c, SC_ESHORT, "body cut short");
    return rc;
}

/* Lend one line that ends in CRLF; a bare LF or CR in it means that another
 * reader would see other chunks. */
static int strict_line(SimpleClient *c, struct sc_span *line)
{
    size_t limit = sc_client_options(c)->line_limit, want = 1, got;
    const char *lf;
    int rc;

    if (limit > LINE_LIMIT)
        limit = LINE_LIMIT;
    for (;; want = line->len + 1) {
        if ((rc = sc_peek(c, want, line)) < 0)
            return cut(c, rc);
        lf = memchr(line->data, '\n', line->len);
        if (lf != NULL)
            break;
        if (line->len < want)
            return cut(c, 0);
        if (line->len >= limit)
            return sc_break(c, SC_ETOOBIG, "chunk line beyond its limit");
    }
    got = (size_t)(lf - line->data) + 1;
    if (got > limit)
        return sc_break(c, SC_ETOOBIG, "chunk line beyond its limit");
    if (sc_read_view(c, got, line) != (ssize_t)got)
        return cut(c, 0);
    if (got < 2 || line->data[got - 2] != '\r')
        return sc_break(c, SC_EPROTO, "chunk line without CRLF");
    line->len = got - 2;
    if (!sc_line_safe(line->data, line->len))
        return sc_break(c, SC_EPROTO, "control character in a chunk line");
    return 0;
}

static int read_trailers(SimpleClient *c, struct http_body *b)
{
    const struct sc_options *o = sc_client_options(c);
    struct sc_span line;
    int rc;

    while ((rc = strict_line(c, &line)) == 0 && line.len > 0) {
        rc = http_head_field(&b->trailer, line, o->head_limit, o->head_fields,
                             b->trailers);
        if (rc < 0)
            return sc_break(c, rc, "trailer: %s",
                            b->trailer.why != NULL ? b->trailer.why
                                                   : sc_strerror(rc));
    }
    b->framing = rc == 0 ? HTTP_NO_BODY : b->framing;
    return rc;
}

/* "1a;name=value": 1*HEXDIG, then white space or an extension. */
static int parse_size(struct sc_span line, uint64_t *size)
{
    size_t n = 0, after;

    while (n < line.len && sc_hex_digit((unsigned char)line.data[n]) >= 0)
        n++;
    for (after = n; after < line.len; after++)
        if (line.data[after] != ' ' && line.data[after] != '\t')
            break;
    if (after < line.len && line.data[after] != ';')
        return SC_EPROTO;
    return sc_parse_hex((struct sc_span){line.data, n}, INT64_MAX, size);
}

static int end_chunk(SimpleClient *c, struct http_body *b)
{
    struct sc_span line;
    int rc;

    if (!b->in_chunk)
        return 0;
    if ((rc = strict_line(c, &line)) < 0)
        return rc;
    if (line.len > 0)
        return sc_break(c, SC_EPROTO, "chunk longer than its size");
    b->in_chunk = false;
    return 0;
}

static int next_chunk(SimpleClient *c, struct http_body *b)
{
    struct sc_span line;
    uint64_t paid;
    int rc;

    if ((rc = end_chunk(c, b)) < 0 || (rc = strict_line(c, &line)) < 0)
        return rc;
    if (parse_size(line, &b->left) < 0)
        return sc_break(c, SC_EPROTO, "bad chunk size");
    if (b->left == 0)
        return read_trailers(c, b);
    /* One-byte chunks are legal; kilobytes of extensions around each byte
     * are an attack. */
    paid = 16 + (b->left < SPENT_LIMIT ? b->left * 2 : SPENT_LIMIT);
    b->spent += line.len + 2;
    b->spent -= b->spent < paid ? b->spent : paid;
    if (b->spent > SPENT_LIMIT)
        return sc_break(c, SC_ETOOBIG, "chunk extensions beyond their limit");
    b->in_chunk = true;
    return 0;
}

ssize_t http_body_read(SimpleClient *c, struct http_body *b, void *buf,
                       size_t n)
{
    ssize_t got;
    int rc;

    if (b->framing == HTTP_CHUNKED && b->left == 0 &&
        (rc = next_chunk(c, b)) < 0)
        return rc;
    if (b->framing == HTTP_NO_BODY || n == 0)
        return 0;
    if (b->framing != HTTP_TO_END && n > b->left)
        n = (size_t)b->left;
    got = b->framing == HTTP_CHUNKED ? sc_read_chunk(c, buf, n)
                                     : sc_read_body(c, buf, n);
    b->got += got > 0 ? (uint64_t)got : 0;
    if (b->framing == HTTP_TO_END) {
        if (got == 0 || got == SC_EOF)
            b->framing = HTTP_NO_BODY;
        return got == SC_EOF ? 0 : got;
    }
    if (got <= 0)
        return cut(c, (int)got);
    b->left -= (uint64_t)got;
    if (b->framing == HTTP_LENGTH && b->left == 0)
        b->framing = HTTP_NO_BODY;
    return got;
}

/* Room for the next piece, or SC_ETOOBIG. What a length promises is believed
 * a little at a time, so that a promise alone costs nothing. */
static ssize_t make_room(const struct http_body *b, struct sc_buf *out)
{
    size_t limit = out->limit > 0 ? out->limit : (size_t)64 << 20;
    size_t most = out->len < limit ? limit - out->len : 0;
    size_t room = out->cap > out->len ? out->cap - out->len - 1 : 0;
    size_t want = out->len > GROW_BYTES ? out->len : GROW_BYTES;
    int rc;

    if (most == 0 || (b->framing == HTTP_LENGTH && b->left > most))
        return SC_ETOOBIG;
    if (b->framing == HTTP_LENGTH && b->left < want)
        want = (size_t)b->left;
    if (want > most)
        want = most;
    if (room < want && room < 4096) {
        if ((rc = sc_buf_reserve(out, want)) < 0)
            return rc;
        room = out->cap - out->len - 1;
    }
    return (ssize_t)(room < most ? room : most);
}

int http_body_all(SimpleClient *c, struct http_body *b, struct sc_buf *out)
{
    ssize_t room, got;
    char extra;
    int rc;

    if ((rc = sc_buf_reserve(out, 0)) < 0)
        return sc_break(c, rc, "no room for the body");
    while (b->framing != HTTP_NO_BODY) {
        room = make_room(b, out);
        if (room < 0 && (room != SC_ETOOBIG || b->framing == HTTP_LENGTH))
            return sc_break(c, (int)room,
                            room == SC_ETOOBIG ? "body beyond its limit"
                                               : "no memory for the body");
        if (room < 0) { /* at the ceiling only the end may follow */
            if ((got = http_body_read(c, b, &extra, 1)) > 0)
                return sc_break(c, SC_ETOOBIG, "body beyond its limit");
        } else {
            got = http_body_read(c, b, out->data + out->len, (size_t)room);
        }
        if (got < 0)
            return (int)got;
        out->len += (size_t)got;
        out->data[out->len] = '\0';
    }
    return 0;
}

int http_body_sink(SimpleClient *c, struct http_body *b, sc_sink sink,
                   void *arg)
{
    char *buf = sc_malloc(SINK_BYTES);
    ssize_t got;
    int rc = 0;

    if (buf == NULL)
        return sc_break(c, SC_ENOMEM, "no memory for the body");
    while (rc >= 0 && (got = http_body_read(c, b, buf, SINK_BYTES)) != 0) {
        if (got < 0) {
            rc = (int)got;
        } else if ((rc = sink(arg, buf, (size_t)got)) < 0) {
            sc_break(c, rc, "the body was not taken");
        }
    }
    sc_free(buf);
    return rc < 0 ? rc : 0;
}
