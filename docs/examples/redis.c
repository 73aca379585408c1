/* redis.c - redis HOST:PORT COMMAND [ARGUMENT]...: one command to a Redis server
 * (RESP2), its answer shown. Replies have lengths: text may hold anything. */

#include <stdio.h>
#include <string.h>

#include <simpleclient/class.h>

enum { BULK_MOST = 64 << 20, DEPTH_MOST = 8 };

static int redis_quit(SimpleClient *c)
{
    (void)c;
    return 0; /* closing is enough */
}

static const struct client_class redis_class = {
    .name = "redis",
    .scheme = "redis",
    .port = 6379,
    .tls_port = 6380,
    .size = sizeof(SimpleClient),
    .greet = sc_client_greet, /* the client speaks first */
    .reply = sc_client_reply, /* not used: replies are no codes */
    .quit = redis_quit,
    .cleanup = sc_client_cleanup,
};

/* An array of strings, each with its length in front. */
static void redis_send(SimpleClient *c, char **words, int n)
{
    sc_writeline(c, "*%d", n);
    for (; n > 0; n--, words++) {
        sc_writeline(c, "$%zu", strlen(*words));
        sc_write(c, *words, strlen(*words));
        sc_write(c, "\r\n", 2);
    }
}

/* The number behind the type, -1 to MOST, or an error: broken. */
static long long number(SimpleClient *c, struct sc_span line, long long most)
{
    long long n;
    int end = 0;

    if (line.len > 1 && line.len < 20 &&
        sscanf(line.data + 1, "%lld%n", &n, &end) == 1 &&
        (size_t)end == line.len - 1 && n >= -1 && n <= most)
        return n;
    return sc_break(c, SC_EPROTO, "not a length");
}

static int show_bulk(SimpleClient *c, struct sc_span line)
{
    long long left = number(c, line, BULK_MOST);
    char part[4096];
    ssize_t n;

    if (left < 0)
        return left == -1 ? (puts("(nil)"), 0) : (int)left;
    for (; left > 0; left -= n) {
        n = left < (long long)sizeof part ? left : (long long)sizeof part;
        if ((n = sc_read(c, part, (size_t)n)) <= 0)
            return n < 0 ? (int)n : sc_break(c, SC_ESHORT, "half an answer");
        fwrite(part, 1, (size_t)n, stdout);
    }
    putchar('\n');
    return sc_read_exact(c, part, 2); /* its line end */
}

static int show_reply(SimpleClient *c, int depth)
{
    struct sc_span line;
    long long n;
    int rc = sc_readline(c, &line);

    if (rc < 0)
        return rc;
    if (line.len == 0 || depth > DEPTH_MOST)
        return sc_break(c, SC_EPROTO, "not a reply");
    switch (line.data[0]) {
    case '-':
        return sc_fail(c, SC_EREPLY, "%.*s", (int)line.len - 1, line.data + 1);
    case '+':
    case ':':
        return printf("%.*s\n", (int)line.len - 1, line.data + 1) < 0 ? SC_EPIPE
                                                                      : 0;
    case '$':
        return show_bulk(c, line);
    case '*':
        for (n = number(c, line, 1 << 20); n > 0 && rc == 0; n--)
            rc = show_reply(c, depth + 1);
        return sc_broken(c) ? sc_broken(c) : rc;
    default:
        return sc_break(c, SC_EPROTO, "not a reply");
    }
}

int main(int argc, char **argv)
{
    SimpleClient *c;
    int rc;

    if (argc < 3) {
        fputs("usage: redis HOST[:PORT] COMMAND [ARGUMENT]...\n", stderr);
        return 2;
    }
    c = sc_open(&redis_class, argv[1], 0, NULL);
    redis_send(c, argv + 2, argc - 2);
    if ((rc = show_reply(c, 0)) < 0)
        fprintf(stderr, "%s\n", sc_last_error(c)->text);
    sc_close(c);
    return rc < 0;
}
