/* data.c - -d and its sisters: pieces joined by "&", read from files, coded as
 * in forms; --json; the same as a query. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simpleclient/uri.h>

#include "fetch/data.h"
#include "fetch/option_calls.h"
#include "fetch/program.h"

#define UNUSED(x) (void)(x)
enum { PIECE = 16384 };

/* --- files --- */

static int cannot_read(const char *path)
{
    fprintf(stderr, "%s: cannot read %s: %s\n", fetch_program.name, path,
            strerror(errno));
    return 26;
}

int read_whole(const char *path, struct sc_buf *out)
{
    FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    size_t n = 1;
    int rc = 0;

    if (f == NULL)
        return cannot_read(path);
    out->limit = SIZE_MAX >> 2;
    while (n > 0 && (rc = sc_buf_reserve(out, PIECE)) == 0) {
        n = fread(out->data + out->len, 1, PIECE, f);
        out->len += n;
        out->data[out->len] = '\0';
    }
    if (rc < 0)
        add_bytes(out, NULL, SIZE_MAX); /* says so, and exits */
    if (ferror(f))
        rc = cannot_read(path);
    if (f != stdin)
        fclose(f);
    return rc;
}

void drop_line_ends(struct sc_buf *b)
{
    size_t n = 0;

    for (size_t i = 0; i < b->len; i++)
        if (b->data[i] != '\n' && b->data[i] != '\r' && b->data[i] != '\0')
            b->data[n++] = b->data[i];
    b->len = n;
    b->data[n] = '\0';
}

/* --- pieces --- */

static void add_piece(struct config *c, const char *p, size_t n, const char *by)
{
    if (c->data_begun)
        add_text(&c->data, by);
    c->data.limit = SIZE_MAX >> 2;
    add_bytes(&c->data, p, n);
    c->data_begun = c->has_data = true;
}

enum file_mode { TEXT_FILE, BINARY_FILE };

static int add_data(struct config *c, const char *v, int mode, const char *by)
{
    struct sc_buf b = {0};
    int rc;

    if (*v != '@') {
        add_piece(c, v, strlen(v), by);
        return 0;
    }
    if ((rc = read_whole(v + 1, &b)) == 0) {
        if (mode == TEXT_FILE)
            drop_line_ends(&b);
        add_piece(c, b.data, b.len, by);
    }
    sc_buf_free(&b);
    return rc;
}

OPTION_CALL(opt_data)
{
    UNUSED(on);
    return add_data(k->last, v, TEXT_FILE, "&");
}

OPTION_CALL(opt_data_binary)
{
    UNUSED(on);
    return add_data(k->last, v, BINARY_FILE, "&");
}

OPTION_CALL(opt_data_raw)
{
    UNUSED(on);
    add_piece(k->last, v, strlen(v), "&");
    return 0;
}

OPTION_CALL(opt_json)
{
    UNUSED(on);
    k->last->json = true;
    return add_data(k->last, v, BINARY_FILE, "");
}

/* --- coded ones --- */

/* Everything but unreserved characters; a space is "+". */
static void add_coded(struct sc_buf *out, struct sc_span s)
{
    size_t from = 0;
    struct sc_span part;

    for (size_t i = 0; i <= s.len; i++) {
        if (i < s.len && s.data[i] != ' ')
            continue;
        part = (struct sc_span){s.data + from, i - from};
        if (uri_encode(part, "", out) < 0)
            add_bytes(out, NULL, SIZE_MAX);
        if (i < s.len)
            add_text(out, "+");
        from = i + 1;
    }
}

/* "text", "=text", "name=text", "@file", "name@file". */
static int code_piece(const char *v, struct sc_buf *out)
{
    size_t n = strcspn(v, "=@");
    struct sc_buf file = {0};
    int rc = 0;

    out->limit = SIZE_MAX >> 2;
    add_bytes(out, "", 0);
    if (v[n] != '\0' && n > 0) {
        add_bytes(out, v, n);
        add_text(out, "=");
    }
    if (v[n] == '@') {
        if ((rc = read_whole(v + n + 1, &file)) == 0)
            add_coded(out, (struct sc_span){file.data, file.len});
    } else {
        add_coded(out, sc_span_of(v[n] == '=' ? v + n + 1 : v));
    }
    sc_buf_free(&file);
    return rc;
}

OPTION_CALL(opt_data_urlencode)
{
    struct sc_buf b = {0};
    int rc = code_piece(v, &b);

    UNUSED(on);
    if (rc == 0)
        add_piece(k->last, b.data, b.len, "&");
    sc_buf_free(&b);
    return rc;
}

/* "+text": not coded. */
OPTION_CALL(opt_url_query)
{
    struct sc_buf *to = &k->last->url_query;
    struct sc_buf b = {0};
    int rc = 0;

    UNUSED(on);
    if (*v == '+')
        add_text(&b, v + 1);
    else
        rc = code_piece(v, &b);
    if (rc == 0) {
        if (to->len > 0)
            add_text(to, "&");
        add_bytes(to, b.data, b.len);
    }
    sc_buf_free(&b);
    return rc;
}

static void add_query(struct sc_buf *url, const char *p, size_t n)
{
    bool has = memchr(url->data, '?', url->len) != NULL;
    char last = url->len > 0 ? url->data[url->len - 1] : '\0';

    if (n == 0)
        return;
    if (!has)
        add_text(url, "?");
    else if (last != '?' && last != '&')
        add_text(url, "&");
    add_bytes(url, p, n);
}

char *url_with_query(const struct config *c, const char *url)
{
    size_t n = strcspn(url, "#");
    struct sc_buf out = {.limit = SIZE_MAX >> 2};
    char *text;

    add_bytes(&out, url, n);
    add_query(&out, c->url_query.data, c->url_query.len);
    if (c->get)
        add_query(&out, c->data.data, c->data.len);
    add_text(&out, url + n);
    text = copy_text(out.data);
    sc_buf_free(&out);
    return text;
}
