/* fuzz_compose.c - any strings as a message's fields, text, and names and types
 * of files: lines end in CRLF and have at most 998 bytes, those of the header 78
 * where they could be folded; nobody slips in a field or a part; the same comes
 * out in large pieces and in small ones; a reader gets the subject, the
 * addresses and the text that were put in. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <simpleclient/mail.h>

#include "fuzz.h"
#include "mail/mail_text.h"
#include "mime_read.h"

enum { FOLD_AT = 78, LINE_MOST = 998 };

/* What is not UTF-8 is refused at once: mostly it is made so, a byte of it a
 * character of two to four bytes. Owned. */
static char *as_utf8(char *s)
{
    static const char *const made[] = {"\xc3\xa4", "\xe2\x82\xac",
                                       "\xf0\x9f\x98\x80", "\xdf\xbf"};
    struct sc_buf b = {.limit = 1 << 24};
    size_t n = strlen(s);

    if (mail_is_utf8((struct sc_span){s, n}) || (n > 0 && s[n - 1] == '!'))
        return s;
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)s[i] < 0x80)
            mime_add(&b, s + i, 1);
        else
            mime_add(&b, made[s[i] & 3], strlen(made[s[i] & 3]));
    free(s);
    s = strdup(b.data);
    sc_buf_free(&b);
    return s;
}

/* Cut the next NUL-ended string off DATA; "" at the end. Its first byte repeats
 * the rest when it is above 127: long ones are made of short ones. */
static char *take(const uint8_t **data, size_t *n)
{
    const uint8_t *end = memchr(*data, '\0', *n);
    size_t len = end != NULL ? (size_t)(end - *data) : *n;
    size_t times = len > 1 && **data > 0xf0 ? 1u << (**data & 7) : 1;
    size_t skip = times > 1;
    char *s = malloc((len - skip) * times + 1), *to = s;

    if (s == NULL)
        abort();
    for (size_t i = 0; i < times; i++, to += len - skip)
        if (len > skip)
            memcpy(to, *data + skip, len - skip);
    *to = '\0';
    *data += len + (end != NULL);
    *n -= len + (end != NULL);
    return as_utf8(s);
}

static void read_out(const struct mail_source *s, size_t step,
                     struct sc_buf *out)
{
    char room[4096];
    ssize_t n;

    if (s->rewind(s->arg) < 0)
        abort();
    out->len = 0;
    while ((n = s->read(s->arg, room, step)) > 0)
        if (sc_buf_add(out, room, (size_t)n) < 0)
            abort();
    if (n < 0)
        abort();
}

/* --- lines --- */

/* What cannot be folded: no space behind the first word. */
static bool is_breakable(const char *p, size_t n)
{
    size_t at = 0;

    while (at < n && p[at] != ' ') /* a field's name, or the space before */
        at++;
    while (at < n && p[at] == ' ')
        at++;
    while (at < n && p[at] != ' ' && p[at] != '"')
        at++;
    return at < n && p[at] == ' ';
}

static void check_line(const char *p, size_t n, bool header)
{
    if (n > LINE_MOST || memchr(p, '\r', n) != NULL ||
        memchr(p, '\0', n) != NULL)
        abort();
    if (header && n > FOLD_AT && is_breakable(p, n))
        abort();
}

/* Returns where the next line begins. */
static const char *line_end(const char *p, const char *end)
{
    const char *lf = memchr(p, '\n', (size_t)(end - p));

    if (lf == NULL || lf == p || lf[-1] != '\r')
        abort();
    return lf + 1;
}

/* A field's name, or a space and more than spaces. */
static void check_header_line(const char *p, size_t n)
{
    size_t at = 0;

    if (*p == ' ' || *p == '\t') {
        while (at < n && (p[at] == ' ' || p[at] == '\t'))
            at++;
        if (at == n)
            abort();
        return;
    }
    while (at < n && p[at] > ' ' && p[at] < 0x7f && p[at] != ':')
        at++;
    if (at == 0 || at == n || p[at] != ':')
        abort();
}

