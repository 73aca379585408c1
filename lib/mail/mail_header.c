/* mail_header.c - header fields as they go out. Text beyond ASCII becomes
 * encoded words of at most 75 characters, cut between characters (RFC 2047
 * section 2); names in addresses are atoms, quoted strings or encoded words,
 * as they need (RFC 5322 section 3.4). */
#include "mail/mail_header.h"

#include <string.h>

#include <simpleclient/mail.h>

#include "core/text.h"

#define FOLD_AT 78
#define WORD_LEAST 12
#define WORD_BYTES 45 /* 60 in base64, and "=?UTF-8?B?" "?=" around it */

/* One line that grows: where it stands, to be folded in time. */
struct line {
    struct sc_buf *out;
    size_t column;
};

static int put(struct line *l, const char *s, size_t n)
{
    l->column += n;
    return sc_buf_add(l->out, s, n);
}

/* A space before the next N bytes, or a new line if they do not fit. */
static int put_space(struct line *l, size_t n)
{
    int rc;

    if (l->column + 1 + n <= FOLD_AT || l->column <= 1)
        return put(l, " ", 1);
    l->column = 0;
    rc = sc_buf_add(l->out, "\r\n", 2);
    return rc < 0 ? rc : put(l, " ", 1);
}

static int put_word(struct line *l, const char *s, size_t n)
{
    int rc = put_space(l, n);

    return rc < 0 ? rc : put(l, s, n);
}

/* What may stand in a header as it is: printable ASCII. */
static bool is_plain(const char *s, size_t n)
{
    while (n > 0 && s[n - 1] >= ' ' && s[n - 1] < 0x7f)
        n--;
    return n == 0;
}

/* --- encoded words --- */

/* How many of the N bytes go into one word, no character cut: what still fits
 * into this line, or a whole line of its own. */
static size_t word_bytes(const struct line *l, const char *s, size_t n)
{
    size_t used = l->column +
                  sizeof " =?UTF-8?B?"
                         "?=" -
                  1;
    size_t most = used < FOLD_AT ? (FOLD_AT - used) / 4 * 3 : 0, cut;

    if (most < WORD_LEAST || most > WORD_BYTES)
        most = WORD_BYTES;
    cut = n < most ? n : most;
    while (cut < n && cut > 1 && ((unsigned char)s[cut] & 0xc0) == 0x80)
        cut--;
    return cut;
}

static int put_encoded(struct line *l, const char *s, size_t n)
{
    struct sc_buf word = SC_BUF(128);
    size_t part;
    int rc = 0;

    for (; n > 0 && rc == 0; s += part, n -= part) {
        part = word_bytes(l, s, n);
        word.len = 0;
        if ((rc = sc_buf_add(&word, "=?UTF-8?B?", 10)) == 0 &&
            (rc = sc_base64_encode(&word, s, part)) == 0 &&
            (rc = sc_buf_add(&word, "?=", 2)) == 0)
            rc = put_word(l, word.data, word.len);
    }
    sc_buf_free(&word);
    return rc;
}

/* --- text --- */

/* Words that must be encoded: not printable ASCII, or that look encoded already. */
static bool wants_encoding(struct sc_span word)
{
    return !is_plain(word.data, word.len) || word.len > FOLD_AT * 12 ||
           memmem(word.data, word.len, "=?", 2) != NULL;
}

static bool next_word(const char **p, struct sc_span *word)
{
    *p += strspn(*p, " \t");
    *word = (struct sc_span){*p, strcspn(*p, " \t")};
    *p += word->len;
    return word->len > 0;
}

/* From the first word that wants it to the last, the spaces between too: they
 * would be lost between encoded words (RFC 2047 section 6.2). */
static struct sc_span encoded_part(const char *value)
{
    struct sc_span part = {NULL, 0}, word;
    const char *p = value;

    while (next_word(&p, &word)) {
        if (!wants_encoding(word))
            continue;
        if (part.data == NULL)
            part.data = word.data;
        part.len = (size_t)(word.data + word.len - part.data);
    }
    return part;
}

