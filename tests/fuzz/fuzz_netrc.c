/* fuzz_netrc.c - any text as a netrc: what is found fits what was asked. The
 * first line is the host, the second the login. */

#include <stdlib.h>
#include <string.h>

#include "client/netrc.h"
#include "fuzz.h"

static void must(int holds)
{
    if (!holds)
        abort();
}

/* Take the first line of REST. */
static void take_line(struct sc_span *rest, char *to, size_t size)
{
    const char *lf = rest->len > 0 ? memchr(rest->data, '\n', rest->len) : NULL;
    size_t n = lf != NULL ? (size_t)(lf - rest->data) : rest->len;

    sc_span_copy(to, size, (struct sc_span){rest->data, n});
    n += lf != NULL;
    rest->data += n;
    rest->len -= n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct sc_span rest = {(const char *)data, n};
    struct sc_buf name = {0}, password = {0};
    char host[64], user[64];
    int rc, line;

    take_line(&rest, host, sizeof host);
    take_line(&rest, user, sizeof user);
    must(sc_buf_add(&name, user, strlen(user)) == 0);
    rc = sc_netrc_find(rest, host, &name, &password, &line);
    must(rc == 0 || rc == 1 || (rc == SC_EPROTO && line > 0));
    if (rc == 1) {
        must(name.data != NULL && password.data != NULL);
        must(user[0] == '\0' || strcmp(user, name.data) == 0);
        must(password.len <= rest.len);
    } else {
        must(password.data == NULL && name.len == strlen(user));
    }
    sc_buf_free(&name);
    sc_buf_free(&password);
    return 0;
}
