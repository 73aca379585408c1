/* coding_brotli.c - br (RFC 7932), reading only; brotli's only door. */
#include "core/mem.h"
#include "stream/coding.h"

#include <brotli/decode.h>

struct brotli_coder {
    struct sc_coder base;
    BrotliDecoderState *state;
    bool begun;
    bool ended;
};

static void *brotli_alloc(void *arg, size_t n)
{
    (void)arg;
    return sc_malloc(n);
}

static void brotli_release(void *arg, void *p)
{
    (void)arg;
    sc_free(p);
}

static int code_of(const BrotliDecoderState *s)
{
    BrotliDecoderErrorCode why = BrotliDecoderGetErrorCode(s);

    return why <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES &&
                   why >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES
               ? SC_ENOMEM
               : SC_ECODING;
}

static ssize_t brotli_feed(struct sc_coder *base, struct sc_span *in, char *out,
                           size_t room, enum sc_code_how how)
{
    struct brotli_coder *c = (struct brotli_coder *)base;
    const uint8_t *next = (const uint8_t *)in->data;
    uint8_t *to = (uint8_t *)out;
    size_t left = room;
    BrotliDecoderResult rc;

    (void)how;
    if (c->ended)
        return in->len > 0 ? SC_ECODING : 0;
    c->begun = c->begun || in->len > 0;
    rc = BrotliDecoderDecompressStream(c->state, &in->len, &next, &left, &to,
                                       NULL);
    in->data = (const char *)next;
    if (rc == BROTLI_DECODER_RESULT_ERROR)
        return code_of(c->state);
    c->ended = rc == BROTLI_DECODER_RESULT_SUCCESS;
    if (c->ended && left == room && in->len > 0)
        return SC_ECODING;
    return (ssize_t)(room - left);
}

static int brotli_finish(struct sc_coder *base)
{
    struct brotli_coder *c = (struct brotli_coder *)base;

    return c->ended || !c->begun ? 0 : SC_ESHORT;
}

static void brotli_free(struct sc_coder *base)
{
    BrotliDecoderDestroyInstance(((struct brotli_coder *)base)->state);
    sc_free(base);
}

static const struct sc_coder_class brotli_class = {
    .name = "brotli",
    .feed = brotli_feed,
    .finish = brotli_finish,
    .free = brotli_free,
};

struct sc_coder *sc_brotli_open(struct sc_error *err)
{
    struct brotli_coder *c = sc_calloc(sizeof *c);

    if (c != NULL)
        c->state =
            BrotliDecoderCreateInstance(brotli_alloc, brotli_release, NULL);
    if (c == NULL || c->state == NULL) {
        sc_free(c);
        sc_error_set(err, SC_ENOMEM, "brotli: no memory");
        return NULL;
    }
    c->base.cls = &brotli_class;
    return &c->base;
}
