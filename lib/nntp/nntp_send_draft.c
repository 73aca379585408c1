/* nntp_send_draft.c - an article before it is sent: is its header one (RFC 5536
 * section 2.2, RFC 5322 section 2.2), and what is its Message-ID? One is made
 * where there is none, and goes in front of all. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <simpleclient/udp.h>

#include "core/text.h"
#include "nntp/nntp_send.h"
#include "sasl/digest.h"

enum { PIECE = 16384, RANDOM = 24, NAMES = 32 };

static int wrong(struct sc_error *e, const char *what)
{
    return sc_error_set(e, SC_EINVAL, "the article: %s", what);
}

static int failed(struct sc_error *e, int rc)
{
    return sc_error_set(e, rc, "the article could not be read: %s",
                        sc_strerror(rc));
}

/* --- the header --- */

/* Bytes up to and with the first empty line; 0: there is none. */
static size_t head_of(const char *p, size_t n)
{
    const char *at = p, *end = p + n, *lf;

    while (at < end && (lf = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        if (lf == at || (lf == at + 1 && *at == '\r'))
            return (size_t)(lf + 1 - p);
        at = lf + 1;
    }
    return 0;
}

static bool has_bare_cr(const char *p, size_t n)
{
    const char *end = p + n;

    while (p < end && (p = memchr(p, '\r', (size_t)(end - p))) != NULL)
        if (++p == end || *p != '\n')
            return true;
    return false;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The length of the name in front of a colon; 0: none is there. */
static size_t name_of(const char *p, const char *end)
{
    const char *at = p;

    while (at<end && * at> ' ' && *at <= '~' && *at != ':')
        at++;
    return at < end && *at == ':' ? (size_t)(at - p) : 0;
}

/* Behind the field at P, with all lines that continue it. */
static const char *field_end(const char *p, const char *end)
{
    do {
        p = memchr(p, '\n', (size_t)(end - p));
        p = p != NULL ? p + 1 : end;
    } while (p < end && is_blank(*p));
    return p;
}

static struct sc_span without_ends(const char *p, const char *end)
{
    while (p < end && (is_blank(*p) || *p == '\r' || *p == '\n'))
        p++;
    while (p < end && (is_blank(end[-1]) || end[-1] == '\r' || end[-1] == '\n'))
        end--;
    return (struct sc_span){p, (size_t)(end - p)};
}

static bool is_message_id(const char *p, size_t n)
{
    static const char name[] = "message-id";

    if (n != sizeof name - 1)
        return false;
    for (size_t i = 0; i < n; i++)
        if (sc_lower(p[i]) != name[i])
            return false;
    return true;
}

static int take_id(struct nntp_draft *d, struct sc_span id, struct sc_error *e)
{
    if (d->id[0] != '\0')
        return wrong(e, "two Message-IDs");
    if (!nntp_is_id(id))
        return wrong(e, "a Message-ID that is none");
    sc_span_copy(d->id, sizeof d->id, id);
    return 0;
}

/* P..END: the fields and the empty line. */
static int check_fields(struct nntp_draft *d, const char *p, const char *end,
                        struct sc_error *e)
{
    const char *next;
    size_t n;
    int rc = 0;

    for (; rc == 0 && *p != '\r' && *p != '\n'; p = next) {
        if ((n = name_of(p, end)) == 0)
            return wrong(e, "a line of the header is no field");
        next = field_end(p, end);
        if (is_message_id(p, n))
            rc = take_id(d, without_ends(p + n + 1, next), e);
    }
    return rc;
}

static int check_head(struct nntp_draft *d, struct sc_span text,
                      struct sc_error *e)
{
    size_t n = head_of(text.data, text.len);

    if (n > NNTP_HEAD_MOST || (n == 0 && text.len > NNTP_HEAD_MOST))
        return wrong(e, "a header of more than 256 KiB");
    if (n == 0)
        return wrong(e, "no empty line behind the header");
    if (memchr(text.data, '\0', n) != NULL)
        return wrong(e, "a NUL in the header");
    if (has_bare_cr(text.data, n))
        return wrong(e, "a bare CR in the header");
    return check_fields(d, text.data, text.data + n, e);
}

/* --- a name --- */

/* RFC 5536 section 3.1.3: a dot-atom behind the at sign. */
static bool is_dot_atom(const char *p)
{
    char before = '.';

    for (; *p != '\0'; before = *p++)
        if ((*p == '.' && before == '.') ||
            (*p != '.' && *p != '-' && !sc_is_digit(*p) &&
             (sc_lower(*p) < 'a' || sc_lower(*p) > 'z')))
            return false;
    return before != '.';
}

/* What names are made of, for many at once: asking for it is what costs. */
struct name_parts {
    pid_t owner; /* a child of fork(2) may not have its parent's */
    size_t left;
    unsigned char random[RANDOM * NAMES];
    char host[200];
};

static int refill(struct name_parts *k)
{
    int rc = sc_random(k->random, sizeof k->random);

    k->left = rc < 0 ? 0 : sizeof k->random;
    k->owner = getpid();
    if (sc_host_name(k->host, sizeof k->host) < 0 || !is_dot_atom(k->host))
        snprintf(k->host, sizeof k->host, "localhost");
    return rc;
}

static int make_id(struct nntp_draft *d, struct sc_error *e)
{
    static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";
    static _Thread_local struct name_parts k;
    char random[RANDOM + 1];
    int rc;

    if ((k.left == 0 || k.owner != getpid()) && (rc = refill(&k)) < 0)
        return sc_error_set(e, rc, "no random bytes for a Message-ID");
    for (int i = 0; i < RANDOM; i++)
        random[i] = letters[k.random[--k.left] & 31];
    random[RANDOM] = '\0';
    snprintf(d->id, sizeof d->id, "<%s@%s>", random, k.host);
    snprintf(d->made, sizeof d->made, "Message-ID: %s\r\n", d->id);
    return 0;
}

/* --- where it is read from --- */

static bool in_memory(const struct mail_source *a)
{
    return a->read == NULL && a->fd <= 0;
}

/* AT: bytes of the article that were read before. */
static ssize_t read_more(const struct mail_source *a, uint64_t at, char *to,
                         size_t n)
{
    ssize_t got;

    if (a->read != NULL) {
        got = a->read(a->arg, to, n);
        return got > (ssize_t)n ? SC_EINVAL : got;
    }
    do
        got = pread(a->fd, to, n, (off_t)(a->offset + at));
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

/* One piece: a function may give single bytes, which are not looked through each
 * time. */
static int read_piece(struct nntp_draft *d)
{
    size_t want = d->head.len + PIECE;
    ssize_t got = 1;
    int rc = sc_buf_reserve(&d->head, PIECE);

    while (rc == 0 && d->head.len < want && got > 0) {
        got = read_more(d->article, d->head.len, d->head.data + d->head.len,
                        want - d->head.len);
        if (got > 0)
            d->head.len += (size_t)got;
    }
    d->ended = got == 0;
    return got < 0 ? (int)got : rc;
}

static int read_head(struct nntp_draft *d)
{
    int rc;

    do
        rc = read_piece(d);
    while (rc == 0 && !d->ended && d->head.len <= NNTP_HEAD_MOST &&
           head_of(d->head.data, d->head.len) == 0);
    return rc;
}

/* --- giving it --- */

/* What was read ahead, then the rest. */
static ssize_t give(void *arg, void *to, size_t n)
{
    struct nntp_draft *d = arg;
    ssize_t got;

    if (d->at < d->head.len) {
        got = (ssize_t)(d->head.len - d->at);
        got = n < (size_t)got ? (ssize_t)n : got;
        memcpy(to, d->head.data + d->at, (size_t)got);
    } else if (d->ended) {
        return 0;
    } else {
        got = read_more(d->article, d->at, to, n);
        d->past |= got != 0;
    }
    if (got > 0)
        d->at += (uint64_t)got;
    return got;
}

/* The head of a function comes from it again, too. */
int nntp_draft_rewind(struct nntp_draft *d)
{
    const struct mail_source *a = d->article;
    int rc = 0;

    if (a->read != NULL && d->past) {
        if (a->rewind == NULL)
            return SC_ENOTSUP;
        rc = a->rewind(a->arg);
        d->head.len = 0;
        d->past = d->ended = false;
    }
    d->at = 0;
    return rc;
}

/* --- all of it --- */

static int look(struct nntp_draft *d, struct sc_error *e)
{
    struct sc_span text = d->article->data;
    int rc = 0;

    if (!in_memory(d->article)) {
        if ((rc = read_head(d)) < 0)
            return failed(e, rc);
        text = (struct sc_span){d->head.data, d->head.len};
    }
    if ((rc = check_head(d, text, e)) < 0)
        return rc;
    if (in_memory(d->article) && has_bare_cr(text.data, text.len))
        return wrong(e, "a bare CR");
    return 0;
}

int nntp_draft_begin(struct nntp_draft *d, const struct mail_source *article,
                     struct sc_error *e)
{
    int rc;

    *d = (struct nntp_draft){.article = article,
                             .head = SC_BUF(NNTP_HEAD_MOST + 2 * PIECE)};
    if ((rc = look(d, e)) < 0)
        return rc;
    if (d->id[0] == '\0' && (rc = make_id(d, e)) < 0)
        return rc;
    d->rest = (struct mail_source){.read = give, .arg = d};
    if (in_memory(article))
        d->rest = *article; /* it goes as it lies */
    return 0;
}

void nntp_draft_free(struct nntp_draft *d)
{
    sc_buf_free(&d->head);
}
