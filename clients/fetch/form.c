/* form.c - NAME=TEXT, NAME=@FILE[,FILE...], NAME=<FILE; behind each, attributes:
 * ;type= ;filename= ;headers=. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fetch/form.h"
#include "fetch/option_calls.h"
#include "fetch/program.h"

/* One part while its words are read. */
struct words {
    char *p;        /* the rest of the text */
    char *type_end; /* of a type that may still go on */
    bool quiet;
    struct http_part part;
    struct sc_fields head;
    struct sc_buf bytes;
};

static int told(const struct http_part *part, int rc)
{
    fprintf(stderr, "%s: -F %s: %s%s%s\n", fetch_program.name, part->name,
            part->path != NULL ? part->path : "",
            part->path != NULL ? ": " : "", sc_strerror(rc));
    return rc < 0 && rc > -200 && part->path != NULL ? 26 : 2;
}

/* The next word: in quotes, or up to a ';' or STOP. It ends there; *END is the
 * character that was in its place. */
static char *take_word(struct words *w, char stop, char *end)
{
    char *start = w->p, *to = w->p, *p = w->p;

    if (*p == '"') {
        for (p++; *p != '\0' && *p != '"'; p++) {
            if (*p == '\\' && (p[1] == '\\' || p[1] == '"'))
                p++;
            *to++ = *p;
        }
        p += *p == '"';
        while (*p != '\0' && *p != ';' && *p != stop)
            p++;
    } else {
        while (*p != '\0' && *p != ';' && *p != stop)
            p++;
        to = p;
    }
    *end = *p;
    w->p = *p != '\0' ? p + 1 : p;
    *to = '\0';
    return start;
}

/* ;headers="N: V", or @FILE with a field in each line. */
static int add_field(struct words *w, const char *text)
{
    const char *colon = strchr(text, ':');
    struct sc_span name, value;

    if (colon == NULL)
        return wrong_use("-F: a field of headers= has no ':'");
    name = (struct sc_span){text, (size_t)(colon - text)};
    value = sc_span_of(colon + 1 + strspn(colon + 1, " \t"));
    return sc_fields_add(&w->head, name, value) == 0
               ? 0
               : wrong_use("-F: headers=%.*s: no field", (int)(colon - text),
                           text);
}

static int add_headers(struct words *w, const char *text)
{
    struct sc_buf file = {0};
    char *rest, *line;
    int rc;

    if (*text != '@' && *text != '<')
        return add_field(w, text);
    if ((rc = read_whole(text + 1, &file)) == 0) {
        rest = file.data;
        while (rc == 0 && (line = strsep(&rest, "\n")) != NULL) {
            line[strcspn(line, "\r")] = '\0';
            if (*line != '\0' && *line != '#')
                rc = add_field(w, line);
        }
    }
    sc_buf_free(&file);
    return rc;
}

static bool is_next(struct words *w, const char *name)
{
    size_t n = strlen(name);

    if (strncasecmp(w->p, name, n) != 0)
        return false;
    w->p += n + strspn(w->p + n, " \t");
    return true;
}

/* Up to a ';' or STOP; what is behind may belong to the type, so that its end
 * is noted only. */
static void take_type(struct words *w, char stop, char *end)
{
    char *p = w->p;

    for (w->type_end = p; *p != '\0' && *p != ';' && *p != stop; p++)
        if (*p != ' ' && *p != '\t')
            w->type_end = p + 1;
    *end = *p;
    w->p = *p != '\0' ? p + 1 : p;
}

static void end_type(struct words *w)
{
    if (w->type_end != NULL)
        *w->type_end = '\0';
    w->type_end = NULL;
}

static bool has_slash(const struct words *w)
{
    const char *type = w->part.type;

    return memchr(type, '/', (size_t)(w->type_end - type)) != NULL;
}

