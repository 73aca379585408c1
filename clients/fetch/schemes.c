/* schemes.c - schemes in URLs and in lists (RFC 3986 section 3.1). */

#include <string.h>
#include <strings.h>

#include "fetch/memory.h"
#include "fetch/schemes.h"
#include "fetch/url_text.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* "host:80" must not be taken for one. */
static bool is_known(const char *url, size_t n)
{
    static const char *const names[] = {"data", "file", "news"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strlen(names[i]) == n && strncasecmp(url, names[i], n) == 0)
            return url[n] == ':';
    return false;
}

char *scheme_of_url(const char *url)
{
    size_t n = strspn(url, LETTERS "0123456789+-.");
    char *scheme;

    if (n == 0 || strchr(LETTERS, url[0]) == NULL ||
        (url_scheme(url) != n + 3 && !is_known(url, n)))
        return copy_text("");
    scheme = print_text("%.*s", (int)n, url);
    for (char *p = scheme; *p != '\0'; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p - 'A' + 'a');
    return scheme;
}

const char *scheme_of_host(const char *url)
{
    static const char *const names[] = {"ftp",  "dict", "ldap",
                                        "imap", "smtp", "pop3"};
    const char *end = url + url_host_end(url), *at;
    size_t n;

    if ((at = memrchr(url, '@', (size_t)(end - url))) != NULL)
        url = at + 1;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        n = strlen(names[i]);
        if (strncasecmp(url, names[i], n) == 0 && url[n] == '.')
            return names[i];
    }
    return NULL;
}

bool scheme_allowed(const char *list, const char *scheme)
{
    bool allowed = true;
    size_t n;

    for (; list != NULL && *list != '\0'; list += n + (list[n] == ',')) {
        const char *p = list + (strchr("+-=", *list) != NULL);
        bool on = *list != '-';
        size_t len;

        n = strcspn(list, ",");
        len = n - (size_t)(p - list);
        if (*list == '=')
            allowed = false;
        if ((len == 3 && strncasecmp(p, "all", 3) == 0) ||
            (strlen(scheme) == len && strncasecmp(p, scheme, len) == 0))
            allowed = on;
    }
    return allowed;
}
