/* chat_script.c - a script in the form of simpleclient/script.h, seen from the
 * client, and E: lines. A recording is one, too: its marks for replay are left
 * out. */

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../term/usage.h"
#include "chat_script.h"

/* --- text --- */

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;

    return at != NULL ? (int)(at - digits) % 16 : -1;
}

/* The byte behind the backslash at P, of N; returns how many were read, or 0:
 * there is no such escape. */
static size_t escape(const char *p, size_t n, char *out)
{
    static const char names[] = "rnt\\", values[] = "\r\n\t\\";
    const char *name;

    if (n < 2)
        return 0;
    if ((name = memchr(names, p[1], sizeof names - 1)) != NULL) {
        *out = values[name - names];
        return 2;
    }
    if (n < 4 || p[1] != 'x' || hex_digit(p[2]) < 0 || hex_digit(p[3]) < 0)
        return 0;
    *out = (char)(hex_digit(p[2]) * 16 + hex_digit(p[3]));
    return 4;
}

/* In its place: it only gets shorter. */
static bool unescape(struct chat_step *s)
{
    size_t from = 0, to = 0, used;

    while (from < s->len) {
        used = 1;
        s->text[to] = s->text[from];
        if (s->text[from] == '\\' &&
            (used = escape(s->text + from, s->len - from, &s->text[to])) == 0)
            return false;
        from += used;
        to++;
    }
    s->len = to;
    return true;
}

static void cut_dots(struct chat_step *s)
{
    if (s->len < 3 || memcmp(s->text + s->len - 3, "...", 3) != 0)
        return;
    s->len -= 3;
    s->open = true;
}

/* --- lines --- */

/* The step of the line, or -1: nothing; -2: it cannot be understood. */
static int kind_of(const char *p, size_t n)
{
    static const struct {
        char name[3];
        signed char kind;
    } marks[] = {{"S.", STEP_END}, {"S!", STEP_END}, {"C.", STEP_HALF_CLOSE},
                 {"T.", STEP_TLS}, {"C~", -1},       {"S~", -1}},
      words[] = {{"C:", STEP_SEND_LINE},
                 {"c:", STEP_SEND},
                 {"S:", STEP_LINE},
                 {"s:", STEP_BYTES},
                 {"E:", STEP_EXPECT}};

    if (n == 0 || *p == '#' || *p == '@')
        return -1;
    for (size_t i = 0; n == 2 && i < sizeof marks / sizeof marks[0]; i++)
        if (memcmp(p, marks[i].name, 2) == 0)
            return marks[i].kind;
    for (size_t i = 0; n >= 2 && i < sizeof words / sizeof words[0]; i++)
        if (memcmp(p, words[i].name, 2) == 0)
            return words[i].kind;
    return -2;
}

static int fill(struct chat_step *s, const char *p, size_t n)
{
    size_t skip = n > 2 && p[2] == ' ' ? 3 : 2;

    s->len = n > skip ? n - skip : 0;
    if ((s->text = malloc(s->len + 1)) == NULL)
        return no_memory();
    if (s->len > 0)
        memcpy(s->text, p + skip, s->len);
    s->text[s->len] = '\0';
    if (s->kind == STEP_LINE || s->kind == STEP_EXPECT)
        cut_dots(s);
    if (s->kind != STEP_SEND && s->kind != STEP_BYTES)
        return 0;
    return unescape(s) ? 0 : -1;
}

static struct chat_step *new_step(struct chat_script *s)
{
    struct chat_step *more;

    if ((s->n & (s->n - 1)) == 0) { /* 0, 1, 2, 4, 8 ... */
        more = realloc(s->steps, (s->n ? 2 * s->n : 1) * sizeof *more);
        if (more == NULL)
            return NULL;
        s->steps = more;
    }
    more = &s->steps[s->n++];
    memset(more, 0, sizeof *more);
    return more;
}

static int add_line(struct chat_script *s, int line, const char *p, size_t n)
{
    int kind = kind_of(p, n), code = -1;
    struct chat_step *step;

    if (kind == -1)
        return 0;
    if (kind >= 0) {
        if ((step = new_step(s)) == NULL)
            return no_memory();
        step->kind = (enum chat_step_kind)kind;
        step->line = line;
        code = fill(step, p, n);
    }
    if (code == -1)
        code = wrong_use("%s: line %d cannot be understood", s->path, line);
    return code;
}

static int read_lines(struct chat_script *s, FILE *f)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    int code = 0;

    for (int i = 1; code == 0 && (n = getline(&line, &room, f)) >= 0; i++) {
        if (n > 0 && line[n - 1] == '\n')
            n--;
        if (n > 0 && line[n - 1] == '\r')
            n--;
        code = add_line(s, i, line, (size_t)n);
    }
    free(line);
    return code;
}

int read_chat_script(struct chat_script *s, const char *path)
{
    bool own = strcmp(path, "-") != 0;
    FILE *f = own ? fopen(path, "r") : stdin;
    int code = 0;

    s->path = path;
    if (f != NULL)
        code = read_lines(s, f);
    if (f == NULL || ferror(f)) {
        fprintf(stderr, "%s: %s: %s\n", program_name, path, strerror(errno));
        code = EXIT_READ;
    }
    if (f != NULL && own)
        fclose(f);
    return code;
}

void free_chat_script(struct chat_script *s)
{
    for (size_t i = 0; i < s->n; i++)
        free(s->steps[i].text);
    free(s->steps);
    *s = (struct chat_script){0};
}
