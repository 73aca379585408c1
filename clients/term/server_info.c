/* server_info.c - address, certificate and capabilities on stdout. */

#include <string.h>

#include "server_info.h"
#include "shown.h"

void print_words(const char *name, const char *text, size_t n)
{
    fputs(name, stdout);
    put_shown(stdout, text, n);
    putchar('\n');
}

void print_lines(const char *name, const struct sc_buf *text, int skip)
{
    const char *p = text->data, *last = p, *lf;

    if (p == NULL)
        return;
    for (last += text->len; p < last; p = lf + 1) {
        lf = memchr(p, '\n', (size_t)(last - p));
        if (lf == NULL)
            lf = last;
        if (skip-- <= 0)
            print_words(name, p, (size_t)(lf - p));
    }
}

void print_peer(Stream *s)
{
    struct sc_peer p = {.family = 0};
    struct sc_tls_info t = {.verified = 0};

    if (sc_stream_info(s, SC_INFO_PEER, &p) == 0 && p.port > 0)
        printf("address: %s port %d\n", p.address, p.port);
    if (sc_stream_info(s, SC_INFO_TLS, &t) < 0) {
        puts("TLS: none");
        return;
    }
    printf("TLS: %s, %s, %s\n", t.version, t.cipher,
           t.verified ? "verified" : "not verified");
    print_words("certificate: ", t.subject, strlen(t.subject));
    print_words("issuer: ", t.issuer, strlen(t.issuer));
}
