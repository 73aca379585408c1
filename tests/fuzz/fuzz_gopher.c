/* fuzz_gopher.c - any bytes as a menu and as a text: the same in pieces as whole,
 * by client as by line. */

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "fuzz_class.h"

#include "gopher/gopher_client.h"

static int see(void *arg, const struct gopher_item *i)
{
    uint64_t *sum = arg;

    if (i->port < 0 || i->port > 65535 ||
        i->text.len + i->selector.len + i->host.len >= i->raw.len)
        abort();
    *sum = *sum * 31 + i->raw.len + (unsigned char)i->type;
    return 0;
}

static GopherClient *client_of(const uint8_t *data, size_t n, size_t piece)
{
    static const struct sc_options options = {.line_limit = 128};
    struct fuzz_stream *s = sc_stream_new(&fuzz_class);

    if (s == NULL)
        abort();
    s->data = data;
    s->n = n;
    s->piece = piece;
    return sc_attach(&gopher_class, &s->base, &options);
}

static uint64_t menu(const uint8_t *data, size_t n, size_t piece)
{
    GopherClient *g = client_of(data, n, piece);
    uint64_t sum = 1;

    if (gopher_menu(g, "", NULL, see, &sum) < 0)
        sum = 0;
    sc_drop(gopher_base(g));
    return sum;
}

/* By reads of ROOM bytes. */
static struct sc_buf text(const uint8_t *data, size_t n, size_t piece,
                          size_t room, enum gopher_form form)
{
    GopherClient *g = client_of(data, n, piece);
    struct sc_buf out = SC_BUF(1 << 24);
    ssize_t got = 0;
    char *buf = malloc(room); /* a byte behind it is a bug */

    if (buf == NULL)
        abort();
    if (gopher_ask(g, "", NULL) == 0)
        while ((got = gopher_read(g, form, buf, room)) > 0) {
            if ((size_t)got > room)
                abort();
            sc_buf_add(&out, buf, (size_t)got);
        }
    if (out.len > n)
        abort();
    free(buf);
    sc_drop(gopher_base(g));
    return out;
}

static void check_text(const uint8_t *data, size_t n, enum gopher_form form)
{
    static const size_t pieces[] = {1, 2, 3, 7}, rooms[] = {1, 3, 4, 5, 64};
    struct sc_buf whole = text(data, n, SIZE_MAX, 4096, form);

    if (form == GOPHER_BYTES &&
        (whole.len != n || (n > 0 && memcmp(whole.data, data, n) != 0)))
        abort();
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < 5; k++) {
            struct sc_buf b = text(data, n, pieces[i], rooms[k], form);

            if (b.len != whole.len ||
                (b.len > 0 && memcmp(b.data, whole.data, b.len) != 0))
                abort();
            sc_buf_free(&b);
        }
    sc_buf_free(&whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct gopher_item item;
    struct sc_span line = {(const char *)data, n};
    uint64_t sum = 0;

    if (n > 4096)
        return 0;
    if (n > 0 && gopher_parse_item(line, &item) == 0)
        see(&sum, &item);
    if (menu(data, n, SIZE_MAX) != menu(data, n, 1))
        abort();
    check_text(data, n, GOPHER_TEXT);
    check_text(data, n, GOPHER_MENU);
    check_text(data, n, GOPHER_BYTES);
    return 0;
}
