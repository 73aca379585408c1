/* mail_compose.c - a message of header fields, a text and files (RFC 5322, RFC
 * 2046 section 5.1.3): put together when it is asked for, the files read and
 * encoded while it is sent. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <simpleclient/mail.h>

#include "core/media_type.h"
#include "core/mem.h"
#include "core/text.h"
#include "mail/mail_header.h"
#include "mail/mail_text.h"

#define FIELDS_MOST 200
#define FILES_MOST 1000
#define FILE_BYTES (57 * 64) /* whole lines of base64 */
#define NAME_BYTES 255       /* of a file: encoded they still fit a line */
#define TYPE_BYTES 255

struct field {
    char *name;
    struct sc_buf text; /* whole lines */
};

struct file {
    struct sc_buf head; /* boundary and fields before it */
    char *path;
    uint64_t size;
};

struct mail_composer {
    struct field field[FIELDS_MOST];
    size_t n_fields;
    struct sc_buf text; /* UTF-8, as it was given */
    char *domain;       /* of From, for the Message-ID */
    struct file *file;
    size_t n_files, room;
    char boundary[40];
    struct sc_error failed; /* of an earlier call */

    struct sc_buf head, tail; /* what was composed */
    size_t at;                /* 0: head, 1..n: files, n + 1: tail */
    struct sc_buf piece;      /* being read out, from DONE on */
    uint64_t done, file_done;
    int fd;
};

static int random_text(char *out, size_t n)
{
    static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";
    unsigned char random[32];

    if (getrandom(random, n, 0) != (ssize_t)n)
        return -errno;
    for (size_t i = 0; i < n; i++)
        out[i] = letters[random[i] & 31];
    out[n] = '\0';
    return 0;
}

struct mail_composer *mail_composer_new(void)
{
    struct mail_composer *m = sc_calloc(sizeof *m);

    if (m == NULL)
        return NULL;
    m->fd = -1;
    m->boundary[0] = '='; /* in no quoted-printable text, nor in base64 */
    m->boundary[1] = '_';
    if (random_text(m->boundary + 2, 24) < 0) {
        sc_free(m);
        return NULL;
    }
    return m;
}

static void close_file(struct mail_composer *m)
{
    if (m->fd >= 0)
        close(m->fd);
    m->fd = -1;
}

void mail_composer_free(struct mail_composer *m)
{
    if (m == NULL)
        return;
    close_file(m);
    for (size_t i = 0; i < m->n_fields; i++) {
        sc_free(m->field[i].name);
        sc_buf_free(&m->field[i].text);
    }
    for (size_t i = 0; i < m->n_files; i++) {
        sc_buf_free(&m->file[i].head);
        sc_free(m->file[i].path);
    }
    sc_free(m->file);
    sc_free(m->domain);
    sc_buf_free(&m->text);
    sc_buf_free(&m->head);
    sc_buf_free(&m->tail);
    sc_buf_free(&m->piece);
    sc_free(m);
}

static int fail(struct mail_composer *m, int rc, const char *what)
{
    if (rc < 0 && m->failed.code == 0)
        sc_error_set(&m->failed, rc, "message: %s: %s", what, sc_strerror(rc));
    return m->failed.code;
}

/* --- header --- */

static bool is_field_name(const char *s)
{
    size_t n = strlen(s);

    for (size_t i = 0; i < n; i++)
        if (s[i] <= ' ' || s[i] >= 0x7f || s[i] == ':')
            return false;
    return n > 0 && n < 70;
}

