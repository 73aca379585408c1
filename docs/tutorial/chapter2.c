/* chapter2.c - SimpleClient: lines instead of bytes; and a class of one's
 * own on top of it, tried out without a server. */
#include "server.h"

#include <simpleclient/class.h>
#include <simpleclient/script.h>

#include <stdio.h>

/* A page, by hand: write lines, read lines. */
static int by_hand(const char *server)
{
    SimpleClient *c = sc_connect(server, 0, NULL);
    struct sc_span line;
    int rc;

    sc_writeline(c, "GET %s HTTP/1.0", "/two");
    sc_writeline(c, "%s", "");
    while ((rc = sc_readline(c, &line)) == 0)
        printf("%.*s\n", (int)line.len, line.data);
    if (rc != SC_EOF)
        fprintf(stderr, "chapter2: %s\n", sc_last_error(c)->text);
    sc_close(c);
    return rc == SC_EOF ? 0 : rc;
}

/* A protocol: the server greets with 220, and tells the time if asked. */
static int time_greet(SimpleClient *c)
{
    return sc_expect(c, 220, NULL);
}

static int time_quit(SimpleClient *c)
{
    sc_writeline(c, "QUIT");
    return sc_expect(c, 221, NULL);
}

static const struct client_class time_class = {
    .name = "time",
    .size = sizeof(SimpleClient),
    .greet = time_greet,
    .reply = sc_client_reply,
    .quit = time_quit,
    .cleanup = sc_client_cleanup,
};

static int with_class(void)
{
    struct sc_error err = {0};
    Stream *s = sc_script_open("S: 220 what would you know?\n"
                               "C: TIME\n"
                               "S: 250 half past seven\n"
                               "C: QUIT\n"
                               "S: 221 so long\n",
                               0, &err);
    SimpleClient *c = sc_attach(&time_class, s, NULL);
    struct sc_span text;
    int rc;

    sc_writeline(c, "TIME");
    if ((rc = sc_expect(c, 250, &text)) >= 0)
        printf("It is %.*s.\n", (int)text.len, text.data);
    else
        fprintf(stderr, "chapter2: %s\n", sc_last_error(c)->text);
    sc_close(c); /* says QUIT */
    return rc < 0 ? rc : 0;
}

int main(void)
{
    const char *server = server_start();
    int rc = by_hand(server);

    server_stop();
    return rc < 0 || with_class() < 0;
}
