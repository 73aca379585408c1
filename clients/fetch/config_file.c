/* config_file.c - options from a file (-K), in curl's syntax: one in a line,
 * with or without dashes; its value behind white space, "=" or ":", in quotes
 * where it has white space; "#" begins a comment. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fetch/option_calls.h"

enum { DEPTH = 8 };

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* What stands between quotes: P is behind the first. Undone in place. */
static char *unquote(char *p)
{
    static const char from[] = "tnrv", to[] = "\t\n\r\v";
    char *start = p, *out = p;
    const char *at;

    for (; *p != '\0' && *p != '"'; p++) {
        if (*p != '\\' || p[1] == '\0') {
            *out++ = *p;
            continue;
        }
        p++;
        at = strchr(from, *p);
        *out++ = at != NULL ? to[at - from] : *p;
    }
    *out = '\0';
    return start;
}

/* Cut the line into NAME and VALUE (NULL: none). */
static char *split(char *line, char **value)
{
    char *name = line, *p;

    for (p = line; *p != '\0' && !is_space(*p) && *p != '=' && *p != ':'; p++)
        continue;
    if (strncmp(line, "-:", 2) == 0)
        p = line + 2;
    *value = NULL;
    if (*p == '\0')
        return name;
    *p++ = '\0';
    while (is_space(*p) || *p == '=' || *p == ':')
        p++;
    if (*p == '"') {
        *value = unquote(p + 1);
        return name;
    }
    if (*p == '\0' || *p == '#')
        return name;
    *value = p;
    p[strcspn(p, " \t\r")] = '\0';
    return name;
}

static int set_line(struct command *k, char *line)
{
    char *name, *value;
    bool taken;
    int rc;

    while (is_space(*line))
        line++;
    if (*line == '\0' || *line == '#')
        return 0;
    name = split(line, &value);
    if (name[0] == '-' && name[1] != '-' && name[1] != '\0')
        return set_letters(k, name + 1, value, &taken);
    if (strncmp(name, "--", 2) == 0)
        name += 2;
    rc = set_long(k, name, value, &taken);
    return rc;
}

static int set_lines(struct command *k, char *text)
{
    char *line;
    int rc = 0;

    while (rc == 0 && (line = strsep(&text, "\n")) != NULL)
        rc = set_line(k, line);
    return rc;
}

int read_config(struct command *k, const char *path)
{
    struct sc_buf text = {0};
    int rc;

    if (k->depth >= DEPTH)
        return wrong_use("-K %s: too many files in each other", path);
    k->depth++;
    if ((rc = read_whole(path, &text)) == 0)
        rc = set_lines(k, text.data);
    k->depth--;
    sc_buf_free(&text);
    return rc;
}
