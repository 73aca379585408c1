/* coding.c - the limits every decoder has, whichever library decodes: a size,
 * and a ratio that tells a bomb from a text. */
#include "stream/coding.h"

enum { DEFAULT_RATIO = 1000 };

struct sc_coder *sc_decoder_new(int coding, uint64_t limit, int ratio,
                                struct sc_error *err)
{
    struct sc_coder *c = sc_coder_open(coding, false, err);

    if (c == NULL)
        return NULL;
    c->limit = limit;
    c->ratio = ratio > 0 ? (uint64_t)ratio : DEFAULT_RATIO;
    return c;
}

/* At the limit one byte more is tried for: the end may come there. */
static ssize_t beyond(struct sc_coder *c, struct sc_span *in)
{
    char one;
    ssize_t n = c->cls->feed(c, in, &one, 1, SC_CODE_MORE);

    return n > 0 ? SC_ETOOBIG : n;
}

ssize_t sc_decode(struct sc_coder *c, struct sc_span *in, char *out,
                  size_t room)
{
    size_t had = in->len;
    ssize_t n;

    if (c->limit > 0 && c->out == c->limit)
        return beyond(c, in);
    if (c->limit > 0 && room > c->limit - c->out)
        room = (size_t)(c->limit - c->out);
    if ((n = c->cls->feed(c, in, out, room, SC_CODE_MORE)) < 0)
        return n;
    c->in += had - in->len;
    c->out += (uint64_t)n;
    return c->out / c->ratio > c->in ? SC_ETOOBIG : n;
}

void sc_coder_free(struct sc_coder *c)
{
    if (c != NULL)
        c->cls->free(c);
}
