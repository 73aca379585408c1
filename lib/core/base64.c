/* base64.c - base64 both ways (RFC 4648 section 4). Decoding is strict: one
 * text for one value, since credentials are compared as text. Line ends and
 * the URL alphabet are left out. */

#include "core/text.h"

static const char letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int sc_base64_encode(struct sc_buf *out, const void *p, size_t n)
{
    const unsigned char *in = p;
    char four[4];
    int rc =
        n > SIZE_MAX / 8 ? SC_ETOOBIG : sc_buf_reserve(out, (n + 2) / 3 * 4);

    for (size_t i = 0; rc == 0 && i < n; i += 3) {
        size_t left = n - i;
        uint32_t v = (uint32_t)in[i] << 16;

        v |= left > 1 ? (uint32_t)in[i + 1] << 8 : 0;
        v |= left > 2 ? in[i + 2] : 0;
        four[0] = letters[v >> 18];
        four[1] = letters[v >> 12 & 63];
        four[2] = left > 1 ? letters[v >> 6 & 63] : '=';
        four[3] = left > 2 ? letters[v & 63] : '=';
        rc = sc_buf_add(out, four, sizeof four);
    }
    return rc;
}

static int value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (sc_is_digit(c))
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Four letters to 3 bytes less PAD; -1: a wrong letter, or bits that must be
 * zero are not. */
static int decode_four(const char *in, size_t pad, unsigned char *three)
{
    uint32_t v = 0;

    for (size_t i = 0; i < 4; i++) {
        int six = i < 4 - pad ? value(in[i]) : 0;

        if (six < 0)
            return -1;
        v = v << 6 | (uint32_t)six;
    }
    if ((v & ((1u << 8 * pad) - 1)) != 0)
        return -1;
    three[0] = (unsigned char)(v >> 16);
    three[1] = (unsigned char)(v >> 8);
    three[2] = (unsigned char)v;
    return 0;
}

int sc_base64_decode(struct sc_buf *out, struct sc_span s)
{
    size_t pad = 0, before = out->len;
    unsigned char three[3];
    int rc = sc_buf_reserve(out, 0);

    if (s.len % 4 != 0)
        return SC_EPROTO;
    if (s.len > 0 && s.data[s.len - 1] == '=')
        pad = s.data[s.len - 2] == '=' ? 2 : 1;
    for (size_t i = 0; rc == 0 && i < s.len; i += 4) {
        size_t cut = i + 4 == s.len ? pad : 0;

        rc = decode_four(s.data + i, cut, three) < 0
                 ? SC_EPROTO
                 : sc_buf_add(out, three, 3 - cut);
    }
    if (rc < 0 && out->data != NULL) {
        out->len = before;
        out->data[before] = '\0';
    }
    return rc;
}
