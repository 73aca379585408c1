/* chat_start.c - the connection, and TLS that begins in the middle: the greeting,
 * the commands, each with its reply. Lines such as "250-more" are followed by
 * others (RFC 5321 section 4.2.1). */

#include <stdio.h>
#include <string.h>

#include "../term/complain.h"
#include "../term/shown.h"
#include "../term/transcript.h"
#include "../term/usage.h"
#include "chat_start.h"

int chat_failed(SimpleClient *c)
{
    return complain(program_name, sc_last_error(c));
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool more_follows(struct sc_span l)
{
    return l.len > 3 && is_digit(l.data[0]) && is_digit(l.data[1]) &&
           is_digit(l.data[2]) && l.data[3] == '-';
}

/* The last line of a reply; it is borrowed until the next read. */
static int read_reply(SimpleClient *c, struct chat_show *show,
                      struct sc_span *line)
{
    int code;

    do {
        if (sc_readline(c, line) < 0)
            return chat_failed(c);
        if ((code = show_line(show, line->data, line->len)) != 0)
            return code;
    } while (more_follows(*line));
    return 0;
}

static bool begins(struct sc_span line, const char *text, size_t n)
{
    return n <= line.len && memcmp(line.data, text, n) == 0;
}

/* "CMD=REPLY", or CMD alone: 2 or +. */
static int command(SimpleClient *c, struct chat_show *show, const char *text)
{
    const char *reply = strchr(text, '=');
    size_t n = reply != NULL ? (size_t)(reply - text) : strlen(text);
    struct sc_span line;
    int code;

    sc_writeline_n(c, text, n);
    if ((code = read_reply(c, show, &line)) != 0)
        return code;
    if (reply != NULL ? begins(line, reply + 1, strlen(reply + 1))
                      : begins(line, "2", 1) || begins(line, "+", 1))
        return 0;
    fprintf(stderr, "%s: %.*s: ", program_name, (int)n, text);
    put_shown(stderr, line.data, line.len);
    putc('\n', stderr);
    return CHAT_MISMATCH;
}

static int start_tls(const struct chat_options *o, struct chat_show *show,
                     SimpleClient *c)
{
    struct sc_span line;
    int code = 0;

    if (o->starttls.n == 0)
        return 0;
    if (!o->no_greeting)
        code = read_reply(c, show, &line);
    for (size_t i = 0; code == 0 && i < o->starttls.n; i++)
        code = command(c, show, o->starttls.at[i]);
    if (code == 0 && sc_starttls(c, NULL) < 0)
        code = chat_failed(c);
    return code;
}

int chat_start(const struct chat_options *o, struct chat_show *show,
               SimpleClient **c)
{
    struct sc_options connect = o->connect;

    if (o->verbose)
        connect.trace = show_transcript;
    *c = sc_connect(o->server, 0, &connect);
    if (sc_last_error(*c)->code == SC_EINVAL) {
        chat_failed(*c);
        return EXIT_USAGE;
    }
    if (sc_last_error(*c)->code != 0)
        return chat_failed(*c);
    return start_tls(o, show, *c);
}
