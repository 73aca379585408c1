/* dialogue.c - lines of traces, looked at as they pass. */

#include <string.h>
#include <strings.h>

#include "fetch/dialogue.h"
#include "fetch/memory.h"
#include "fetch/trace.h"

enum { REPLIES_MOST = 1 << 20 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int code_of(const char *p, size_t n)
{
    if (n < 3 || !is_digit(p[0]) || !is_digit(p[1]) || !is_digit(p[2]))
        return 0;
    return (p[0] - '0') * 100 + (p[1] - '0') * 10 + (p[2] - '0');
}

static void take_reply(struct dialogue *d, const char *text, size_t n)
{
    d->before = d->answer;
    d->answer = code_of(text, n);
    if (d->answer / 100 == 1 || d->answer / 100 == 3)
        d->begun = true;
    d->size += n + 2;
    if (!d->keep || d->replies.len > REPLIES_MOST)
        return;
    add_bytes(&d->replies, text, n);
    add_text(&d->replies, "\r\n");
}

static void take_command(struct dialogue *d, const char *text, size_t n)
{
    d->over = n == 4 && memcmp(text, "QUIT", 4) == 0;
    if (d->over)
        return;
    if (n >= sizeof d->said)
        n = sizeof d->said - 1;
    memcpy(d->said, text, n);
    d->said[n] = '\0';
    d->begun = false;
}

void dialogue_line(void *arg, int direction, const char *text, size_t n)
{
    struct dialogue *d = arg;

    if (direction == '>')
        take_command(d, text, n);
    else if (direction == '<' && !d->over)
        take_reply(d, text, n);
    else if (direction == '*')
        d->connects += n >= 9 && memcmp(text, "connected", 9) == 0;
    if (trace_wanted())
        trace_line(NULL, direction, text, n);
}

bool dialogue_said(const struct dialogue *d, const char *word)
{
    size_t n = strlen(word);

    return strncasecmp(d->said, word, n) == 0 &&
           (d->said[n] == '\0' || d->said[n] == ' ');
}

void dialogue_free(struct dialogue *d)
{
    sc_buf_free(&d->replies);
}
