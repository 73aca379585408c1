/* pop_server.c - POP3 as a server speaks it, just enough for the tutorial. */
#include "pop_server.h"

#include <simpleclient/class.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LETTERS = 3 };

static struct {
    const char *text;
    bool marked, gone;
} letters[LETTERS] = {{.text = "Subject: lunch\r\n\r\nAt noon?\r\n"},
                      {.text = "Subject: news\r\n\r\n.None.\r\n"},
                      {.text = "Subject: re: lunch\r\n\r\nYes.\r\n"}};

static struct sc_listener *listener;

static bool begins(struct sc_span line, const char *with)
{
    size_t n = strlen(with);

    return line.len >= n && memcmp(line.data, with, n) == 0;
}

static int say_lines(SimpleClient *c, const char *const *lines)
{
    sc_writeline(c, "+OK");
    for (; *lines != NULL; lines++)
        sc_writeline(c, "%s", *lines);
    return sc_writeline(c, ".");
}

static int say_capabilities(SimpleClient *c)
{
    static const char *const all[] = {"USER", "UIDL", "TOP", "PIPELINING",
                                      NULL};

    return say_lines(c, all);
}

static int say_stat(SimpleClient *c)
{
    size_t n = 0, bytes = 0;

    for (int i = 0; i < LETTERS; i++)
        if (!letters[i].gone) {
            n++;
            bytes += strlen(letters[i].text);
        }
    return sc_writeline(c, "+OK %zu %zu", n, bytes);
}

static int say_list(SimpleClient *c, bool uids)
{
    int n = 0;

    sc_writeline(c, "+OK");
    for (int i = 0; i < LETTERS; i++)
        if (letters[i].gone)
            continue;
        else if (uids)
            sc_writeline(c, "%d letter-%d", ++n, i);
        else
            sc_writeline(c, "%d %zu", ++n, strlen(letters[i].text));
    return sc_writeline(c, ".");
}

/* "RETR 2": the second that is left; -1: there is none. */
static int letter_of(struct sc_span line)
{
    const char *space = memchr(line.data, ' ', line.len);
    long n = space != NULL ? strtol(space, NULL, 10) : 0;

    for (int i = 0; i < LETTERS; i++)
        if (!letters[i].gone && --n == 0)
            return i;
    return -1;
}

static int say_letter(SimpleClient *c, struct sc_span line)
{
    int i = letter_of(line);
    const char *text, *end;

    if (i < 0)
        return sc_writeline(c, "-ERR no such message");
    text = letters[i].text;
    end = strstr(text, "\r\n\r\n") + 4; /* of its header */
    sc_writeline(c, "+OK");
    sc_write_dot(c, text,
                 begins(line, "TOP") ? (size_t)(end - text) : strlen(text));
    return sc_end_dot(c);
}

static int mark(SimpleClient *c, struct sc_span line)
{
    int i = letter_of(line);

    if (i < 0)
        return sc_writeline(c, "-ERR no such message");
    letters[i].marked = true;
    return sc_writeline(c, "+OK");
}

static int say_goodbye(SimpleClient *c)
{
    for (int i = 0; i < LETTERS; i++)
        letters[i].gone |= letters[i].marked;
    sc_writeline(c, "+OK bye");
    return SC_EOF;
}

/* One command; returns 0 if another may follow. */
static int answer(SimpleClient *c)
{
    struct sc_span line;
    int rc = sc_readline(c, &line);

    if (rc < 0)
        return rc;
    if (begins(line, "CAPA"))
        return say_capabilities(c);
    if (begins(line, "STAT"))
        return say_stat(c);
    if (begins(line, "LIST") || begins(line, "UIDL"))
        return say_list(c, begins(line, "UIDL"));
    if (begins(line, "RETR") || begins(line, "TOP"))
        return say_letter(c, line);
    if (begins(line, "DELE"))
        return mark(c, line);
    if (begins(line, "QUIT"))
        return say_goodbye(c);
    return sc_writeline(c, "+OK"); /* USER, PASS, NOOP */
}

static void serve_one(void *arg)
{
    SimpleClient *c = sc_attach(&sc_simple_class, arg, NULL);

    for (int i = 0; i < LETTERS; i++)
        letters[i].marked = false;
    sc_writeline(c, "+OK tutorial.example");
    while (answer(c) == 0)
        ;
    sc_flush(c);
    sc_close(c);
}

static void serve(void *arg)
{
    struct sc_group *g = sc_group_new(NULL, 0);
    Stream *s;

    while ((s = sc_accept(arg, -1, NULL)) != NULL)
        if (sc_group_go(g, serve_one, s) < 0)
            sc_stream_close(s);
    sc_group_cancel(g);
    sc_group_wait(g);
}

const char *pop_server_start(void)
{
    static char url[128];
    struct sc_error err = {0};

    listener = sc_listen("127.0.0.1:0", &err);
    if (listener == NULL) {
        fprintf(stderr, "%s\n", err.text);
        return NULL;
    }
    sc_task_go(NULL, serve, listener);
    snprintf(url, sizeof url, "pop3://joe:secret@%s/",
             sc_listener_name(listener));
    return url;
}

void pop_server_stop(void)
{
    sc_listener_close(listener);
    sc_run();
}
