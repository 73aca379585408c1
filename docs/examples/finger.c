/* finger.c - finger [-w] HOST[:PORT] QUESTION: one line, and text until the end:
 * Finger (RFC 1288); -w: WHOIS (RFC 3912), which is the same at another port. */

#include <stdio.h>
#include <string.h>

#include <simpleclient/class.h>

enum { ANSWER_MOST = 1 << 20 };

static const struct client_class finger_class = {
    .name = "finger",
    .scheme = "finger",
    .port = 79,
    .size = sizeof(SimpleClient),
    .line_limit = 512,
    .greet = sc_client_greet, /* the client speaks first */
    .reply = sc_client_reply, /* there are no codes */
    .quit = sc_client_quit,
    .cleanup = sc_client_cleanup,
};

/* The same, but where it is. */
static const struct client_class whois_class = {
    .name = "whois",
    .scheme = "whois",
    .port = 43,
    .size = sizeof(SimpleClient),
    .line_limit = 512,
    .greet = sc_client_greet,
    .reply = sc_client_reply,
    .quit = sc_client_quit,
    .cleanup = sc_client_cleanup,
};

/* Who knows what a server writes: nothing that a terminal would obey. */
static void show(const struct sc_buf *text)
{
    for (size_t i = 0; i < text->len; i++) {
        unsigned char c = (unsigned char)text->data[i];

        if (c != '\r')
            putchar(c >= 0x20 || c == '\n' || c == '\t' ? c : '?');
    }
}

int main(int argc, char **argv)
{
    int whois = argc == 4 && strcmp(argv[1], "-w") == 0, rc;
    struct sc_buf answer = SC_BUF(ANSWER_MOST);
    SimpleClient *c;

    if (argc != 3 + whois) {
        fputs("usage: finger [-w] HOST[:PORT] QUESTION\n", stderr);
        return 2;
    }
    c = sc_open(whois ? &whois_class : &finger_class, argv[1 + whois], 0, NULL);
    sc_writeline(c, "%s", argv[2 + whois]); /* CR, LF: refused */
    if ((rc = sc_read_until(c, NULL, &answer)) == 0)
        show(&answer);
    else
        fprintf(stderr, "%s\n", sc_last_error(c)->text);
    sc_buf_free(&answer);
    sc_close(c);
    return rc < 0;
}
