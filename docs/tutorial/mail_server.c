/* mail_server.c - SMTP as a server speaks it, just enough for the tutorial. */
#include "mail_server.h"

#include <simpleclient/class.h>

#include <stdio.h>
#include <string.h>

static struct sc_listener *listener;

/* A message that is on its way. */
struct letter {
    int recipients;
    bool lost; /* it is for lost@ */
    struct sc_buf text;
};

static bool begins(struct sc_span line, const char *with)
{
    size_t n = strlen(with);

    return line.len >= n && memcmp(line.data, with, n) == 0;
}

static int take_recipient(SimpleClient *c, struct letter *l,
                          struct sc_span line)
{
    if (begins(line, "RCPT TO:<nobody@"))
        return sc_writeline(c, "550 5.1.1 nobody of that name");
    l->lost |= begins(line, "RCPT TO:<lost@");
    l->recipients++;
    return sc_writeline(c, "250 2.1.5 ok");
}

static int take_text(SimpleClient *c, struct letter *l)
{
    int rc;

    if (l->recipients == 0)
        return sc_writeline(c, "554 5.5.1 for whom?");
    sc_writeline(c, "354 go on");
    if ((rc = sc_read_dot(c, &l->text)) < 0)
        return rc;
    if (l->lost)
        return SC_EOF;
    return sc_writeline(c, "250 2.0.0 %zu bytes taken", l->text.len);
}

static int say_hello(SimpleClient *c)
{
    sc_writeline(c, "250-tutorial.example");
    sc_writeline(c, "250-PIPELINING");
    sc_writeline(c, "250-8BITMIME");
    return sc_writeline(c, "250 ENHANCEDSTATUSCODES");
}

static void begin(struct letter *l)
{
    l->recipients = 0;
    l->lost = false;
    l->text.len = 0;
}

/* One command; returns 0 if another may follow. */
static int answer(SimpleClient *c, struct letter *l)
{
    struct sc_span line;
    int rc = sc_readline(c, &line);

    if (rc < 0)
        return rc;
    if (begins(line, "QUIT")) {
        sc_writeline(c, "221 2.0.0 bye");
        return SC_EOF;
    }
    if (begins(line, "EHLO"))
        return say_hello(c);
    if (begins(line, "RCPT"))
        return take_recipient(c, l, line);
    if (begins(line, "DATA"))
        return take_text(c, l);
    begin(l); /* MAIL, RSET */
    return sc_writeline(c, "250 2.0.0 ok");
}

static void serve_one(void *arg)
{
    SimpleClient *c = sc_attach(&sc_simple_class, arg, NULL);
    struct letter l = {.text = SC_BUF(1 << 20)};

    sc_writeline(c, "220 tutorial.example ESMTP");
    while (answer(c, &l) == 0)
        ;
    sc_flush(c);
    sc_buf_free(&l.text);
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

const char *mail_server_start(void)
{
    static char url[128];
    struct sc_error err = {0};

    listener = sc_listen("127.0.0.1:0", &err);
    if (listener == NULL) {
        fprintf(stderr, "%s\n", err.text);
        return NULL;
    }
    sc_task_go(NULL, serve, listener);
    snprintf(url, sizeof url, "smtp://%s/", sc_listener_name(listener));
    return url;
}

void mail_server_stop(void)
{
    sc_listener_close(listener);
    sc_run();
}
