/* irc.c - irc HOST:PORT NICK CHANNEL SECONDS < LINES: joins a channel (RFC 2812),
 * says what stdin has, prints what others say. Lines come unasked at any time: one
 * task reads, another writes. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simpleclient/class.h>
#include <simpleclient/task.h>

typedef struct IRCClient {
    SimpleClient base;
    const char *channel;
} IRCClient;

static int irc_quit(SimpleClient *c)
{
    sc_writeline(c, "QUIT :bye");
    return sc_flush(c);
}

static const struct client_class irc_class = {
    .name = "irc",
    .scheme = "irc",
    .port = 6667,
    .size = sizeof(IRCClient),
    .line_limit = 512,
    .greet = sc_client_greet,
    .reply = sc_client_reply, /* not used: numbers stand behind a name */
    .quit = irc_quit,
    .cleanup = sc_client_cleanup,
};

/* ":who!user@host COMMAND middle :the rest". PING is answered here. */
struct irc_line {
    char who[64], command[32], rest[512];
};

static int irc_read(SimpleClient *c, struct irc_line *l)
{
    char text[600] = "", *rest;
    struct sc_span line;
    int rc = sc_readline(c, &line), from = 0;

    *l = (struct irc_line){.rest = ""};
    if (rc < 0)
        return rc;
    sc_span_copy(text, sizeof text, line);
    if ((rest = strstr(text, " :")) != NULL)
        snprintf(l->rest, sizeof l->rest, "%s", rest + 2);
    if (text[0] == ':') {
        sscanf(text, ":%63[^! ]", l->who);
        from = (int)strcspn(text, " ");
    }
    sscanf(text + from, "%31s", l->command);
    if (strcmp(l->command, "PING") == 0)
        return sc_writeline(c, "PONG :%s", l->rest);
    return 0;
}

/* Until the server has taken the nick: 001. 4xx is a refusal. */
static int irc_join(IRCClient *i, const char *nick)
{
    SimpleClient *c = &i->base;
    struct irc_line l;
    int rc;

    sc_writeline(c, "NICK %s", nick);
    sc_writeline(c, "USER %s 0 * :%s", nick, nick);
    while ((rc = irc_read(c, &l)) == 0 && strcmp(l.command, "001") != 0) {
        if (l.command[0] == '4' || strcmp(l.command, "ERROR") == 0)
            return sc_break(c, SC_EREPLY, "%s %s", l.command, l.rest);
    }
    sc_writeline(c, "JOIN %s", i->channel);
    return rc < 0 ? rc : sc_flush(c);
}

static void listen_to_all(void *arg)
{
    struct irc_line l;

    while (irc_read(arg, &l) == 0) {
        if (strcmp(l.command, "PRIVMSG") == 0)
            printf("<%s> %s\n", l.who, l.rest);
        if (strcmp(l.command, "366") == 0) /* the end of who is there */
            printf("joined\n");
        fflush(stdout);
        sc_flush(arg); /* a PONG */
    }
}

int main(int argc, char **argv)
{
    struct sc_options opt = {.wait_ms = 300000}; /* idle channels are silent */
    int seconds = argc == 5 ? (int)strtol(argv[4], NULL, 10) : 0;
    char text[400];
    IRCClient *i;

    if (seconds <= 0 || seconds > 3600) {
        fputs("usage: irc HOST[:PORT] NICK CHANNEL SECONDS < LINES\n", stderr);
        return 2;
    }
    i = sc_open(&irc_class, argv[1], 0, &opt);
    i->channel = argv[3];
    if (irc_join(i, argv[2]) < 0)
        return fprintf(stderr, "%s\n", sc_last_error(&i->base)->text), 1;
    sc_task_go(NULL, listen_to_all, i);
    while (fgets(text, sizeof text, stdin) != NULL) {
        text[strcspn(text, "\r\n")] = '\0';
        sc_writeline(&i->base, "PRIVMSG %s :%s", i->channel, text);
    }
    sc_flush(&i->base);
    sc_sleep((int64_t)seconds * 1000); /* the reader goes on meanwhile */
    irc_quit(&i->base);
    sc_run(); /* until the server has hung up */
    sc_drop(&i->base);
    return 0;
}
