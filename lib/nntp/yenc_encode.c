/* yenc_encode.c - bytes into yEnc (yenc.org, draft 1.3). TAB, space and dot are
 * escaped where a line begins or ends and a gateway might take them away. */

#include <inttypes.h>
#include <string.h>

#include "core/text.h"
#include "nntp/nntp_over.h"
#include "nntp/yenc.h"
#include "stream/coding.h"

static bool is_critical(uint8_t c)
{
    return c == '\0' || c == '\n' || c == '\r' || c == '=';
}

static bool is_critical_at_edge(uint8_t c, bool first)
{
    return is_critical(c) || c == ' ' || c == '\t' || (first && c == '.');
}

static size_t put(uint8_t *to, uint8_t c, bool escape)
{
    if (!escape) {
        to[0] = c;
        return 1;
    }
    to[0] = '=';
    to[1] = (uint8_t)(c + YENC_ESCAPE_SHIFT);
    return 2;
}

/* One line of YENC_LINE bytes, one more if it ends in an escaped one. Returns how
 * many of the N bytes it took; *LEN is its length. */
static size_t put_line(const uint8_t *p, size_t n, uint8_t *line, size_t *len)
{
    size_t took = 0, at = 0;

    while (took < n && at < YENC_LINE) {
        uint8_t c = (uint8_t)(p[took] + YENC_SHIFT);
        bool edge = at == 0 || at >= YENC_LINE - 1 || took == n - 1;

        at += put(line + at, c,
                  edge ? is_critical_at_edge(c, at == 0) : is_critical(c));
        took++;
        if (at < YENC_LINE - 1 && n - took > 1) {
            size_t room = YENC_LINE - 1 - at, run = n - took - 1;

            run = nntp_yenc_clean(p + took, run < room ? run : room, line + at);
            took += run;
            at += run;
        }
    }
    *len = at;
    return took;
}

static int put_lines(struct sc_buf *out, const uint8_t *p, size_t n)
{
    uint8_t line[YENC_LINE + 3];
    int rc = 0;

    for (size_t len, took; n > 0 && rc == 0; p += took, n -= took) {
        took = put_line(p, n, line, &len);
        line[len++] = '\r';
        line[len++] = '\n';
        rc = sc_buf_add(out, line, len);
    }
    return rc;
}

static bool name_fits(const char *name, size_t size)
{
    size_t n = strnlen(name, size);

    return n < size && sc_line_safe(name, n);
}

/* What a lone part is follows from N. */
static bool fits(struct nntp_yenc *w, size_t n)
{
    if (!name_fits(w->name, sizeof w->name))
        return false;
    if (w->part == 0) {
        if (w->begin != 0 || w->total != 0 || (w->end != 0 && w->end != n) ||
            (w->size != 0 && w->size != n))
            return false;
        w->size = w->end = n;
        return true;
    }
    return n > 0 && w->begin <= w->end && w->end - w->begin == n &&
           w->end <= w->size && w->size <= INT64_MAX &&
           (w->total == 0 || w->part <= w->total);
}

static int put_begin(struct sc_buf *out, const struct nntp_yenc *w)
{
    int rc = sc_buf_addf(out, "=ybegin ");

    if (rc == 0 && w->part > 0)
        rc = sc_buf_addf(out, "part=%" PRIu32 " ", w->part);
    if (rc == 0 && w->total > 0)
        rc = sc_buf_addf(out, "total=%" PRIu32 " ", w->total);
    if (rc == 0)
        rc = sc_buf_addf(out, "line=%d size=%" PRIu64 " name=%s\r\n", YENC_LINE,
                         w->size, w->name);
    if (rc == 0 && w->part > 0)
        rc = sc_buf_addf(out, "=ypart begin=%" PRIu64 " end=%" PRIu64 "\r\n",
                         w->begin + 1, w->end);
    return rc;
}

static int put_end(struct sc_buf *out, const struct nntp_yenc *w, size_t n)
{
    if (w->part == 0)
        return sc_buf_addf(out, "=yend size=%zu crc32=%08" PRIx32 "\r\n", n,
                           w->crc);
    return sc_buf_addf(
        out, "=yend size=%zu part=%" PRIu32 " pcrc32=%08" PRIx32 "\r\n", n,
        w->part, w->crc);
}

int nntp_yenc_encode(struct sc_buf *out, struct nntp_yenc *what, const void *p,
                     size_t n)
{
    const size_t len = out->len;
    int rc;

    if (!fits(what, n))
        return SC_EINVAL;
    what->crc = 0;
    if ((rc = sc_crc32(&what->crc, p, n)) == 0 &&
        (rc = put_begin(out, what)) == 0 && (rc = put_lines(out, p, n)) == 0 &&
        (rc = put_end(out, what, n)) == 0)
        return 0;
    out->len = len; /* all or nothing */
    if (out->data != NULL)
        out->data[len] = '\0';
    return rc;
}
