/* idn.c - host names beyond ASCII in the form that the DNS has: IDNA 2008 with
 * the mapping of UTS 46, non-transitional, as browsers do. libidn2's door. The
 * way back, for people, is left out. */

#include <string.h>
#if SC_HAVE_IDN2
#include <idn2.h>
#endif

#include "core/mem.h"
#include "core/text.h"
#include "uri/idn.h"

#if SC_HAVE_IDN2
enum { name_max = 1024 }; /* bytes before the mapping; 255 come out at most */

/* Mapping can make characters that end a host ("/", "@", "%"): the result must
 * be a plain name. */
static bool is_name(const char *s)
{
    if (*s == '\0' || *s == '.')
        return false;
    for (; *s != '\0'; s++) {
        int c = sc_lower((unsigned char)*s);

        if (!sc_is_digit(c) && (c < 'a' || c > 'z') && c != '-' && c != '.' &&
            c != '_')
            return false;
    }
    return true;
}

/* HOST is NUL-terminated. */
static int convert(const char *host, struct sc_buf *out, struct sc_error *e)
{
    int flags = IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL;
    char *name = NULL;
    int rc = idn2_lookup_u8((const uint8_t *)host, (uint8_t **)&name, flags);

    if (rc == IDN2_MALLOC)
        return SC_ENOMEM;
    if (rc != IDN2_OK)
        return sc_error_set(e, SC_EURL, "bad URL: host name: %s",
                            idn2_strerror(rc));
    if (is_name(name))
        rc = sc_buf_addf(out, "%s", name);
    else
        rc = sc_error_set(e, SC_EURL,
                          "bad URL: host name has a character that is for no "
                          "name");
    idn2_free(name);
    return rc;
}

int uri_idn_to_ascii(struct sc_span host, struct sc_buf *out,
                     struct sc_error *e)
{
    struct sc_buf copy = SC_BUF(name_max);
    int rc = sc_buf_add(&copy, host.data, host.len);

    if (rc == SC_ETOOBIG)
        return sc_error_set(e, SC_EURL, "bad URL: host name is too long");
    if (rc == 0)
        rc = convert(copy.data, out, e);
    sc_buf_free(&copy);
    return rc;
}
#else
int uri_idn_to_ascii(struct sc_span host, struct sc_buf *out,
                     struct sc_error *e)
{
    (void)host;
    (void)out;
    return sc_error_set(e, SC_EURL,
                        "bad URL: host name is not ASCII, and libidn2 is not "
                        "built in");
}
#endif