static int take_attribute(struct words *w, char stop, char *end)
{
    const char *word;

    w->p += strspn(w->p, " \t");
    if (w->type_end == NULL && is_next(w, "type=")) {
        w->part.type = w->p;
        take_type(w, stop, end);
        return has_slash(w) ? 0 : wrong_use("-F %s: bad type", w->part.name);
    }
    if (is_next(w, "filename=")) {
        end_type(w);
        w->part.filename = take_word(w, stop, end);
        return 0;
    }
    if (is_next(w, "headers=")) {
        end_type(w);
        return add_headers(w, take_word(w, stop, end));
    }
    if (is_next(w, "encoder="))
        return wrong_use("-F %s: encoder= is not in httpget", w->part.name);
    if (w->type_end != NULL) { /* "text/plain; charset=utf-8" is one type */
        take_type(w, stop, end);
        return 0;
    }
    word = take_word(w, stop, end);
    if (*word != '\0' && !w->quiet)
        fprintf(stderr, "%s: -F %s: '%.*s' is not known; ignored\n",
                fetch_program.name, w->part.name, (int)strcspn(word, "="),
                word);
    return 0;
}

static int take_attributes(struct words *w, char stop, char *end)
{
    int rc = 0;

    while (rc == 0 && *end == ';')
        rc = take_attribute(w, stop, end);
    end_type(w);
    return rc;
}

static int add_part(struct http_form *f, struct words *w)
{
    int rc;

    w->part.head = w->head.n > 0 ? &w->head : NULL;
    rc = http_form_add(f, &w->part);
    sc_fields_free(&w->head);
    sc_buf_free(&w->bytes);
    return rc == 0 ? 0 : told(&w->part, rc);
}

static int add_files(struct http_form *f, struct words *w)
{
    const char *name = w->part.name;
    char end = ',';
    int rc = 0;

    while (rc == 0 && end == ',') {
        w->part = (struct http_part){.name = name};
        w->part.path = take_word(w, ',', &end);
        if ((rc = take_attributes(w, ',', &end)) == 0)
            rc = add_part(f, w);
    }
    return rc;
}

/* <FILE: what is in it, as if it had been written here. */
static int add_content(struct http_form *f, struct words *w)
{
    char end;
    const char *path = take_word(w, '\0', &end);
    int rc = read_whole(path, &w->bytes);

    if (rc == 0)
        rc = take_attributes(w, '\0', &end);
    w->part.bytes = (struct sc_span){w->bytes.data, w->bytes.len};
    return rc == 0 ? add_part(f, w) : rc;
}

static int add_words(struct http_form *f, char *text, bool quiet)
{
    struct words w = {.p = text, .quiet = quiet};
    char end;
    int rc;

    w.p = strchr(text, '=');
    *w.p++ = '\0';
    w.part.name = text;
    if (*w.p == '@' || *w.p == '<') {
        w.p++;
        return w.p[-1] == '@' ? add_files(f, &w) : add_content(f, &w);
    }
    if (*w.p == '(' && strchr(w.p, '\0') == w.p + 1)
        return wrong_use("-F: forms in forms are not in httpget");
    w.part.text = take_word(&w, '\0', &end);
    if ((rc = take_attributes(&w, '\0', &end)) != 0)
        return rc;
    return add_part(f, &w);
}

static int add_string(struct http_form *f, char *text)
{
    char *value = strchr(text, '=');
    struct words w = {.part = {.name = text, .text = value + 1}};

    *value = '\0';
    return add_part(f, &w);
}

struct http_form *make_form(const struct config *c, bool quiet, int *code)
{
    struct http_form *f = http_form_new();
    char *text;

    *code = f != NULL ? 0 : 27;
    for (size_t i = 0; f != NULL && *code == 0 && i < c->forms.n; i++) {
        text = copy_text(c->forms.at[i] + 1);
        *code = c->forms.at[i][0] == 'S' ? add_string(f, text)
                                         : add_words(f, text, quiet);
        free(text);
    }
    if (*code == 0)
        return f;
    http_form_free(f);
    return NULL;
}
