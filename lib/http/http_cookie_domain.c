/* http_cookie_domain.c - whose cookies are whose: hosts and the domains above
 * them (RFC 6265 section 5.1.3), and the suffixes under which strangers have
 * names. libpsl's door. */

#include <pthread.h>
#include <string.h>
#if SC_HAVE_PSL
#include <libpsl.h>
#endif

#include "core/text.h"
#include "http/http_cookie.h"

/* Whatever a resolver may take for an address, too: no top-level name begins
 * with a digit. */
bool http_cookie_is_address(const char *host)
{
    size_t n = strlen(host), i;

    if (n > 0 && host[n - 1] == '.') /* the root's */
        n--;
    for (i = n; i > 0 && host[i - 1] != '.';)
        i--;
    return strchr(host, ':') != NULL || sc_is_digit((unsigned char)host[i]);
}

bool http_cookie_domain_match(const char *host, const char *domain)
{
    size_t h = strlen(host), d = strlen(domain);

    if (h == d)
        return sc_casecmp(host, domain) == 0;
    return h > d && host[h - d - 1] == '.' &&
           sc_casecmp(host + h - d, domain) == 0 &&
           !http_cookie_is_address(host);
}

#if SC_HAVE_PSL
static psl_ctx_t *suffixes;

/* The distribution's list if it is newer than the one built in: 0.3 ms, once,
 * for the first cookie that names a domain (the one built in: nothing). */
static void load_suffixes(void)
{
    suffixes = psl_latest(NULL);
}

static bool listed(const char *domain)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, load_suffixes);
    return suffixes != NULL && psl_is_public_suffix(suffixes, domain);
}
#else
static bool listed(const char *domain)
{
    (void)domain;
    return false;
}
#endif

/* Without a list only the top-level names are known. */
bool http_cookie_is_public(char *domain)
{
    size_t n = strlen(domain);
    bool dot = n > 0 && domain[n - 1] == '.', is_public;

    if (dot) /* the list has names without the root's dot */
        domain[n - 1] = '\0';
    is_public = strchr(domain, '.') == NULL || listed(domain);
    if (dot)
        domain[n - 1] = '.';
    return is_public;
}
