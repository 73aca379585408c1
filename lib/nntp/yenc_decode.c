/* yenc_decode.c - yEnc (yenc.org, draft 1.3) out of a body that comes cut
 * anywhere. What is damaged is told at the end, once all was read. Bytes beyond
 * the part's told size are not handed on: in a file they would be over the next
 * part. Only the first block of a body is decoded. */

#include <string.h>

#include "core/mem.h"
#include "core/text.h"
#include "nntp/nntp_over.h"
#include "nntp/yenc.h"
#include "stream/coding.h"

enum { SLICE = 16384, KEYWORDS_MOST = 1024 };

enum state {
    BEFORE, /* text, up to =ybegin */
    DATA,
    KEYWORDS, /* a line within DATA that begins with "=y" */
    AFTER     /* =yend was there */
};

struct nntp_yenc_decoder {
    sc_sink sink;
    void *arg;
    struct nntp_yenc info;
    int rc; /* of the sink: nothing is done after it */
    enum state state;
    const char *damage; /* what is wrong; NULL: nothing */
    bool line_start;    /* the next byte begins a line */
    bool escaped;       /* '=' was the last byte */
    bool has_part;      /* =ypart was there */
    bool has_crc;       /* zlib is there */
    bool too_long;      /* the line does not fit in LINE */
    uint64_t count;     /* decoded bytes, also those not handed on */
    size_t len, used;
    char line[KEYWORDS_MOST];
    uint8_t out[SLICE];
};

static void damaged(struct nntp_yenc_decoder *d, const char *why)
{
    if (d->damage == NULL)
        d->damage = why;
}

/* --- keywords --- */

/* 1: the word KEY ("size=") is there, a number up to MAX; 0: not there; SC_EPROTO:
 * no such number. */
static int find_number(struct sc_span line, const char *key, bool hex,
                       uint64_t max, uint64_t *out)
{
    const size_t n = strlen(key);

    while (line.len > 0) {
        struct sc_span word = sc_next_word(&line);

        if (word.len < n || memcmp(word.data, key, n) != 0)
            continue;
        word.data += n;
        word.len -= n;
        if ((hex ? sc_parse_hex(word, max, out)
                 : sc_parse_u64(word, max, out)) < 0)
            return SC_EPROTO;
        return 1;
    }
    return 0;
}

static int find_u32(struct sc_span line, const char *key, uint32_t *out)
{
    uint64_t n = 0;
    int rc = find_number(line, key, false, UINT32_MAX, &n);

    *out = (uint32_t)n;
    return rc;
}

/* "part=1 total=2 line=128 size=500000 name=my file.bin": the name is last. Text
 * that only looks so is no beginning. */
static bool parse_begin(struct nntp_yenc_decoder *d, struct sc_span line)
{
    static const char key[] = " name=";
    const char *name = memmem(line.data, line.len, key, sizeof key - 1);
    const char *end = line.data + line.len;
    struct nntp_yenc y = {.crc = d->info.crc};
    struct sc_span text;

    if (name == NULL)
        return false;
    line.len = (size_t)(name - line.data);
    if (find_number(line, "size=", false, INT64_MAX, &y.size) != 1 ||
        find_u32(line, "part=", &y.part) < 0 ||
        find_u32(line, "total=", &y.total) < 0)
        return false;
    name += sizeof key - 1;
    text = sc_trim((struct sc_span){name, (size_t)(end - name)});
    sc_show(y.name, sizeof y.name, text.data, text.len);
    y.end = y.size;
    d->info = y;
    return true;
}

/* "begin=1 end=100000": the first byte is 1, the last one is END. */
static void parse_part(struct nntp_yenc_decoder *d, struct sc_span line)
{
    uint64_t begin, end;

    if (d->has_part || d->count > 0)
        damaged(d, "=ypart is not where it belongs");
    else if (find_number(line, "begin=", false, INT64_MAX, &begin) != 1 ||
             find_number(line, "end=", false, INT64_MAX, &end) != 1 ||
             begin == 0 || end < begin - 1 || end > d->info.size)
        damaged(d, "=ypart makes no sense");
    else {
        d->info.begin = begin - 1;
        d->info.end = end;
        d->has_part = true;
    }
}

