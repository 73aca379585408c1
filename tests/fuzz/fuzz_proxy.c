/* fuzz_proxy.c - any bytes as a proxy's answers, or as the text of a proxy's
 * URL and of lists of servers; the first byte says which. What follows an
 * answer must be left to be read, however small the pieces were. */

#include <stdlib.h>

#include "fuzz_class.h"
#include "client/proxy.h"
#include "fuzz.h"
#include "stream/override.h"

struct end {
    int rc;
    size_t left; /* bytes that can be read afterwards */
};

static size_t drain(Stream *s)
{
    char buf[256];
    size_t n = 0;
    ssize_t got;

    while ((got = sc_stream_read(s, buf, sizeof buf, NULL)) > 0)
        n += (size_t)got;
    return n;
}

static struct end ask(unsigned kind, const uint8_t *data, size_t n,
                      size_t piece)
{
    static const struct sc_options options;
    char amy[] = "amy";
    struct sc_proxy p = {.user = kind == 2 ? amy : NULL};
    struct sc_proxy_target to = {.name = {.host = "a.test", .port = 79}};
    struct sc_error err = {0};
    struct sc_wait w = {INT64_MAX, &err};
    struct sc_proxy_try t = {0};
    struct fuzz_stream *f = sc_stream_new(&fuzz_class);
    Stream *s = &f->base;
    struct end e;

    f->data = data;
    f->n = n;
    f->piece = piece;
    if (kind == 0)
        e.rc = sc_proxy_http(&p, &s, &to, &options, &t, &w);
    else if (kind == 3)
        e.rc = sc_proxy_socks4(&p, s, &to, &w);
    else
        e.rc = sc_proxy_socks5(&p, s, &to, &w);
    if (e.rc > 0 || (e.rc < 0 && err.text[0] == '\0'))
        abort();
    e.left = e.rc == 0 ? drain(s) : 0;
    sc_stream_close(s);
    return e;
}

static void read_text(const char *text)
{
    struct sc_options o = {.resolve = text, .connect_to = text};
    struct sc_server_name n = {.host = "a.test", .port = 80}, to;
    struct sc_addresses *found = malloc(sizeof *found);
    struct sc_proxy p;

    if (sc_proxy_parse(&p, text, NULL) == 0 &&
        (p.kind == SC_PROXY_NONE || p.at.host[0] == '\0' || p.at.port < 1 ||
         p.at.port > 65535))
        abort();
    sc_proxy_free(&p);
    sc_proxy_bypassed(text, "www.example.org");
    sc_proxy_bypassed(text, "192.168.1.2");
    sc_proxy_bypassed(text, "fe80::1");
    if (sc_override_server(&o, &n, &to, NULL) > 0 && to.unix_path)
        abort();
    if (sc_override_addresses(&o, &n, found, NULL) > 0 && found->n == 0)
        abort();
    free(found);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct end whole, pieces;
    char *text;

    if (n == 0)
        return 0;
    if (data[0] % 5 < 4) {
        whole = ask(data[0] % 5, data + 1, n - 1, SIZE_MAX);
        pieces = ask(data[0] % 5, data + 1, n - 1, 1);
        if ((whole.rc == 0) != (pieces.rc == 0) || whole.left != pieces.left)
            abort();
        return 0;
    }
    if ((text = malloc(n)) == NULL)
        return 0;
    memcpy(text, data + 1, n - 1);
    text[n - 1] = '\0';
    read_text(text);
    free(text);
    return 0;
}
