/* ftp_port.c - ports in EPSV, PASV, EPRT, PORT (RFC 959 section 4.1.2, RFC 2428),
 * and the size in a 150. Computes only. */

#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "ftp/ftp_client.h"

/* Digits at *P, at most MAX; *P moves on behind them. -1: none. */
static int number(const char **p, const char *end, int max)
{
    int value = 0;

    if (*p == end || !sc_is_digit(**p))
        return -1;
    for (; *p < end && sc_is_digit(**p); ++*p) {
        value = value * 10 + (**p - '0');
        if (value > max)
            return -1;
    }
    return value;
}

/* RFC 2428 section 3: the same character four times, protocol and address empty.
 */
int ftp_port_of_epsv(struct sc_span text)
{
    const char *end = text.data + text.len;
    const char *p = memchr(text.data, '(', text.len);
    int port;
    char bar;

    if (p == NULL || end - p < 7)
        return SC_EPROTO;
    bar = p[1];
    if (bar < 33 || bar > 126 || sc_is_digit(bar) || p[2] != bar || p[3] != bar)
        return SC_EPROTO;
    p += 4;
    port = number(&p, end, 65535);
    if (port < 1 || end - p < 2 || p[0] != bar || p[1] != ')')
        return SC_EPROTO;
    return port;
}

/* Six numbers with commas; the first four are not looked at but for their range.
 * RFC 1123 section 4.1.2.6: the brackets may be missing. */
int ftp_port_of_pasv(struct sc_span text)
{
    const char *p = text.data, *end = p + text.len;
    int n[6], i;

    while (p < end && !sc_is_digit(*p))
        p++;
    for (i = 0; i < 6; i++) {
        if (i > 0 && (p == end || *p++ != ','))
            return SC_EPROTO;
        if ((n[i] = number(&p, end, 255)) < 0)
            return SC_EPROTO;
    }
    if (p < end && sc_is_digit(*p))
        return SC_EPROTO;
    return n[4] * 256 + n[5] > 0 ? n[4] * 256 + n[5] : SC_EPROTO;
}

int ftp_eprt_of(const char *address, int port, char *out, size_t size)
{
    int family = strchr(address, ':') != NULL ? 2 : 1;
    int n = snprintf(out, size, "|%d|%s|%d|", family, address, port);

    return n > 0 && (size_t)n < size ? 0 : SC_EINVAL;
}

int ftp_port_words(const char *address, int port, char *out, size_t size)
{
    int n;

    if (strchr(address, ':') != NULL)
        return SC_ENOTSUP; /* PORT knows no IPv6 */
    n = snprintf(out, size, "%s,%d,%d", address, port / 256, port % 256);
    if (n < 0 || (size_t)n >= size)
        return SC_EINVAL;
    for (; *out; out++) {
        if (*out == '.')
            *out = ',';
    }
    return 0;
}

int64_t ftp_bytes_of(struct sc_span text)
{
    static const char words[] = " bytes)";
    const char *p = text.data, *end;
    struct sc_span digits;
    uint64_t n;

    end = memmem(p, text.len, words, sizeof words - 1);
    if (end == NULL)
        return -1;
    digits = (struct sc_span){end, 0};
    while (digits.data > p && sc_is_digit(digits.data[-1])) {
        digits.data--;
        digits.len++;
    }
    if (digits.data == p || digits.data[-1] != '(' ||
        sc_parse_u64(digits, INT64_MAX, &n) < 0)
        return -1;
    return (int64_t)n;
}