/* A CRC that is told must be right. Some encoders write one as a negative number
 * of 64 bits. */
static void check_crc(struct nntp_yenc_decoder *d, struct sc_span line,
                      const char *key)
{
    uint64_t told = 0;
    int rc = find_number(line, key, true, UINT64_MAX, &told);

    if (!d->has_crc || rc == 0)
        return;
    if (rc < 0 || (uint32_t)told != d->info.crc ||
        (told >> 32 != 0 && told >> 32 != UINT32_MAX))
        damaged(d, "the CRC is wrong");
}

static void parse_end(struct nntp_yenc_decoder *d, struct sc_span line)
{
    const struct nntp_yenc *y = &d->info;
    uint64_t size;
    uint32_t part;
    int rc;

    if (find_number(line, "size=", false, INT64_MAX, &size) != 1 ||
        size != d->count)
        damaged(d, "the size is not what =yend tells");
    if (d->count != y->end - y->begin)
        damaged(d, d->has_part ? "the size is not what =ypart tells"
                               : "the size is not what =ybegin tells");
    if ((rc = find_u32(line, "part=", &part)) < 0 ||
        (rc > 0 && part != y->part && y->part != 0))
        damaged(d, "=yend is of another part");
    check_crc(d, line, "pcrc32=");
    if (y->begin == 0 && y->end == y->size) /* it is of the whole file */
        check_crc(d, line, "crc32=");
}

/* --- out --- */

/* Hand on what was decoded, but nothing beyond the part's end. */
static int flush(struct nntp_yenc_decoder *d)
{
    const uint64_t most = d->info.end - d->info.begin;
    uint64_t left = most > d->count ? most - d->count : 0;
    size_t n = d->used < left ? d->used : (size_t)left;
    int rc;

    d->count += d->used;
    d->used = 0;
    if (n == 0)
        return 0;
    sc_crc32(&d->info.crc, d->out, n);
    rc = d->sink(d->arg, d->out, n);
    return rc < 0 ? rc : 0;
}

/* --- in: lines of keywords, and of text around the block --- */

static bool take(struct sc_span *line, const char *front)
{
    size_t n = strlen(front);

    if (line->len < n || memcmp(line->data, front, n) != 0)
        return false;
    line->data += n;
    line->len -= n;
    return true;
}

static void end_line(struct nntp_yenc_decoder *d)
{
    struct sc_span line = {d->line, d->len};

    if (line.len > 0 && line.data[line.len - 1] == '\r')
        line.len--;
    d->len = 0;
    if (d->state == BEFORE) {
        if (!d->too_long && take(&line, "=ybegin ") && parse_begin(d, line))
            d->state = DATA;
    } else if (take(&line, "=yend")) {
        parse_end(d, line);
        d->state = AFTER;
    } else {
        d->state = DATA;
        if (take(&line, "=ypart "))
            parse_part(d, line);
        else if (take(&line, "=ybegin "))
            damaged(d, "another block begins before =yend");
    }
    if (d->too_long && d->state != BEFORE)
        damaged(d, "a line of keywords is too long");
    d->too_long = false;
    d->line_start = true;
}

/* Up to the end of a line, or all there is; only its beginning is kept. */
static const uint8_t *take_line(struct nntp_yenc_decoder *d, const uint8_t *p,
                                const uint8_t *end)
{
    const uint8_t *lf = memchr(p, '\n', (size_t)(end - p));
    size_t n = (size_t)((lf != NULL ? lf : end) - p);
    size_t room = sizeof d->line - d->len;

    if (n > room) {
        d->too_long = true;
        n = room;
    }
    memcpy(d->line + d->len, p, n);
    d->len += n;
    if (lf == NULL)
        return end;
    end_line(d);
    return lf + 1;
}

