/* chapter10_fortune.c - FORTUNE: a class, a verb, a scheme. */
#include "chapter10.h"

#include <stdio.h>
#include <string.h>

/* --- the client: chapter 2's way --- */

static int fortune_greet(SimpleClient *c)
{
    return sc_expect(c, 200, NULL);
}

static int fortune_quit(SimpleClient *c)
{
    sc_writeline(c, "BYE");
    return sc_expect(c, 205, NULL);
}

const struct client_class fortune_class = {
    .name = "fortune",
    .scheme = "fortune",
    .port = 1717,
    .tls_port = 1718,
    .size = sizeof(SimpleClient),
    .greet = fortune_greet,
    .reply = sc_client_reply, /* three digits and text */
    .quit = fortune_quit,
    .cleanup = sc_client_cleanup,
};

/* A topic is one word: a space in it would be another argument. */
static int fortune_ask(SimpleClient *c, const char *topic)
{
    if (*topic == '\0' || strchr(topic, ' ') != NULL)
        return sc_fail(c, SC_EINVAL, "not a topic: \"%.40s\"", topic);
    sc_writeline(c, "ABOUT %s", topic);
    return sc_expect(c, 250, NULL);
}

int fortune_about(SimpleClient *c, const char *topic, struct sc_buf *out)
{
    int rc = fortune_ask(c, topic);

    return rc < 0 ? rc : sc_read_dot(c, out);
}

/* --- the scheme: fortune://host/topic --- */

static int fortune_open(struct url_request *r)
{
    r->info.type = "text/plain";
    return fortune_ask(r->client, r->path.data);
}

/* TOPICS is answered by a dot block too, a topic a line. */
static int fortune_list(struct url_request *r,
                        int (*fn)(void *arg, const struct url_entry *e),
                        void *arg)
{
    struct sc_buf topics = SC_BUF(65536);
    struct url_entry e = {.kind = 'f', .size = -1, .mtime = -1};
    char *line, *next;
    int rc;

    sc_writeline(r->client, "TOPICS");
    if ((rc = sc_expect(r->client, 250, NULL)) >= 0)
        rc = sc_read_dot(r->client, &topics);
    if (rc == 0 && strlen(topics.data) < topics.len)
        rc = url_fail(r, SC_EPROTO, "a topic with NUL");
    for (line = topics.data; rc == 0 && line != NULL; line = next) {
        if ((next = strchr(line, '\n')) == NULL)
            break;
        *next++ = '\0';
        line[strcspn(line, "\r")] = '\0'; /* not every server sends CRLF */
        e.name = line;
        e.raw = sc_span_of(line);
        rc = fn(arg, &e);
    }
    sc_buf_free(&topics);
    return rc;
}

const struct url_scheme fortune_scheme = {
    .name = "fortune",
    .tls_name = "fortunes",
    .cls = &fortune_class,
    .connect = url_connect, /* a new connection, or one of the pool */
    .open = fortune_open,
    .read = url_read_dot,
    .list = fortune_list,
    .put = url_no_put,
    .close = url_close_nothing,
};
