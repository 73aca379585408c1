/* body.c - a body for each request: a form cannot serve two at once. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fetch/body.h"
#include "fetch/form.h"

/* The group's fields but OMIT (NULL: all), to which more can be added. */
static void copy_head(struct body *b, const struct sc_fields *from,
                      const char *without, struct http_request *q)
{
    for (size_t i = 0; from != NULL && i < from->n; i++)
        if (without == NULL || !sc_span_eq_nocase(from->at[i].name, without))
            sc_fields_add(&b->head, from->at[i].name, from->at[i].value);
    q->head = &b->head;
}

/* --- forms --- */

/* With -H 'Content-Type: x/y' a form is one of that type: the boundary stays. */
static void own_type(struct body *b, struct http_request *q)
{
    const char *own =
        q->head != NULL ? sc_fields_get(q->head, "Content-Type", NULL) : NULL;
    const char *boundary =
        b->source.type != NULL ? strstr(b->source.type, "boundary=") : NULL;

    if (own == NULL || boundary == NULL)
        return;
    b->type = print_text("%s; %s", own, boundary);
    b->source.type = b->type;
    copy_head(b, q->head, "Content-Type", q);
}

static int open_form(struct body *b, const struct prepared *p,
                     struct http_request *q)
{
    bool quiet = p->command->silent && !p->command->show_error;
    struct sc_error e = {0};
    int code;

    if ((b->form = make_form(p->config, quiet, &code)) == NULL)
        return code;
    if (http_form_source(b->form, &b->source, &e) < 0)
        return wrong_use("-F: %s", e.text);
    own_type(b, q);
    q->source = &b->source;
    return 0;
}

/* --- files --- */

static void add_range(struct body *b, struct http_request *q)
{
    uint64_t from = b->up.from, length = b->source.length;
    char text[80];

    copy_head(b, q->head, NULL, q);
    snprintf(text, sizeof text, "bytes %llu-%llu/%llu",
             (unsigned long long)from, (unsigned long long)(from + length - 1),
             (unsigned long long)(from + length));
    sc_fields_add(&b->head, sc_span_of("Content-Range"), sc_span_of(text));
}

static int open_file(struct body *b, const struct config *c, const char *path,
                     struct http_request *q)
{
    uint64_t from = 0;

    if (c->resume != NULL && strcmp(c->resume, "-") != 0)
        from = strtoull(c->resume, NULL, 10);
    if (upload_open(&b->up, path, from, &b->source) < 0)
        return 26;
    if (b->source.length == HTTP_UNKNOWN && q->flags & HTTP_VERSION_10) {
        return 25;
    }
    q->source = &b->source;
    if (c->request == NULL && !c->head)
        q->method = "PUT";
    if (b->source.length > 0 && !(q->flags & HTTP_NO_EXPECT))
        q->flags |= HTTP_EXPECT;
    if (b->up.from > 0 && b->source.length > 0)
        add_range(b, q);
    return 0;
}

int body_open(struct body *b, const struct prepared *p, const char *path,
              int64_t until, struct http_request *q)
{
    b->up.until = until;
    if (path != NULL)
        return open_file(b, p->config, path, q);
    return p->config->forms.n > 0 ? open_form(b, p, q) : 0;
}

void body_close(struct body *b)
{
    upload_close(&b->up);
    http_form_free(b->form);
    sc_fields_free(&b->head);
    free(b->type);
    b->form = NULL;
    b->type = NULL;
}
