/* memcached.c - memcached HOST:PORT set KEY TEXT | get KEY | delete KEY: lines,
 * and blocks of a told length behind some of them. */

#include <stdio.h>
#include <string.h>

#include <simpleclient/class.h>

enum { VALUE_MOST = 1 << 20, KEY_MOST = 250 };

static int memcached_quit(SimpleClient *c)
{
    sc_writeline(c, "quit"); /* answered by the end */
    return sc_flush(c);
}

static const struct client_class memcached_class = {
    .name = "memcached",
    .scheme = "memcached",
    .port = 11211,
    .size = sizeof(SimpleClient),
    .line_limit = 2048,
    .greet = sc_client_greet,
    .reply = sc_client_reply, /* not used: replies are words */
    .quit = memcached_quit,
    .cleanup = sc_client_cleanup,
};

/* A key is one word: a space in it would be another argument. */
static int check_key(SimpleClient *c, const char *key)
{
    size_t n = strlen(key);

    return n > 0 && n <= KEY_MOST && strcspn(key, " \t") == n
               ? 0
               : sc_fail(c, SC_EINVAL, "not a key: %.40s", key);
}

/* WORD must be the whole answer. */
static int expect_word(SimpleClient *c, const char *word)
{
    struct sc_span line;
    int rc = sc_readline(c, &line);

    if (rc < 0 || sc_span_eq(line, word))
        return rc;
    return sc_fail(c, SC_EREPLY, "%.*s", (int)line.len, line.data);
}

static int mc_set(SimpleClient *c, const char *key, const char *text)
{
    int rc = check_key(c, key);

    if (rc < 0)
        return rc;
    sc_writeline(c, "set %s 0 0 %zu", key, strlen(text));
    sc_write(c, text, strlen(text));
    sc_write(c, "\r\n", 2);
    return expect_word(c, "STORED");
}

static int mc_delete(SimpleClient *c, const char *key)
{
    int rc = check_key(c, key);

    if (rc < 0)
        return rc;
    sc_writeline(c, "delete %s", key);
    return expect_word(c, "DELETED");
}

/* "VALUE key flags bytes", the bytes, ...; "END". Returns how many, or an error. */
static int mc_get(SimpleClient *c, const char *key)
{
    static char value[VALUE_MOST + 2];
    int rc = check_key(c, key), found = 0;
    struct sc_span line;
    char head[KEY_MOST + 64];
    unsigned long n;

    if (rc < 0)
        return rc;
    sc_writeline(c, "get %s", key);
    while ((rc = sc_readline(c, &line)) == 0 && !sc_span_eq(line, "END")) {
        if (!sc_span_copy(head, sizeof head, line) ||
            sscanf(head, "VALUE %*s %*u %lu", &n) != 1 || n > VALUE_MOST)
            return sc_break(c, SC_EPROTO, "not an answer to get");
        if ((rc = sc_read_exact(c, value, n + 2)) < 0)
            return rc;
        fwrite(value, 1, n, stdout);
        putchar('\n');
        found++;
    }
    return rc < 0 ? rc : found;
}

int main(int argc, char **argv)
{
    const char *verb = argc > 3 ? argv[2] : "";
    SimpleClient *c;
    int rc;

    if (!(argc == 5 && strcmp(verb, "set") == 0) &&
        !(argc == 4 &&
          (strcmp(verb, "get") == 0 || strcmp(verb, "delete") == 0))) {
        fputs("usage: memcached HOST[:PORT] set KEY TEXT | get KEY | "
              "delete KEY\n",
              stderr);
        return 2;
    }
    c = sc_open(&memcached_class, argv[1], 0, NULL);
    rc = *verb == 's'   ? mc_set(c, argv[3], argv[4])
         : *verb == 'g' ? mc_get(c, argv[3]) - 1
                        : mc_delete(c, argv[3]);
    if (rc < 0)
        fprintf(stderr, "%s\n",
                rc == -1 ? "not found" : sc_last_error(c)->text);
    sc_close(c);
    return rc < 0;
}
