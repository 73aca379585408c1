/* fuzz_pop3.c - any bytes as lines of LIST and UIDL, whole and in pieces, and as
 * all that a server says. */

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "fuzz_class.h"
#include "pop3/pop3_client.h"

struct seen {
    uint64_t lines, sum;
};

static int see_size(void *arg, uint32_t number, uint64_t size)
{
    struct seen *s = arg;

    if (number == 0)
        abort();
    s->lines++;
    s->sum = s->sum * 31 + number + size;
    return 0;
}

static int see_uid(void *arg, uint32_t number, const char *uid)
{
    struct seen *s = arg;
    size_t n = strlen(uid);

    if (number == 0 || n < 1 || n > 70)
        abort();
    for (; *uid; uid++) {
        if (*uid < 0x21 || *uid > 0x7e)
            abort();
        s->sum = s->sum * 31 + (unsigned char)*uid;
    }
    s->lines++;
    return 0;
}

static int read_lines(const uint8_t *data, size_t n, size_t piece, bool uids,
                      struct seen *seen)
{
    struct pop3_lines l = {.line = uids ? pop3_uid_line : pop3_size_line,
                           .arg = seen};
    int rc = 0;

    if (uids)
        l.to.uid = see_uid;
    else
        l.to.size = see_size;
    for (size_t at = 0; at < n && rc >= 0; at += piece) {
        size_t len = n - at < piece ? n - at : piece;
        uint8_t *copy = malloc(len); /* a byte behind it is a bug */

        if (copy == NULL)
            return rc;
        memcpy(copy, data + at, len);
        rc = pop3_lines_sink(&l, copy, len);
        free(copy);
    }
    return rc;
}

/* A line without an end that is too long is seen at other times in pieces. */
static void check_lines(const uint8_t *data, size_t n, bool uids)
{
    struct seen whole = {0}, pieces = {0};
    int a = read_lines(data, n, SIZE_MAX, uids, &whole);
    int b = read_lines(data, n, 3, uids, &pieces);

    if (a >= 0 &&
        (b < 0 || whole.lines != pieces.lines || whole.sum != pieces.sum))
        if (n < POP3_LISTED_MOST)
            abort();
}

/* Everything that the server may say. */
static void talk(const uint8_t *data, size_t n, size_t piece)
{
    static const struct sc_options options = {.line_limit = 128,
                                              .reply_limit = 512,
                                              .user = "joe",
                                              .password = "secret",
                                              .flags = SC_OPT_PLAIN_LOGIN};
    struct fuzz_stream *f = sc_stream_new(&fuzz_class);
    struct seen seen = {0};
    uint32_t messages;
    uint64_t bytes;
    char uid[71];
    POP3Client *p;

    if (f == NULL)
        return;
    f->data = data;
    f->n = n;
    f->piece = piece;
    p = sc_attach(&pop3_class, &f->base, &options);
    pop3_stat(p, &messages, &bytes);
    pop3_list(p, see_size, &seen);
    pop3_uidl(p, see_uid, &seen);
    pop3_uidl_one(p, 1, uid);
    pop3_retr(p, 1, sc_null_sink, NULL);
    if (strlen(pop3_capabilities(p)->sasl) >= 512)
        abort();
    sc_drop(pop3_base(p));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    check_lines(data, n, false);
    check_lines(data, n, true);
    talk(data, n, SIZE_MAX);
    talk(data, n, 1);
    return 0;
}
