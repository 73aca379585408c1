/* output_name.c - names of files, of which a server or a URL may choose the last
 * part only (RFC 6266 section 4.3). */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "fetch/output_name.h"
#include "fetch/url_text.h"

/* "a/b/../c" would leave the folder; only the last part counts. */
static const char *last_part(const char *name)
{
    const char *slash = strrchr(name, '/'), *back;

    name = slash != NULL ? slash + 1 : name;
    back = strrchr(name, '\\');
    return back != NULL ? back + 1 : name;
}

static char *in_folder(const struct job *j, const char *name)
{
    const char *dir = j->config->output_dir;

    return dir != NULL && name[0] != '/' ? print_text("%s/%s", dir, name)
                                         : copy_text(name);
}

int output_name(const struct job *j, char **name)
{
    char *last;

    *name = NULL;
    if (j->output != NULL)
        *name = in_folder(j, j->output);
    if (j->output != NULL || !j->by_name)
        return 0;
    if ((last = name_of_url(j->url)) == NULL)
        return -EINVAL;
    *name = in_folder(j, last);
    free(last);
    return 0;
}

/* filename=x or "x" of a Content-Disposition (RFC 6266). */
static char *disposed_name(const char *p)
{
    char *name, *to;
    char stop = ';';

    while ((p = strchr(p, ';')) != NULL) {
        p += 1 + strspn(p + 1, " \t");
        if (strncasecmp(p, "filename=", 9) == 0)
            break;
    }
    if (p == NULL)
        return NULL;
    p += 9;
    if (*p == '"' || *p == '\'')
        stop = *p++;
    name = to = copy_text(p);
    for (; *p != '\0' && *p != stop; p++) {
        if (*p == '\\' && stop == '"' && p[1] != '\0')
            p++;
        *to++ = *p;
    }
    *to = '\0';
    return name;
}

char *served_name(const struct job *j, const struct http_reply *r)
{
    const char *head = http_header(r, "Content-Disposition", NULL);
    char *name = head != NULL ? disposed_name(head) : NULL, *whole = NULL;
    const char *last = name != NULL ? last_part(name) : "";

    if (*last != '\0' && strcmp(last, ".") != 0 && strcmp(last, "..") != 0)
        whole = in_folder(j, last);
    free(name);
    return whole;
}

int make_folders(const char *name)
{
    char *path = copy_text(name);
    int rc = 0;

    for (char *p = path + 1; (p = strchr(p, '/')) != NULL && rc == 0; p++) {
        *p = '\0';
        if (mkdir(path, 0750) < 0 && errno != EEXIST && errno != EISDIR)
            rc = -errno;
        *p = '/';
    }
    free(path);
    return rc;
}