/* What says how the message is made is said by the composer. */
static bool is_own(const char *name)
{
    static const char *const names[] = {"MIME-Version", "Content-Type",
                                        "Content-Transfer-Encoding"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (sc_casecmp(name, names[i]) == 0)
            return true;
    return false;
}

static bool has_addresses(const char *name)
{
    static const char *const names[] = {"From", "Sender", "Reply-To",
                                        "To",   "Cc",     "Bcc"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (sc_casecmp(name, names[i]) == 0)
            return true;
    return false;
}

static struct field *find_field(struct mail_composer *m, const char *name)
{
    for (size_t i = 0; i < m->n_fields; i++)
        if (sc_casecmp(m->field[i].name, name) == 0)
            return &m->field[i];
    return NULL;
}

/* Find or make the field NAME. */
static int field_of(struct mail_composer *m, const char *name, struct field **f)
{
    if ((*f = find_field(m, name)) != NULL)
        return 0;
    if (m->n_fields == FIELDS_MOST)
        return SC_ETOOBIG;
    *f = &m->field[m->n_fields];
    if (((*f)->name = sc_strdup(name)) == NULL)
        return SC_ENOMEM;
    m->n_fields++;
    return 0;
}

/* The domain of the first address. */
static int note_domain(struct mail_composer *m, const char *from)
{
    struct sc_buf address = SC_BUF(512);
    size_t pos = 0;
    int rc = mail_next_address(from, &pos, &address);

    if (rc > 0) {
        sc_free(m->domain);
        m->domain = sc_strdup(strrchr(address.data, '@') + 1);
        rc = m->domain != NULL ? 0 : SC_ENOMEM;
    }
    sc_buf_free(&address);
    return rc;
}

int mail_set(struct mail_composer *m, const char *name, const char *value)
{
    struct field *f;
    int rc;

    if (m->failed.code < 0)
        return m->failed.code;
    if (!is_field_name(name) || is_own(name) ||
        !sc_line_safe(value, strlen(value)))
        return fail(m, SC_EINVAL, "a header field");
    if (!mail_is_utf8(sc_span_of(value)))
        return fail(m, SC_EINVAL, "a header field is not UTF-8");
    if ((rc = field_of(m, name, &f)) < 0)
        return fail(m, rc, name);
    f->text.len = 0;
    rc = has_addresses(name) ? mail_header_addresses(&f->text, name, value)
                             : mail_header_text(&f->text, name, value);
    if (rc == 0 && sc_casecmp(name, "From") == 0)
        rc = note_domain(m, value);
    return fail(m, rc, name);
}

/* --- contents --- */

int mail_text(struct mail_composer *m, const char *text)
{
    if (m->failed.code < 0)
        return m->failed.code;
    if (!mail_is_utf8(sc_span_of(text)))
        return fail(m, SC_EINVAL, "the text is not UTF-8");
    m->text.len = 0;
    return fail(m, sc_buf_add(&m->text, text, strlen(text)), "the text");
}

static int file_head(const struct mail_composer *m, struct sc_buf *out,
                     const char *name, const char *type)
{
    char words[TYPE_BYTES + 2];
    int rc;

    snprintf(words, sizeof words, "%s;", type);
    if ((rc = sc_buf_addf(out, "--%s\r\n", m->boundary)) < 0 ||
        (rc = mail_header_text(out, "Content-Type", words)) < 0)
        return rc;
    out->len -= 3; /* ";" and CRLF: the parameter brings its own */
    if ((rc = mail_header_parameter(out, "name", name)) < 0 ||
        (rc = sc_buf_addf(out, "\r\nContent-Transfer-Encoding: base64\r\n"
                               "Content-Disposition: attachment")) < 0 ||
        (rc = mail_header_parameter(out, "filename", name)) < 0)
        return rc;
    return sc_buf_add(out, "\r\n\r\n", 4);
}

/* RFC 2045 section 6.4: what is made of messages may not be in base64. */
static bool is_composite(const char *type)
{
    struct sc_span first = {type, strcspn(type, "/")};

    return sc_span_eq_nocase(first, "message") ||
           sc_span_eq_nocase(first, "multipart");
}

/* "type/subtype", printable ASCII, perhaps with parameters. */
static bool is_media_type(const char *type)
{
    const char *slash = strchr(type, '/');

    if (slash == NULL || strlen(type) > TYPE_BYTES ||
        strstr(type, "=?") != NULL)
        return false;
    for (const char *p = type; *p != '\0'; p++)
        if (*p < ' ' || *p > '~' ||
            (p <= slash + 1 && p != slash && !sc_is_token((unsigned char)*p)))
            return false;
    return slash > type && slash[1] != '\0';
}

static int look_at_file(const char *path, uint64_t *size)
{
    struct stat st;

    if (stat(path, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode))
        return S_ISDIR(st.st_mode) ? -EISDIR : SC_EINVAL;
    *size = (uint64_t)st.st_size;
    return access(path, R_OK) < 0 ? -errno : 0;
}

static struct file *new_file(struct mail_composer *m)
{
    size_t room = m->room > 0 ? m->room * 2 : 4;
    struct file *bigger;

    if (m->n_files == m->room) {
        if ((bigger = sc_realloc(m->file, room * sizeof *bigger)) == NULL)
            return NULL;
        m->file = bigger;
        m->room = room;
    }
    m->file[m->n_files] = (struct file){0};
    return &m->file[m->n_files++];
}

int mail_attach(struct mail_composer *m, const char *path, const char *name,
                const char *type)
{
    struct file *f;
    uint64_t size = 0;
    int rc;

    if (m->failed.code < 0)
        return m->failed.code;
    name = name != NULL ? name : sc_last_part(path);
    type = type != NULL ? type : sc_media_type(name);
    if (!sc_line_safe(name, strlen(name)) || strlen(name) > NAME_BYTES ||
        !mail_is_utf8(sc_span_of(name)) || !is_media_type(type) ||
        is_composite(type))
        return fail(m, SC_EINVAL, "a file's name or type");
    if ((rc = look_at_file(path, &size)) < 0)
        return fail(m, rc, path);
    if (m->n_files == FILES_MOST)
        return fail(m, SC_ETOOBIG, path);
    if ((f = new_file(m)) == NULL || (f->path = sc_strdup(path)) == NULL)
        return fail(m, SC_ENOMEM, path);
    f->size = size;
    return fail(m, file_head(m, &f->head, name, type), path);
}

/* --- putting it together --- */

/* "Sat, 21 Nov 2026 17:25:00 +0000": RFC 5322 section 3.3, in no locale. */
static int add_date(struct sc_buf *out)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t now = time(NULL);
    struct tm t;

    gmtime_r(&now, &t);
    return sc_buf_addf(out, "Date: %.3s, %d %.3s %d %02d:%02d:%02d +0000\r\n",
                       days + 3 * t.tm_wday, t.tm_mday, months + 3 * t.tm_mon,
                       t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

static int add_message_id(struct mail_composer *m, struct sc_buf *out)
{
    char random[26];
    int rc = random_text(random, 24);

    if (rc < 0)
        return rc;
    return sc_buf_addf(out, "Message-ID: <%s@%s>\r\n", random,
                       m->domain != NULL ? m->domain : "localhost");
}

static int add_fields(struct mail_composer *m, struct sc_buf *out)
{
    int rc = 0;

    if (find_field(m, "Date") == NULL)
        rc = add_date(out);
    for (size_t i = 0; i < m->n_fields && rc == 0; i++)
        if (sc_casecmp(m->field[i].name, "Bcc") != 0)
            rc = sc_buf_add(out, m->field[i].text.data, m->field[i].text.len);
    if (rc == 0 && find_field(m, "Message-ID") == NULL)
        rc = add_message_id(m, out);
    return rc < 0 ? rc : sc_buf_addf(out, "MIME-Version: 1.0\r\n");
}

static int add_text(struct mail_composer *m, struct sc_buf *out)
{
    struct sc_span text = {m->text.data, m->text.len};
    enum mail_encoding how = mail_encoding_of(text);
    int rc = sc_buf_addf(out,
                         "Content-Type: text/plain; charset=utf-8\r\n"
                         "Content-Transfer-Encoding: %s\r\n\r\n",
                         mail_encoding_name(how));

    return rc < 0 ? rc : mail_encode_text(out, text, how);
}

static int compose(struct mail_composer *m)
{
    int rc;

    m->head.len = m->tail.len = 0;
    if ((rc = add_fields(m, &m->head)) < 0)
        return rc;
    if (m->n_files == 0)
        return add_text(m, &m->head);
    if ((rc = sc_buf_addf(&m->head,
                          "Content-Type: multipart/mixed;\r\n"
                          " boundary=\"%s\"\r\n\r\n--%s\r\n",
                          m->boundary, m->boundary)) < 0 ||
        (rc = add_text(m, &m->head)) < 0 ||
        (rc = sc_buf_add(&m->head, "\r\n", 2)) < 0) /* the boundary's */
        return rc;
    return sc_buf_addf(&m->tail, "--%s--\r\n", m->boundary);
}

/* --- reading it out --- */

static int open_file(struct mail_composer *m, const struct file *f)
{
    struct stat st;

    m->fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (m->fd < 0 || fstat(m->fd, &st) < 0)
        return -errno;
    return S_ISREG(st.st_mode) && (uint64_t)st.st_size == f->size ? 0
                                                                  : SC_ESHORT;
}

/* Whole lines of base64, but for the file's last. Returns 1, or 0 at the end. */
static int next_of_file(struct mail_composer *m, const struct file *f)
{
    char raw[FILE_BYTES / 4];
    size_t want = f->size - m->file_done < sizeof raw
                      ? (size_t)(f->size - m->file_done)
                      : sizeof raw;
    size_t had = 0;
    ssize_t n;
    int rc;

    if (want == 0)
        return 0;
    if (m->fd < 0 && (rc = open_file(m, f)) < 0)
        return rc;
    while (had < want) {
        n = pread(m->fd, raw + had, want - had, (off_t)(m->file_done + had));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : SC_ESHORT;
        had += (size_t)n;
    }
    m->file_done += had;
    rc = mail_encode_base64(&m->piece, raw, had);
    return rc < 0 ? rc : 1;
}

/* Begin part AT: its head, or the tail. */
static int next_part(struct mail_composer *m)
{
    const struct sc_buf *b = m->at == 0            ? &m->head
                             : m->at <= m->n_files ? &m->file[m->at - 1].head
                                                   : &m->tail;

    m->file_done = 0;
    m->at++;
    return b->len > 0 ? sc_buf_add(&m->piece, b->data, b->len) : 0;
}

/* Fill the piece anew. Returns 1, or 0 at the end of the message. */
static int refill(struct mail_composer *m)
{
    size_t last = m->n_files + 2; /* head, files, tail */
    int rc = 0;

    m->piece.len = 0;
    m->done = 0;
    while (m->piece.len == 0) {
        if (m->at > 1 && m->at <= m->n_files + 1 &&
            (rc = next_of_file(m, &m->file[m->at - 2])) != 0)
            return rc;
        close_file(m);
        if (m->at == last)
            return 0;
        if ((rc = next_part(m)) < 0)
            return rc;
    }
    return 1;
}

static ssize_t composed_read(void *arg, void *buf, size_t n)
{
    struct mail_composer *m = arg;
    int rc;

    if (m->done == m->piece.len && (rc = refill(m)) <= 0)
        return rc;
    if (n > m->piece.len - m->done)
        n = (size_t)(m->piece.len - m->done);
    memcpy(buf, m->piece.data + m->done, n);
    m->done += n;
    return (ssize_t)n;
}

static int composed_rewind(void *arg)
{
    struct mail_composer *m = arg;

    close_file(m);
    m->at = 0;
    m->piece.len = 0;
    m->done = m->file_done = 0;
    return 0;
}

int mail_composed(struct mail_composer *m, struct mail_source *out,
                  struct sc_error *err)
{
    if (m->failed.code == 0)
        fail(m, compose(m), "putting it together");
    if (m->failed.code < 0) {
        if (err != NULL)
            *err = m->failed;
        return m->failed.code;
    }
    composed_rewind(m);
    *out = (struct mail_source){
        .read = composed_read, .rewind = composed_rewind, .arg = m};
    return 0;
}
