/* fuzz_digest.c - any lines as challenges: what is chosen was allowed, the
 * answer is clean, and read as a challenge it tells the same realm and nonce. */

#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "fuzz.h"
#include "http/http_auth.h"

static void must(int holds)
{
    if (!holds)
        abort();
}

/* What was quoted is read as it was. */
static void read_again(const struct http_auth *a, const struct sc_buf *answer)
{
    struct sc_span name = {"X", 1}, value = {answer->data, answer->len};
    struct sc_fields head = {0};
    struct http_auth b = {0};

    must(sc_fields_add(&head, name, value) == 0);
    must(http_auth_challenge(&b, &head, "x", HTTP_AUTH_DIGEST, NULL) ==
         HTTP_AUTH_DIGEST);
    must(strcmp(a->realm.data, b.realm.data) == 0);
    must(strcmp(a->nonce.data, b.nonce.data) == 0);
    must(a->algorithm == b.algorithm && a->session == b.session);
    http_auth_free(&b);
    sc_fields_free(&head);
}

static void answer(struct http_auth *a)
{
    struct sc_buf out = SC_BUF(65536);
    int rc = http_auth_answer(a, "J\xc3\xb6 \"", "p", "GET", "/a\"b?c", &out);

    must(rc == 0);
    for (size_t i = 0; i < out.len; i++)
        must((unsigned char)out.data[i] >= ' ' || out.data[i] == '\t');
    must(strchr(out.data, 0x7f) == NULL && strlen(out.data) == out.len);
    if (a->scheme == HTTP_AUTH_DIGEST)
        read_again(a, &out);
    sc_buf_free(&out);
}

static void add_lines(struct sc_fields *head, struct sc_span rest)
{
    struct sc_span name = {"WWW-Authenticate", 16};

    while (rest.len > 0 && head->n < 20) {
        const char *lf = memchr(rest.data, '\n', rest.len);
        size_t len = lf != NULL ? (size_t)(lf - rest.data) : rest.len;

        sc_fields_add(head, name, sc_trim((struct sc_span){rest.data, len}));
        rest.data += len + (lf != NULL);
        rest.len -= len + (lf != NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    unsigned allowed = n > 0 ? data[0] & 3u : 0;
    struct sc_fields head = {0};
    struct http_auth a = {0};
    bool stale;

    if (n > 0)
        add_lines(&head, (struct sc_span){(const char *)data + 1, n - 1});
    for (int i = 0; i < 2; i++) {
        int scheme =
            http_auth_challenge(&a, &head, "www-authenticate", allowed, &stale);

        must(scheme == a.scheme && ((unsigned)scheme & ~allowed) == 0);
        if (scheme != 0)
            answer(&a);
    }
    http_auth_free(&a);
    sc_fields_free(&head);
    return 0;
}
