/* bench_nntp_parts.c - what NNTP costs without a network: overview lines in memory
 * against finding their ends alone, and yEnc, in CPU time. Prints one line each.
 * Argument: how many articles (1000000). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <simpleclient/nntp.h>

#include "nntp/nntp_over.h"
#include "nntp/yenc.h"
#include "stream/coding.h"

enum { ROUNDS = 7, READ = 64 << 10, YENC_BYTES = 750000, YENC_TIMES = 200 };

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t keep; /* what was found, so that it is looked for */

/* --- overview --- */

static void make_overview(struct sc_buf *b, int articles)
{
    b->limit = SIZE_MAX / 8;
    for (int i = 1; i <= articles; i++)
        sc_buf_addf(b,
                    "%d\tMessage %08d\tsender@bench.example\t"
                    "Thu, 01 Jan 2026 00:00:00 +0000\t<%08d@bench.example>\t"
                    "<reference@bench.example>\t2048\t30\t"
                    "Xref: bench bench.test:1\r\n",
                    i, i, i);
}

static void find_ends(const struct sc_buf *b)
{
    const char *p = b->data, *end = p + b->len, *lf;

    while ((lf = memchr(p, '\n', (size_t)(end - p))) != NULL) {
        keep++;
        p = lf + 1;
    }
}

static int parse_line(struct nntp_lines *l, struct sc_span text)
{
    struct nntp_article a;
    int rc = nntp_over_parse(l->arg, text, &a);

    keep += a.bytes + a.lines + a.xref.len + a.message_id.len;
    return rc;
}

/* In pieces, as they come from a stream. */
static void parse_all(const struct sc_buf *b, struct nntp_format *f)
{
    struct nntp_lines l = {.line = parse_line, .arg = f};

    for (size_t at = 0; at < b->len; at += READ)
        if (nntp_lines_sink(&l, b->data + at,
                            b->len - at < READ ? b->len - at : READ) < 0)
            abort();
    nntp_lines_end(&l);
}

static void overview(int articles)
{
    static const char text[] = "Subject:\nFrom:\nDate:\nMessage-ID:\n"
                               "References:\n:bytes\n:lines\nXref:full\n";
    double limit = 1e9, ours = 1e9;
    struct sc_buf b = {0};
    int rc;
    struct nntp_format *f = nntp_format_new((struct sc_span)SC_SPAN(text), &rc);

    make_overview(&b, articles);
    for (int i = 0; i < ROUNDS; i++) {
        double t = now();

        find_ends(&b);
        t = now() - t;
        limit = t < limit ? t : limit;
        t = now();
        parse_all(&b, f);
        t = now() - t;
        ours = t < ours ? t : ours;
    }
    printf("overview of %d articles, %zu bytes a line: line ends %.1f ns, "
           "records %.1f ns (%.2f)\n",
           articles, b.len / (size_t)articles, limit / articles * 1e9,
           ours / articles * 1e9, ours / limit);
    nntp_format_free(f);
    sc_buf_free(&b);
}

/* --- yEnc --- */

static void make_bytes(uint8_t *p, size_t n)
{
    uint64_t x = 88172645463325252u;

    for (size_t i = 0; i < n; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        p[i] = (uint8_t)(x >> 32);
    }
}

/* Runs and what ends them, as the decoder does it; no keywords, no CRC. */
static size_t decode_alone(const struct sc_buf *in, uint8_t *out)
{
    const uint8_t *p = (const uint8_t *)in->data, *end = p + in->len;
    size_t n = 0;

    while (p < end) {
        size_t run = nntp_yenc_run(p, (size_t)(end - p), out + n);

        n += run;
        p += run;
        if (p < end && *p++ == '=' && p < end)
            out[n++] = (uint8_t)(*p++ - YENC_ESCAPE_SHIFT - YENC_SHIFT);
    }
    return n;
}

static void decode_all(const struct sc_buf *in)
{
    struct nntp_yenc_decoder *d = nntp_yenc_decoder_new(sc_null_sink, NULL);

    for (size_t at = 0; at < in->len; at += READ)
        nntp_yenc_sink(d, in->data + at,
                       in->len - at < READ ? in->len - at : READ);
    if (nntp_yenc_finish(d, NULL) < 0)
        abort();
    nntp_yenc_decoder_free(d);
}

enum job { CRC, ALONE, DECODE, ENCODE };

static void do_job(enum job job, const uint8_t *bytes, struct sc_buf *text,
                   uint8_t *out)
{
    struct nntp_yenc what = {.name = "bench"};
    uint32_t crc = 0;

    switch (job) {
    case CRC:
        sc_crc32(&crc, bytes, YENC_BYTES);
        keep += crc;
        break;
    case ALONE:
        keep += decode_alone(text, out);
        break;
    case DECODE:
        decode_all(text);
        break;
    case ENCODE:
        text->len = 0;
        if (nntp_yenc_encode(text, &what, bytes, YENC_BYTES) < 0)
            abort();
        break;
    }
}

static void yenc(void)
{
    static const char *const names[] = {"CRC alone", "decode without CRC",
                                        "decode", "encode"};
    uint8_t *bytes = malloc(YENC_BYTES), *out = malloc(2 * YENC_BYTES);
    struct sc_buf text = {0};

    if (bytes == NULL || out == NULL)
        abort();
    make_bytes(bytes, YENC_BYTES);
    do_job(ENCODE, bytes, &text, out);
    for (enum job job = CRC; job <= ENCODE; job++) {
        double best = 1e9;

        for (int i = 0; i < ROUNDS; i++) {
            double t = now();

            for (int k = 0; k < YENC_TIMES; k++)
                do_job(job, bytes, &text, out);
            t = now() - t;
            best = t < best ? t : best;
        }
        printf("yEnc, %s: %.2f GB/s of CPU time\n", names[job],
               (double)YENC_BYTES * YENC_TIMES / best / 1e9);
    }
    sc_buf_free(&text);
    free(bytes);
    free(out);
}

int main(int argc, char **argv)
{
    overview(argc > 1 ? (int)strtol(argv[1], NULL, 10) : 1000000);
    yenc();
    return keep == 0;
}
