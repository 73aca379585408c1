/* trace.c - the dialogue on stderr as curl -v has it; or all bytes in a file,
 * as curl --trace has them. The library masks what is secret. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "fetch/program.h"
#include "fetch/trace.h"

enum { WIDTH_HEX = 16, WIDTH_TEXT = 64 };

static struct {
    bool on, bytes, ascii, time, secrets;
    FILE *file;
    struct sc_buf head; /* lines of a head, until it is whole */
    int direction;      /* whose */
} trace;

int trace_open(const struct command *k)
{
    trace.on = k->verbose || k->trace != NULL;
    trace.bytes = k->trace != NULL;
    trace.ascii = k->trace_ascii;
    trace.time = k->trace_time;
    trace.secrets = k->trace_secrets;
    trace.file = stderr;
    if (k->trace == NULL || strcmp(k->trace, "%") == 0)
        return 0;
    trace.file = strcmp(k->trace, "-") == 0 ? stdout : fopen(k->trace, "wb");
    if (trace.file != NULL)
        return 0;
    fprintf(stderr, "%s: cannot write to %s: %s\n", fetch_program.name,
            k->trace, strerror(errno));
    return 23;
}

void trace_close(void)
{
    if (trace.file != NULL && trace.file != stderr && trace.file != stdout)
        fclose(trace.file);
    sc_buf_free(&trace.head);
}

bool trace_wanted(void)
{
    return trace.on;
}

bool trace_bodies(void)
{
    return trace.bytes;
}

static void stamp(void)
{
    struct timeval now;
    struct tm tm;

    if (!trace.time)
        return;
    gettimeofday(&now, NULL);
    localtime_r(&now.tv_sec, &tm);
    fprintf(trace.file, "%02d:%02d:%02d.%06ld ", tm.tm_hour, tm.tm_min,
            tm.tm_sec, (long)now.tv_usec);
}

/* --- bytes --- */

static void hex_line(const unsigned char *p, size_t at, size_t n)
{
    fprintf(trace.file, "%04zx: ", at);
    for (size_t i = 0; i < WIDTH_HEX; i++)
        if (i < n)
            fprintf(trace.file, "%02x ", p[i]);
        else
            fputs("   ", trace.file);
    for (size_t i = 0; i < n; i++)
        fputc(p[i] >= 0x20 && p[i] < 0x7f ? p[i] : '.', trace.file);
    fputc('\n', trace.file);
}

/* A line of text ends where the bytes have CR LF. Returns how many were
 * shown. */
static size_t text_line(const unsigned char *p, size_t at, size_t n)
{
    size_t i;

    fprintf(trace.file, "%04zx: ", at);
    for (i = 0; i < n && i < WIDTH_TEXT; i++) {
        if (i + 1 < n && p[i] == '\r' && p[i + 1] == '\n') {
            i += 2;
            break;
        }
        fputc(p[i] >= 0x20 && p[i] < 0x7f ? p[i] : '.', trace.file);
    }
    fputc('\n', trace.file);
    return i;
}

static void dump(const char *what, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    size_t step;

    stamp();
    fprintf(trace.file, "%s, %zu bytes (0x%zx)\n", what, n, n);
    for (size_t at = 0; at < n; at += step) {
        step = n - at < WIDTH_HEX ? n - at : WIDTH_HEX;
        if (trace.ascii)
            step = text_line(p + at, at, n - at);
        else
            hex_line(p + at, at, step);
    }
}

void trace_data(bool sent, const void *p, size_t n)
{
    if (trace.bytes)
        dump(sent ? "=> Send data" : "<= Recv data", p, n);
}

/* --- lines --- */

static void show_line(int direction, const char *text, size_t n)
{
    stamp();
    fprintf(trace.file, "%c ", direction);
    for (size_t i = 0; i < n; i++)
        fputc((unsigned char)text[i] < ' ' || text[i] == 0x7f ? '?' : text[i],
              trace.file);
    fputc('\n', trace.file);
}

static void end_head(void)
{
    if (trace.head.len > 0)
        dump(trace.direction == '>' ? "=> Send header" : "<= Recv header",
             trace.head.data, trace.head.len);
    trace.head.len = 0;
}

static void add_line(int direction, const char *text, size_t n)
{
    if (direction != trace.direction)
        end_head();
    trace.direction = direction;
    add_bytes(&trace.head, text, n);
    add_text(&trace.head, "\r\n");
    if (n == 0)
        end_head();
}

/* The library masks what we send; a cookie that is set is as good as sent. */
static bool is_secret(int direction, const char *text, size_t n)
{
    static const char name[] = "Set-Cookie:";

    return direction == '<' && !trace.secrets && n >= sizeof name - 1 &&
           strncasecmp(text, name, sizeof name - 1) == 0;
}

void trace_line(void *arg, int direction, const char *text, size_t n)
{
    (void)arg;
    if (is_secret(direction, text, n)) {
        text = "Set-Cookie: ***";
        n = strlen(text);
    }
    if (!trace.bytes) {
        show_line(direction, text, n);
    } else if (direction == '*') {
        stamp();
        fprintf(trace.file, "== Info: %.*s\n", (int)n, text);
    } else {
        add_line(direction, text, n);
    }
}
