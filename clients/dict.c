/* dict.c - look words up in a DICT server (RFC 2229): a protocol that the
 * library does not have. It needs no fields of its own, so its objects are
 * plain SimpleClients. AUTH is left out. */

#include <stdio.h>
#include <string.h>

#include <simpleclient/class.h>

static int dict_greet(SimpleClient *c)
{
    return sc_expect(c, 220, NULL);
}

static int dict_quit(SimpleClient *c)
{
    sc_writeline(c, "QUIT");
    return sc_expect(c, 221, NULL);
}

static const struct client_class dict_class = {
    .name = "dict",
    .scheme = "dict",
    .port = 2628,
    .size = sizeof(SimpleClient),
    .greet = dict_greet,
    .reply = sc_client_reply,
    .quit = dict_quit,
    .cleanup = sc_client_cleanup,
};

/* Append all definitions of WORD (which has no double quote) to OUT and
 * return how many there were. RFC 2229 section 3.2, DEFINE. */
static int dict_define(SimpleClient *c, const char *word, struct sc_buf *out)
{
    struct sc_reply r;
    int rc, found = 0;

    sc_writeline(c, "DEFINE * \"%s\"", word); /* CR, LF: refused */
    while ((rc = sc_reply(c, &r)) == 0 && r.code / 10 == 15)
        if (r.code == 151) {
            if ((rc = sc_read_dot(c, out)) < 0)
                return rc;
            found++;
        }
    if (rc == 0 && r.code != 250 && r.code != 552) /* 552: no match */
        rc = sc_refuse(c, &r);
    return rc < 0 ? rc : found;
}

int main(int argc, char **argv)
{
    int named = argc == 4 && strcmp(argv[1], "-h") == 0, found;
    int help = argc == 2 && strcmp(argv[1], "--help") == 0;
    const char *word = argc > 1 ? argv[argc - 1] : "";
    struct sc_buf text = SC_BUF(16 << 20);
    SimpleClient *c;

    if ((argc != 2 && !named) || strchr(word, '"') != NULL || *word == '-') {
        fputs("usage: dict [-h host[:port]] WORD\n", help ? stdout : stderr);
        return help ? 0 : 2;
    }
    c = sc_open(&dict_class, named ? argv[2] : "dict.org", 0, NULL);
    found = dict_define(c, word, &text); /* if open failed, its error */
    if (found > 0)
        fwrite(text.data, 1, text.len, stdout);
    else
        fprintf(stderr, "dict: %s\n",
                found < 0 ? sc_last_error(c)->text : "no match");
    sc_buf_free(&text);
    sc_close(c);
    return found <= 0 || fflush(stdout) != 0; /* a full disk */
}
