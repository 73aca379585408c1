/* nntp_fetch_url.c - what a URL of news asks for (RFC 5538 section 4, and ranges
 * as RFC 3977 section 6 writes them): GROUP, GROUP/7, GROUP/7-, GROUP/7-9. */

#include <string.h>

#include <simpleclient/uri.h>

#include "core/text.h"
#include "nntp/nntp_fetch.h"

static int parse_number(struct sc_span text, uint64_t *out)
{
    int rc = sc_parse_u64(text, INT64_MAX, out);

    return rc == 0 && *out == 0 ? SC_EPROTO : rc;
}

/* "7", "7-", "7-9". */
static int parse_range(struct nntp_target *t, struct sc_span text)
{
    const char *dash = memchr(text.data, '-', text.len);
    struct sc_span first = text, last = {NULL, 0};
    int rc;

    if (dash != NULL) {
        first.len = (size_t)(dash - text.data);
        last.data = dash + 1;
        last.len = text.len - first.len - 1;
    }
    if ((rc = parse_number(first, &t->first)) < 0)
        return rc;
    if (dash == NULL)
        t->last = t->first;
    else if (last.len > 0)
        rc = parse_number(last, &t->last);
    return rc == 0 && t->last != 0 && t->last < t->first ? SC_EPROTO : rc;
}

/* "/GROUP", "/GROUP/", "/GROUP/RANGE". */
static int parse_path(struct nntp_target *t, const char *path)
{
    struct sc_span group = {path + 1, strcspn(path + 1, "/")};
    const char *behind = group.data + group.len;
    int rc = uri_decode(group, false, &t->group);

    if (rc < 0 || *behind == '\0' || behind[1] == '\0')
        return rc;
    return group.len > 0 ? parse_range(t, sc_span_of(behind + 1)) : SC_EURL;
}

int nntp_target_of(struct nntp_target *t, const char *url, struct sc_error *e)
{
    struct uri u = {0};
    int rc;

    *t = (struct nntp_target){.group = SC_BUF(NNTP_NAME_MOST)};
    if (url == NULL)
        return sc_error_set(e, SC_EURL, "no URL");
    if ((rc = uri_parse(&u, url, NULL, 0, 0, e)) == 0) {
        if (u.query != NULL || u.fragment != NULL)
            rc = SC_EURL;
        else if (*u.path == '/')
            rc = parse_path(t, u.path);
        if (rc < 0)
            rc = sc_error_set(e, rc == SC_ENOMEM ? rc : SC_EURL,
                              "not GROUP, nor GROUP/FIRST-LAST: %s", u.path);
    }
    uri_free(&u);
    return rc;
}
