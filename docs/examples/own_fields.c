/* own_fields.c - a class with fields of its own: Finger (RFC 1288), in which a
 * connection is good for one question. A server of our own answers. */
#include <simpleclient/class.h>
#include <simpleclient/simpleclient.h>

#include <stdio.h>

typedef struct FingerClient {
    SimpleClient base;
    int asked; /* questions so far */
} FingerClient;

static const struct client_class finger_class = {
    .name = "finger",
    .scheme = "finger",
    .port = 79,
    .size = sizeof(FingerClient),
    .greet = sc_client_greet,
    .reply = sc_client_reply,
    .quit = sc_client_quit,
    .cleanup = sc_client_cleanup,
};

/* Append what the server says of USER to OUT. */
static int finger(FingerClient *f, const char *user, struct sc_buf *out)
{
    SimpleClient *c = &f->base;

    if (f->asked++ > 0) /* the server has hung up since */
        sc_reopen(c);
    sc_writeline(c, "%s", user);
    return sc_read_until(c, NULL, out);
}

/* The server: a line comes, a line goes, and that is all. */
static void serve(void *arg)
{
    struct sc_span user;
    SimpleClient *c;
    Stream *s;

    while ((s = sc_accept(arg, -1, NULL)) != NULL) {
        c = sc_attach(&sc_simple_class, s, NULL);
        if (sc_readline(c, &user) == 0)
            sc_writeline(c, "%.*s is at home", (int)user.len, user.data);
        sc_close(c);
    }
}

int main(void)
{
    struct sc_listener *l = sc_listen("127.0.0.1:0", NULL);
    int64_t server = sc_task_go(NULL, serve, l);
    struct sc_buf text = SC_BUF(1 << 20);
    FingerClient *f = sc_open(&finger_class, sc_listener_name(l), 0, NULL);
    int rc = finger(f, "amy", &text);

    if (rc == 0)
        rc = finger(f, "bob", &text);
    if (rc == 0)
        printf("%s(%d questions)\n", text.data, f->asked);
    else
        fprintf(stderr, "own_fields: %s\n", sc_last_error(&f->base)->text);
    sc_buf_free(&text);
    sc_close(&f->base);
    sc_listener_close(l);
    sc_task_join(server);
    return rc < 0;
}
