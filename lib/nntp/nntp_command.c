/* nntp_command.c - one command and its answer each: GROUP and LISTGROUP (RFC 3977
 * section 6.1), NEWGROUPS, NEWNEWS, DATE, HELP (section 7). */

#include <string.h>

#include "client/conn.h"
#include "nntp/nntp_client.h"

/* --- groups --- */

/* OUT lends NAME, which is the selected group's until another is. */
static int selected(NNTPClient *n, const char *name, struct nntp_group *out)
{
    struct sc_buf *b = &n->group;
    int rc = 0;

    if (b->data == NULL || name != b->data) {
        b->len = 0;
        rc = sc_buf_add(b, name, strlen(name));
    }
    if (rc < 0)
        return sc_break(&n->base, rc, "%s", sc_strerror(rc));
    if (out != NULL)
        out->name = (struct sc_span){b->data, b->len};
    return 0;
}

int nntp_group(NNTPClient *n, const char *name, struct nntp_group *out)
{
    struct nntp_group told;
    struct sc_reply r;
    int rc = nntp_check_word(n, "group", name);

    if (rc < 0 || (rc = nntp_demand(n, &r, 211, "GROUP %s", name)) < 0)
        return rc;
    if (nntp_parse_selected(r.text, &told) < 0)
        return sc_break(&n->base, SC_EPROTO,
                        "an answer to GROUP that makes no sense");
    if (out != NULL)
        *out = told;
    return selected(n, name, out);
}
