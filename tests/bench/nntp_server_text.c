/* nntp_server_text.c - what the bench's news server has: articles of words (so
 * that DEFLATE has work), an overview, numbers, and two large bodies. */
#include "nntp_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 1 << 20, COLUMNS = 60, YENC_LINE = 128, WORDS = 1024 };

struct nntp_text nntp_article[NNTP_TEXTS];

static uint32_t chance(void)
{
    static uint32_t x = 2463534242;

    x ^= x << 13;
    x ^= x >> 17;
    return x ^= x << 5;
}

static FILE *text_file(char **p, size_t *n)
{
    FILE *f = open_memstream(p, n);

    if (f == NULL)
        bench_die("open_memstream");
    return f;
}

static struct nntp_text text_of(const char *text)
{
    return (struct nntp_text){text, strlen(text)};
}

/* --- articles --- */

static const char *word(void)
{
    static char words[WORDS][12];

    for (int i = 0; *words[WORDS - 1] == '\0'; i++)
        for (uint32_t n = 2 + chance() % 8, k = 0; k < n; k++)
            words[i][k] = (char)('a' + chance() % 26);
    return words[chance() % WORDS];
}

/* A line of words; the bytes of the article that it is, so without the dot that
 * is doubled. */
static size_t add_line(FILE *f, bool dot)
{
    int n = fprintf(f, "%s%s", dot ? ".." : "", word());

    while (n < COLUMNS)
        n += fprintf(f, " %s", word());
    fputs("\r\n", f);
    return (size_t)n + 2 - dot;
}

static struct nntp_text make_article(uint64_t size)
{
    struct nntp_text t;
    char *p;
    FILE *f = text_file(&p, &t.n);
    uint64_t n = (uint64_t)fprintf(
        f,
        "Path: bench!not-for-mail\r\nFrom: %s <sender@bench.example>\r\n"
        "Newsgroups: bench.test\r\nSubject: %s %s\r\n"
        "Message-ID: <%s.%u@bench.example>\r\n"
        "Date: Thu, 01 Jan 2026 00:00:00 +0000\r\n"
        "Xref: bench bench.test:1\r\n\r\n",
        word(), word(), word(), word(), chance());

    for (int line = 1; n < size; line++)
        n += add_line(f, line % 8 == 0);
    fputs(".\r\n", f);
    fclose(f);
    t.p = p;
    return t;
}

void nntp_make_texts(uint64_t size)
{
    for (int i = 0; i < NNTP_TEXTS; i++)
        nntp_article[i] = make_article(size);
}

/* --- lists --- */

struct nntp_text nntp_overview(uint64_t count, uint64_t size)
{
    struct nntp_text t;
    char *p;
    FILE *f = text_file(&p, &t.n);

    fputs("224 Overview follows\r\n", f);
    for (unsigned long long i = 1; i <= count; i++)
        fprintf(f,
                "%llu\tMessage %08llu\tsender@bench.example\t"
                "Thu, 01 Jan 2026 00:00:00 +0000\t<%08llu@bench.example>\t"
                "<reference@bench.example>\t%llu\t30\t"
                "Xref: bench bench.test:%llu\r\n",
                i, i, i, (unsigned long long)size, i);
    fputs(".\r\n", f);
    fclose(f);
    t.p = p;
    return t;
}

struct nntp_text nntp_numbers(uint64_t count)
{
    struct nntp_text t;
    char *p;
    FILE *f = text_file(&p, &t.n);

    fprintf(f, "211 %llu 1 %llu bench.test\r\n", (unsigned long long)count,
            (unsigned long long)count);
    for (unsigned long long i = 1; i <= count; i++)
        fprintf(f, "%llu\r\n", i);
    fputs(".\r\n", f);
    fclose(f);
    t.p = p;
    return t;
}

/* --- large bodies --- */

void nntp_large_lines(struct nntp_large *l, uint64_t size)
{
    char *p;
    FILE *f = text_file(&p, &l->block.n);

    for (int line = 1; ftell(f) < BLOCK; line++) {
        if (line % 8 == 0)
            fputs("..", f);
        for (int i = line % 8 == 0; i < 72; i++)
            fputc('a' + (line + i) % 26, f);
        fputs("\r\n", f);
    }
    fclose(f);
    l->block.p = p;
    l->times = size / l->block.n + 1;
    l->front = text_of("222 1 <large@bench.example>\r\n");
    l->back = text_of(".\r\n");
}

/* A byte: 42 more, and escaped where it would be taken for something else. */
static int add_yenc(FILE *f, unsigned char byte)
{
    unsigned char c = (unsigned char)(byte + 42);
    bool escaped = c == '\0' || c == '\r' || c == '\n' || c == '=';

    if (escaped)
        fputc('=', f);
    fputc(escaped ? (unsigned char)(c + 64) : c, f);
    return 1 + escaped;
}

/* A megabyte of whole lines; what they say is in RAW. */
static size_t yenc_block(struct nntp_text *t, unsigned char *raw)
{
    char *p;
    FILE *f = text_file(&p, &t->n);
    size_t n = 0;

    while (ftell(f) < BLOCK) {
        for (int column = 0; column < YENC_LINE; n++) {
            raw[n] = (unsigned char)(chance() >> 11);
            if (column == 0 && raw[n] == (unsigned char)('.' - 42))
                fputc('.', f);
            column += add_yenc(f, raw[n]);
        }
        fputs("\r\n", f);
    }
    fclose(f);
    t->p = p;
    return n;
}

void nntp_large_yenc(struct nntp_large *l, uint64_t size)
{
    static unsigned char raw[BLOCK + YENC_LINE];
    static char front[128], back[128];
    size_t n = yenc_block(&l->block, raw);
    unsigned long long whole;
    uLong crc = 0;

    l->times = size / l->block.n + 1;
    whole = l->times * n;
    for (uint64_t i = 0; i < l->times; i++)
        crc = crc32(crc, raw, (uInt)n);
    snprintf(front, sizeof front,
             "222 2 <yenc@bench.example>\r\n"
             "=ybegin line=%d size=%llu name=bench\r\n",
             YENC_LINE, whole);
    snprintf(back, sizeof back, "=yend size=%llu crc32=%08lx\r\n.\r\n", whole,
             crc);
    l->front = text_of(front);
    l->back = text_of(back);
}