static int put_text(struct line *l, const char *value)
{
    struct sc_span part = encoded_part(value), word;
    const char *p = value;
    int rc = 0;

    while (rc == 0 && next_word(&p, &word)) {
        if (word.data == part.data) {
            rc = put_encoded(l, part.data, part.len);
            p = part.data + part.len;
        } else {
            rc = put_word(l, word.data, word.len);
        }
    }
    return rc;
}

static int begin(struct line *l, struct sc_buf *out, const char *name)
{
    int rc;

    *l = (struct line){.out = out};
    if ((rc = put(l, name, strlen(name))) < 0)
        return rc;
    return put(l, ":", 1);
}

int mail_header_text(struct sc_buf *out, const char *name, const char *value)
{
    struct line l;
    int rc = begin(&l, out, name);

    if (rc == 0 && (rc = put_text(&l, value)) == 0)
        rc = sc_buf_add(out, "\r\n", 2);
    return rc;
}

/* --- addresses --- */

/* One of a list: "Name <a@b>" or "a@b". */
struct mailbox {
    struct sc_buf name; /* unquoted */
    struct sc_span address;
};

static bool is_atext(int c)
{
    return c >= 0x80 || (sc_is_token(c) && c != '.') ||
           (c > ' ' && strchr("/=?{}", c) != NULL);
}

/* local@domain, or @[literal]. No quoted local parts, no comments. */
static bool is_address(struct sc_span a)
{
    const char *at = NULL;

    if (a.len < 3 || a.len > 254)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        int c = (unsigned char)a.data[i];

        if (c == '@' && at == NULL)
            at = a.data + i;
        else if (c <= ' ' || c == 0x7f || strchr("@<>,;\\\"()", c) != NULL)
            return false;
    }
    return at != NULL && at > a.data && at < a.data + a.len - 1;
}

static const char *skip_white(const char *p)
{
    return p + strspn(p, " \t\r\n");
}

/* Take "quoted text" at **P into NAME. */
static int take_quoted(const char **p, struct sc_buf *name)
{
    const char *s = *p + 1;
    int rc = 0;

    for (; rc == 0 && *s != '"'; s++) {
        if (*s == '\\' && s[1] != '\0')
            s++;
        if (*s == '\0')
            return SC_EINVAL;
        rc = sc_buf_add(name, s, 1);
    }
    if (rc == 0)
        *p = s + 1;
    return rc;
}

/* Take words and quoted strings up to one of "<,;@" or the end into NAME. */
static int take_name(const char **p, struct sc_buf *name)
{
    const char *s = skip_white(*p);
    size_t n;
    int rc = sc_buf_reserve(name, 0);

    while (rc == 0 && *s != '\0' && strchr("<,;:", *s) == NULL) {
        if (name->len > 0 && (rc = sc_buf_add(name, " ", 1)) < 0)
            break;
        if (*s == '"') {
            rc = take_quoted(&s, name);
        } else {
            n = strcspn(s, " \t\r\n\"<,;:");
            rc = sc_buf_add(name, s, n);
            s += n;
        }
        s = skip_white(s);
    }
    *p = s;
    return rc;
}

/* Take the next mailbox off the list at *P. Returns 1, 0 at the end. */
static int next_mailbox(const char **p, struct mailbox *m)
{
    const char *start, *s;
    int rc;

    m->name.len = 0;
    *p = skip_white(*p);
    while (**p == ',')
        *p = skip_white(*p + 1);
    if (**p == '\0')
        return 0;
    start = *p;
    if ((rc = take_name(p, &m->name)) < 0)
        return rc;
    if (**p == '<') {
        s = *p + 1;
        m->address = (struct sc_span){s, strcspn(s, ">")};
        if (s[m->address.len] != '>')
            return SC_EINVAL;
        *p = skip_white(s + m->address.len + 1);
    } else {
        m->address = sc_trim((struct sc_span){start, (size_t)(*p - start)});
        m->name.len = 0;
    }
    if (!is_address(m->address) || (**p != '\0' && **p != ','))
        return SC_EINVAL;
    return 1;
}

static bool is_phrase(const struct sc_buf *name)
{
    for (size_t i = 0; i < name->len; i++)
        if (name->data[i] != ' ' && !is_atext((unsigned char)name->data[i]))
            return false;
    return memmem(name->data, name->len, "=?", 2) == NULL;
}

