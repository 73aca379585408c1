/* url_text.c - scheme, host and path as RFC 3986 section 3 divides them: what
 * stands in front of the first "/", "?" or "#" is looked at only. */

#include <string.h>

#include "fetch/memory.h"
#include "fetch/url_text.h"

size_t url_scheme(const char *url)
{
    size_t n = strcspn(url, "/?#");

    return n > 0 && url[n - 1] == ':' && strncmp(url + n, "//", 2) == 0 ? n + 2
                                                                        : 0;
}

size_t url_host_end(const char *url)
{
    size_t n = url_scheme(url);

    return n + strcspn(url + n, "/?#");
}

/* "joe:pass/word@host": the "/" ends the host, which then has a bad port; what
 * is in front of an "@" may be a password. */
static bool has_bad_port(const char *host, const char *end)
{
    const char *colon = memrchr(host, ':', (size_t)(end - host));

    return colon != NULL && memchr(colon, ']', (size_t)(end - colon)) == NULL &&
           colon + 1 + strspn(colon + 1, "0123456789") != end;
}

char *url_shown(const char *url)
{
    const char *host = url + url_scheme(url), *end = url + url_host_end(url);
    const char *at = memrchr(host, '@', (size_t)(end - host));

    if (at == NULL && has_bad_port(host, end))
        at = strrchr(end, '@');
    return print_text("%.*s%s", (int)(host - url), url,
                      at != NULL ? at + 1 : host);
}

char *name_of_url(const char *url)
{
    size_t path = url_host_end(url), end = path + strcspn(url + path, "?#");
    const char *slash = memrchr(url + path, '/', end - path);

    return slash != NULL && slash + 1 < url + end
               ? print_text("%.*s", (int)(url + end - slash - 1), slash + 1)
               : NULL;
}