/* Returns how many fields there are; *BODY: behind the empty line. */
static int check_header(const char *p, const char *end, const char **body)
{
    const char *next;
    int fields = 0;

    for (; (next = line_end(p, end)) != p + 2; p = next) {
        check_line(p, (size_t)(next - p) - 2, true);
        check_header_line(p, (size_t)(next - p) - 2);
        fields += *p != ' ' && *p != '\t';
    }
    *body = next;
    return fields;
}

/* --- parts --- */

static int check_body(const char *p, const char *end, struct sc_span boundary)
{
    const char *next;
    int parts = 0;

    while (p < end) {
        next = line_end(p, end);
        check_line(p, (size_t)(next - p) - 2, false);
        if (boundary.len > 0 && (size_t)(next - p) >= boundary.len + 2 &&
            memmem(p, (size_t)(next - p), boundary.data, boundary.len) !=
                NULL) {
            parts++;
            if (memcmp(p + 2 + boundary.len, "--\r\n", 4) == 0)
                return next == end ? parts : -1;
            if (check_header(next, end, &next) > 3)
                abort();
        }
        p = next;
    }
    return parts;
}

/* Behind the last of the fields: the composer's own. */
static struct sc_span boundary_of(const char *p, const char *body)
{
    static const char mark[] = "\r\nContent-Type: multipart/mixed;\r\n"
                               " boundary=\"";
    const char *at = memmem(p, (size_t)(body - p), mark, sizeof mark - 1);
    struct sc_span b = {NULL, 0};

    if (at == NULL)
        return b;
    b.data = at + sizeof mark - 1;
    b.len = (size_t)((const char *)memchr(b.data, '"', 80) - b.data);
    return b;
}

static void check(const struct sc_buf *out, int fields, int files)
{
    const char *end = out->data + out->len, *body;
    int found = check_header(out->data, end, &body);
    struct sc_span boundary = boundary_of(out->data, body);
    int parts = check_body(body, end, boundary);

    if (found != fields + 2 + (files == 0)) /* MIME-Version and contents' */
        abort();
    if (parts != (files > 0 ? files + 2 : 0))
        abort();
}

/* --- what a reader gets --- */

static void check_subject(const char *message, const char *subject)
{
    struct sc_buf value = {0}, decoded = {0};

    if (!mime_field(&value, message, "Subject:"))
        abort();
    mime_decode(&decoded, value.data);
    if (!mime_same(decoded.data, subject))
        abort();
    sc_buf_free(&value);
    sc_buf_free(&decoded);
}

/* The same addresses in the same order. */
static void check_addresses(const char *message, const char *name,
                            const char *list)
{
    struct sc_buf value = {0}, a = {0}, b = {0};
    size_t at = 0, pos = 0;
    int x, y;

    if (!mime_field(&value, message, name))
        abort();
    do {
        x = mail_next_address(list, &at, &a);
        y = mail_next_address(value.data, &pos, &b);
        if (x != y || (x > 0 && strcmp(a.data, b.data) != 0))
            abort();
    } while (x > 0);
    sc_buf_free(&value);
    sc_buf_free(&a);
    sc_buf_free(&b);
}

/* Of a message that has no files; else of its first part. */
static void check_text(const char *p, const char *text)
{
    static const char cte[] = "\r\nContent-Transfer-Encoding: ";
    const char *how, *body, *end;
    struct sc_buf got = {0}, want = {0};
    struct sc_span s;

    if ((how = strstr(p, cte)) == NULL ||
        (body = strstr(how, "\r\n\r\n")) == NULL)
        abort();
    how += sizeof cte - 1;
    body += 4;
    end = strstr(body, "\r\n--=_"); /* nobody knows the boundary */
    s = (struct sc_span){body,
                         end != NULL ? (size_t)(end - body) : strlen(body)};
    mime_add(&got, "", 0);
    if (*how == 'b')
        mime_base64(&got, s);
    else if (*how == 'q')
        mime_quoted(&got, s);
    else
        mime_add(&got, s.data, s.len);
    mime_lines(&want, text);
    if (strstr(text, "\n--=_") == NULL && strncmp(text, "--=_", 4) != 0 &&
        strstr(text, "\r--=_") == NULL && strcmp(got.data, want.data) != 0)
        abort();
    sc_buf_free(&got);
    sc_buf_free(&want);
}