/* In quotes it cannot be folded: what is too long for one line is encoded. */
static int put_quoted(struct line *l, const struct sc_buf *name)
{
    struct sc_buf quoted = SC_BUF(8192);
    int rc = sc_buf_add(&quoted, "\"", 1);

    for (size_t i = 0; i < name->len && rc == 0; i++) {
        if (strchr("\"\\", name->data[i]) != NULL)
            rc = sc_buf_add(&quoted, "\\", 1);
        if (rc == 0)
            rc = sc_buf_add(&quoted, name->data + i, 1);
    }
    if (rc == 0 && (rc = sc_buf_add(&quoted, "\"", 1)) == 0)
        rc = quoted.len < FOLD_AT ? put_word(l, quoted.data, quoted.len)
                                  : put_encoded(l, name->data, name->len);
    sc_buf_free(&quoted);
    return rc;
}

static int put_name(struct line *l, const struct sc_buf *name)
{
    if (!is_plain(name->data, name->len))
        return put_encoded(l, name->data, name->len);
    return is_phrase(name) ? put_text(l, name->data) : put_quoted(l, name);
}

/* The last word of one, with room for the comma behind it. */
static int put_last_word(struct line *l, const char *s, size_t n)
{
    int rc = put_space(l, n + 1);

    return rc < 0 ? rc : put(l, s, n);
}

static int put_mailbox(struct line *l, const struct mailbox *m)
{
    struct sc_buf angle = SC_BUF(512);
    int rc;

    if (m->name.len == 0)
        return put_last_word(l, m->address.data, m->address.len);
    if ((rc = put_name(l, &m->name)) == 0 &&
        (rc = sc_buf_addf(&angle, "<%.*s>", (int)m->address.len,
                          m->address.data)) == 0)
        rc = put_last_word(l, angle.data, angle.len);
    sc_buf_free(&angle);
    return rc;
}

int mail_header_addresses(struct sc_buf *out, const char *name,
                          const char *value)
{
    struct mailbox m = {.name.limit = 2048};
    struct line l;
    int rc = begin(&l, out, name), n = 0, more = 1;

    while (rc == 0 && (more = next_mailbox(&value, &m)) > 0) {
        if (n++ > 0)
            rc = put(&l, ",", 1);
        if (rc == 0)
            rc = put_mailbox(&l, &m);
    }
    sc_buf_free(&m.name);
    if (rc == 0 && more < 0)
        rc = more;
    if (rc == 0 && n == 0)
        rc = SC_EINVAL;
    return rc < 0 ? rc : sc_buf_add(out, "\r\n", 2);
}

int mail_next_address(const char *list, size_t *pos, struct sc_buf *address)
{
    struct mailbox m = {.name.limit = 2048};
    const char *p = list + *pos;
    int rc = next_mailbox(&p, &m), added = 0;

    address->len = 0;
    if (rc > 0)
        added = sc_buf_add(address, m.address.data, m.address.len);
    sc_buf_free(&m.name);
    *pos = (size_t)(p - list);
    return added < 0 ? added : rc;
}

/* --- parameters --- */

/* RFC 2231 section 4: attribute-char as it is, others %XX. */
static int add_extended(struct sc_buf *out, const char *value)
{
    int rc = 0;

    for (; rc == 0 && *value != '\0'; value++) {
        int c = (unsigned char)*value;

        if (sc_is_token(c) && strchr("*'%", c) == NULL)
            rc = sc_buf_add(out, value, 1);
        else
            rc = sc_buf_addf(out, "%%%02X", (unsigned)c);
    }
    return rc;
}

int mail_header_parameter(struct sc_buf *out, const char *name,
                          const char *value)
{
    int rc;

    if (!is_plain(value, strlen(value))) {
        rc = sc_buf_addf(out, ";\r\n %s*=UTF-8''", name);
        return rc < 0 ? rc : add_extended(out, value);
    }
    rc = sc_buf_addf(out, ";\r\n %s=\"", name);
    for (; rc == 0 && *value != '\0'; value++) {
        if (*value == '"' || *value == '\\')
            rc = sc_buf_add(out, "\\", 1);
        if (rc == 0)
            rc = sc_buf_add(out, value, 1);
    }
    return rc < 0 ? rc : sc_buf_add(out, "\"", 1);
}
