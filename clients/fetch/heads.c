/* heads.c - heads of answers as text, and the files that they go to. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fetch/heads.h"
#include "fetch/program.h"

void head_text(const struct http_reply *r, struct sc_buf *out)
{
    char line[96];

    snprintf(line, sizeof line, "HTTP/1.%d %03d %s\r\n", r->version - 10,
             r->status, r->reason);
    add_text(out, line);
    for (size_t i = 0; i < r->head.n; i++) {
        const struct sc_field *f = &r->head.at[i];

        add_bytes(out, f->name.data, f->name.len);
        add_text(out, f->value.len > 0 ? ": " : ":");
        add_bytes(out, f->value.data, f->value.len);
        add_text(out, "\r\n");
    }
    add_text(out, "\r\n");
}

void mask_controls(int fd, char *p, size_t n)
{
    if (!isatty(fd))
        return;
    for (size_t i = 0; i < n; i++)
        if (((unsigned char)p[i] < ' ' && p[i] != '\r' && p[i] != '\n') ||
            p[i] == 0x7f)
            p[i] = '?';
}

/* The files written so far: a later head goes behind an earlier one. */
static bool is_first(const char *path)
{
    static struct text_list seen;

    for (size_t i = 0; i < seen.n; i++)
        if (strcmp(seen.at[i], path) == 0)
            return false;
    text_list_add(&seen, path);
    return true;
}

int dump_text(const char *path, struct sc_buf *text)
{
    bool out = strcmp(path, "-") == 0;
    FILE *f = out ? stdout : fopen(path, is_first(path) ? "wb" : "ab");
    int rc = 0;

    if (f == NULL)
        return -errno;
    mask_controls(fileno(f), text->data, text->len);
    if (fwrite(text->data, 1, text->len, f) != text->len)
        rc = -errno;
    if (!out && fclose(f) != 0 && rc == 0)
        rc = -errno;
    return rc;
}

int dump_head(const char *path, const struct http_reply *r)
{
    struct sc_buf text = {0};
    int rc;

    head_text(r, &text);
    rc = dump_text(path, &text);
    sc_buf_free(&text);
    return rc;
}

int save_etag(const char *path, const struct http_reply *r)
{
    const char *tag = http_header(r, "ETag", NULL);
    bool out = strcmp(path, "-") == 0;
    FILE *f;
    int rc = 0;

    if (tag == NULL && !out && access(path, F_OK) == 0)
        return 0; /* what is known of it is not lost */
    if ((f = out ? stdout : fopen(path, "wb")) == NULL)
        return -errno;
    if (tag != NULL && fprintf(f, "%s\n", tag) < 0)
        rc = -errno;
    if (!out && fclose(f) != 0 && rc == 0)
        rc = -errno;
    return rc;
}

char *etag_field(const char *path, bool must)
{
    FILE *f = fopen(path, "rb");
    char line[1024] = "";

    if (f == NULL && must) {
        fprintf(stderr, "%s: cannot read %s: %s\n", fetch_program.name, path,
                strerror(errno));
        return NULL;
    }
    if (f != NULL) {
        if (fgets(line, sizeof line, f) == NULL)
            line[0] = '\0';
        fclose(f);
    }
    line[strcspn(line, "\r\n")] = '\0';
    return print_text("If-None-Match: %s", line[0] != '\0' ? line : "\"\"");
}