/* What was put in. */
struct put {
    char *field[4];
    bool set[4]; /* and taken */
    char *text;
};

static void check_read(const struct sc_buf *out, const struct put *p)
{
    if (p->set[0])
        check_addresses(out->data, "From:", p->field[0]);
    if (p->set[1])
        check_addresses(out->data, "To:", p->field[1]);
    if (p->set[2])
        check_subject(out->data, p->field[2]);
    check_text(out->data, p->text);
}

/* --- messages --- */

/* Fields that are counted: 6 names of addresses and text, and one that is made
 * up. Returns how many are in the message; negative: one was refused. */
static int set_fields(struct mail_composer *m, const uint8_t **data, size_t *n,
                      unsigned which, struct put *put)
{
    static const char *const names[] = {"From", "To", "Subject", "X-Other"};
    int fields = 2; /* Date, Message-ID */

    for (size_t i = 0; i < 4; i++) {
        char *value = put->field[i] = take(data, n);
        int rc = which >> i & 1 ? mail_set(m, names[i], value) : 1;

        put->set[i] = rc == 0;
        if (rc < 0)
            return rc;
        fields += rc == 0;
    }
    return fields;
}

static int set_any_field(struct mail_composer *m, const uint8_t **data,
                         size_t *n)
{
    char *name = take(data, n), *value = take(data, n);
    static const char *const counted[] = {
        "From", "To", "Subject", "X-Other", "Date", "Message-ID", "Bcc"};
    int rc = mail_set(m, name, value), known = 0;

    for (size_t i = 0; i < sizeof counted / sizeof counted[0]; i++)
        known |= strcasecmp(name, counted[i]) == 0;
    free(name);
    free(value);
    return rc < 0 ? rc : known ? -1 : 1; /* counted twice: not looked at */
}

/* A file of 5,000 bytes, made once. */
static const char *a_file(void)
{
    static char path[40];
    char zeros[5000] = {0};
    int fd;

    if (path[0] != '\0')
        return path;
    if ((fd = memfd_create("attached", 0)) < 0 ||
        write(fd, zeros, sizeof zeros) != (ssize_t)sizeof zeros)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return path;
}

static int attach(struct mail_composer *m, const uint8_t **data, size_t *n)
{
    char *name = take(data, n), *type = take(data, n);
    int rc = mail_attach(m, a_file(), name, *type != '\0' ? type : NULL);

    free(name);
    free(type);
    return rc;
}

static void try_list(const char *list)
{
    struct sc_buf one = {.limit = 1 << 16};
    size_t pos = 0;

    while (mail_next_address(list, &pos, &one) > 0)
        if (one.len < 3 || memchr(one.data, '@', one.len) == NULL)
            abort();
    sc_buf_free(&one);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct mail_composer *m = mail_composer_new();
    struct sc_buf whole = {0}, cut = {0};
    struct mail_source s;
    int fields, more = 0, files = 0;
    struct put put = {.text = NULL};
    unsigned which;

    if (m == NULL || n < 1) {
        mail_composer_free(m);
        return 0;
    }
    which = *data++;
    n--;
    fields = set_fields(m, &data, &n, which, &put);
    if (which & 16)
        more = set_any_field(m, &data, &n);
    put.text = take(&data, &n);
    try_list(put.text);
    mail_text(m, put.text);
    if (which & 32)
        files += attach(m, &data, &n) == 0;
    if (which & 64)
        files += attach(m, &data, &n) == 0;
    if (mail_composed(m, &s, NULL) == 0 && fields > 0 && more >= 0) {
        read_out(&s, 4096, &whole);
        read_out(&s, 7, &cut);
        if (whole.len != cut.len ||
            memcmp(whole.data, cut.data, whole.len) != 0)
            abort();
        check(&whole, fields + more, files);
        check_read(&whole, &put);
    }
    for (int i = 0; i < 4; i++)
        free(put.field[i]);
    free(put.text);
    sc_buf_free(&whole);
    sc_buf_free(&cut);
    mail_composer_free(m);
    return 0;
}