/* --- in: data --- */

/* The byte behind '='. Where a line begins, "=y" is no data. */
static const uint8_t *take_escaped(struct nntp_yenc_decoder *d,
                                   const uint8_t *p)
{
    d->escaped = false;
    if (*p == '\r' || *p == '\n') {
        damaged(d, "nothing behind '='");
        return p;
    }
    if (d->line_start && *p == 'y') {
        d->state = KEYWORDS;
        d->len = 2;
        memcpy(d->line, "=y", 2);
        return p + 1;
    }
    d->line_start = false;
    d->out[d->used++] = (uint8_t)(*p - YENC_ESCAPE_SHIFT - YENC_SHIFT);
    return p + 1;
}

/* A byte that ended a run. */
static const uint8_t *take_special(struct nntp_yenc_decoder *d,
                                   const uint8_t *p, const uint8_t *end)
{
    if (*p == '=') {
        d->escaped = true;
        return p + 1;
    }
    if (*p == '\r' && end - p > 1 && p[1] == '\n')
        p++;
    if (*p == '\n')
        d->line_start = true;
    return p + 1;
}

static int take_data(struct nntp_yenc_decoder *d, const uint8_t **at,
                     const uint8_t *end)
{
    const uint8_t *p = *at;

    while (p < end && d->state == DATA && d->used < SLICE) {
        size_t n = (size_t)(end - p), room = SLICE - d->used;

        if (d->escaped) {
            p = take_escaped(d, p);
            continue;
        }
        n = nntp_yenc_run(p, n < room ? n : room, d->out + d->used);
        if (n > 0)
            d->line_start = false;
        d->used += n;
        p += n;
        if (p < end && d->used < SLICE)
            p = take_special(d, p, end);
    }
    *at = p;
    return flush(d);
}

/* --- the decoder --- */

struct nntp_yenc_decoder *nntp_yenc_decoder_new(sc_sink sink, void *arg)
{
    struct nntp_yenc_decoder *d = sc_calloc(sizeof *d);

    if (d == NULL)
        return NULL;
    d->sink = sink;
    d->arg = arg;
    d->line_start = true;
    d->has_crc = sc_crc32(&d->info.crc, "", 0) == 0;
    return d;
}

int nntp_yenc_sink(void *decoder, const void *data, size_t n)
{
    struct nntp_yenc_decoder *d = decoder;
    const uint8_t *p = data, *end = p + n;

    while (p < end && d->rc == 0 && d->state != AFTER) {
        if (d->state == DATA)
            d->rc = take_data(d, &p, end);
        else
            p = take_line(d, p, end);
    }
    return d->rc;
}

const struct nntp_yenc *nntp_yenc_info(struct nntp_yenc_decoder *d)
{
    return &d->info;
}

int nntp_yenc_finish(struct nntp_yenc_decoder *d, struct sc_error *err)
{
    if (d->rc == 0 && d->len > 0 && d->state != AFTER)
        end_line(d); /* the last line lacks its end */
    if (d->rc < 0)
        return sc_error_set(err, d->rc, "yEnc: what came was not taken: %s",
                            sc_strerror(d->rc));
    if (d->state == BEFORE)
        return sc_error_set(err, SC_ECODING, "yEnc: no =ybegin");
    if (d->state != AFTER)
        return sc_error_set(err, SC_ESHORT, "yEnc: no =yend");
    if (d->damage != NULL)
        return sc_error_set(err, SC_ECODING, "yEnc: %s", d->damage);
    if (!d->has_crc)
        return sc_error_set(err, SC_ENOTSUP, "yEnc: no CRC without zlib");
    return 0;
}

void nntp_yenc_decoder_free(struct nntp_yenc_decoder *d)
{
    sc_free(d);
}
