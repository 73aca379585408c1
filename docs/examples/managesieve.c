/* managesieve.c - managesieve HOST[:PORT] USER list | put NAME < SCRIPT: Sieve
 * scripts of a mail server (RFC 5804): OK, NO and BYE, strings with their length in
 * front. The password is in $SIEVE_PASSWORD. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simpleclient/class.h>

static bool show;

/* Read lines until OK, NO or BYE (200, 500, 421); others are shown if SHOW. */
static int sieve_reply(SimpleClient *c, struct sc_reply *r)
{
    char word[5];
    int rc;

    while ((rc = sc_readline(c, &r->text)) == 0) {
        sc_span_copy(word, sizeof word, r->text);
        word[strcspn(word, " ")] = '\0';
        r->code = strcmp(word, "OK") == 0    ? 200
                  : strcmp(word, "NO") == 0  ? 500
                  : strcmp(word, "BYE") == 0 ? 421
                                             : 0;
        r->all = r->text;
        if (r->code != 0) /* why may follow, with its length in front */
            return r->text.data[r->text.len - 1] == '}'
                       ? sc_readline(c, &r->text)
                       : 0;
        r->lines |= strcmp(word, "\"STA") == 0; /* LINES: TLS is offered */
        if (show)
            printf("%.*s\n", (int)r->text.len, r->text.data);
    }
    return rc;
}

/* RFC 5804 section 2.2: the server speaks first, and once more after TLS. */
static int sieve_greet(SimpleClient *c)
{
    struct sc_reply r;
    int rc = sc_reply(c, &r);

    if (rc < 0 || r.code != 200)
        return rc < 0 ? rc : sc_refuse(c, &r);
    if (r.lines == 0) /* PLAIN would show the password */
        return strncmp(sc_client_host(c), "127.", 4) == 0
                   ? 0
                   : sc_fail(c, SC_EPLAINTEXT, "the server has no TLS");
    sc_writeline(c, "STARTTLS");
    if ((rc = sc_expect(c, 200, NULL)) < 0 || (rc = sc_starttls(c, NULL)) < 0)
        return rc;
    return sc_expect(c, 200, NULL);
}

static int sieve_quit(SimpleClient *c)
{
    sc_writeline(c, "LOGOUT");
    return sc_expect(c, 200, NULL);
}

static const struct client_class sieve_class = {
    .name = "managesieve",
    .scheme = "sieve",
    .port = 4190,
    .size = sizeof(SimpleClient),
    .no = "NO",
    .greet = sieve_greet,
    .reply = sieve_reply,
    .quit = sieve_quit,
    .cleanup = sc_client_cleanup,
};

static int sieve_login(SimpleClient *c, const char *user, const char *password)
{
    struct sc_buf plain = {0}, token = {0};
    int rc = sc_buf_addf(&plain, "%c%s%c%s", 0, user, 0, password);

    if (rc == 0 &&
        (rc = sc_base64_encode(&token, plain.data, plain.len)) == 0) {
        sc_secret(c);
        sc_writeline(c, "AUTHENTICATE \"PLAIN\" \"%s\"", token.data);
        rc = sc_expect(c, 200, NULL);
    }
    sc_buf_free(&plain);
    sc_buf_free(&token);
    return rc < 0 ? rc : 0;
}

static int sieve_put(SimpleClient *c, const char *name)
{
    static char script[1 << 20];
    size_t n = fread(script, 1, sizeof script, stdin);

    if (n == sizeof script || strpbrk(name, "\"\\") != NULL)
        return sc_fail(c, SC_EINVAL, "a script too long, or no name for one");
    sc_writeline(c, "PUTSCRIPT \"%s\" {%zu+}", name, n);
    sc_write(c, script, n);
    return sc_write(c, "\r\n", 2);
}

int main(int argc, char **argv)
{
    const char *password = getenv("SIEVE_PASSWORD");
    SimpleClient *c;
    int rc;

    if (password == NULL || argc < 4 || argc > 5)
        return fputs("usage: managesieve HOST USER list|put NAME\n", stderr), 2;
    c = sc_open(&sieve_class, argv[1], 0, NULL);
    if ((rc = sieve_login(c, argv[2], password)) == 0) {
        show = argc == 4;
        rc = show ? sc_writeline(c, "LISTSCRIPTS") : sieve_put(c, argv[4]);
        rc = rc < 0 ? rc : sc_expect(c, 200, NULL);
    }
    if (rc < 0)
        fprintf(stderr, "%s\n", sc_last_error(c)->text);
    sc_close(c);
    return rc < 0;
}
