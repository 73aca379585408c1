/* pop3_list.c - LIST and UIDL (RFC 1939 sections 5 and 7): lines are taken apart
 * where they lie, in one pass, however many there are. */

#include <string.h>

#include "core/text.h"
#include "pop3/pop3_client.h"

enum { UID_MOST = 70 };

/* --- one line --- */

/* "7 rest": messages are numbered from 1. */
static int parse_number(struct sc_span *line, uint32_t *number)
{
    const char *space = memchr(line->data, ' ', line->len);
    struct sc_span first = {line->data, line->len};
    uint64_t n;

    if (space == NULL)
        return SC_EPROTO;
    first.len = (size_t)(space - line->data);
    if (sc_parse_u64(first, UINT32_MAX, &n) < 0 || n == 0)
        return SC_EPROTO;
    *number = (uint32_t)n;
    line->data += first.len + 1;
    line->len -= first.len + 1;
    return 0;
}

/* RFC 1939 section 5 makes no requirement on what follows the size. */
int pop3_parse_size(struct sc_span line, uint32_t *number, uint64_t *size)
{
    const char *space;

    if (parse_number(&line, number) < 0)
        return SC_EPROTO;
    if ((space = memchr(line.data, ' ', line.len)) != NULL)
        line.len = (size_t)(space - line.data);
    return sc_parse_u64(line, UINT64_MAX, size);
}

/* RFC 1939 section 7: one to 70 characters in the range 0x21 to 0x7E. */
int pop3_parse_uid(struct sc_span line, uint32_t *number, struct sc_span *uid)
{
    if (parse_number(&line, number) < 0 || line.len < 1 || line.len > UID_MOST)
        return SC_EPROTO;
    for (size_t i = 0; i < line.len; i++)
        if ((unsigned char)line.data[i] < 0x21 ||
            (unsigned char)line.data[i] > 0x7e)
            return SC_EPROTO;
    *uid = line;
    return 0;
}

/* --- all lines --- */

int pop3_size_line(struct pop3_lines *l, struct sc_span text)
{
    uint32_t number;
    uint64_t size;
    int rc = pop3_parse_size(text, &number, &size);

    return rc < 0 ? rc : l->to.size(l->arg, number, size);
}

int pop3_uid_line(struct pop3_lines *l, struct sc_span text)
{
    char copy[UID_MOST + 1];
    struct sc_span uid;
    uint32_t number;
    int rc = pop3_parse_uid(text, &number, &uid);

    if (rc < 0)
        return rc;
    sc_span_copy(copy, sizeof copy, uid);
    return l->to.uid(l->arg, number, copy);
}

static int take_line(struct pop3_lines *l, const char *p, size_t n)
{
    if (n > 0 && p[n - 1] == '\r')
        n--;
    return l->line(l, (struct sc_span){p, n});
}

static int hold(struct pop3_lines *l, const char *p, size_t n)
{
    if (n > sizeof l->hold - l->held)
        return SC_EPROTO;
    memcpy(l->hold + l->held, p, n);
    l->held += n;
    return 0;
}

/* The end of a line whose beginning came before. */
static int take_held(struct pop3_lines *l, const char *p, size_t n)
{
    int rc = hold(l, p, n);

    if (rc == 0)
        rc = take_line(l, l->hold, l->held);
    l->held = 0;
    return rc;
}

int pop3_lines_sink(void *arg, const void *data, size_t n)
{
    struct pop3_lines *l = arg;
    const char *p = data, *end = p + n, *lf;
    int rc = 0;

    while (rc >= 0 && (lf = memchr(p, '\n', (size_t)(end - p))) != NULL) {
        rc = l->held > 0 ? take_held(l, p, (size_t)(lf - p))
                         : take_line(l, p, (size_t)(lf - p));
        p = lf + 1;
    }
    return rc < 0 || p == end ? rc : hold(l, p, (size_t)(end - p));
}

static int list_all(POP3Client *p, const char *command, struct pop3_lines *l)
{
    int rc;

    sc_writeline(&p->base, "%s", command);
    if ((rc = pop3_ok(p, NULL)) < 0)
        return rc;
    return sc_read_dot_to(&p->base, pop3_lines_sink, l);
}

int pop3_list(POP3Client *p,
              int (*fn)(void *arg, uint32_t number, uint64_t size), void *arg)
{
    struct pop3_lines l = {.line = pop3_size_line, .arg = arg, .to.size = fn};

    return list_all(p, "LIST", &l);
}

int pop3_uidl(POP3Client *p,
              int (*fn)(void *arg, uint32_t number, const char *uid), void *arg)
{
    struct pop3_lines l = {.line = pop3_uid_line, .arg = arg, .to.uid = fn};

    return list_all(p, "UIDL", &l);
}

/* --- one message --- */

static int ask_one(POP3Client *p, const char *command, uint32_t number,
                   struct sc_span *text)
{
    if (number == 0)
        return sc_fail(&p->base, SC_EINVAL, "messages are numbered from 1");
    sc_writeline(&p->base, "%s %u", command, (unsigned)number);
    return pop3_ok(p, text);
}

static int odd(POP3Client *p, const char *command)
{
    return sc_break(&p->base, SC_EPROTO, "a reply to %s that makes no sense",
                    command);
}

int pop3_list_one(POP3Client *p, uint32_t number, uint64_t *size)
{
    struct sc_span text;
    uint32_t told;
    int rc = ask_one(p, "LIST", number, &text);

    if (rc < 0)
        return rc;
    rc = pop3_parse_size(text, &told, size);
    return rc < 0 || told != number ? odd(p, "LIST") : 0;
}

int pop3_uidl_one(POP3Client *p, uint32_t number, char uid[71])
{
    struct sc_span text, found;
    uint32_t told;
    int rc = ask_one(p, "UIDL", number, &text);

    if (rc < 0)
        return rc;
    if (pop3_parse_uid(text, &told, &found) < 0 || told != number)
        return odd(p, "UIDL");
    sc_span_copy(uid, UID_MOST + 1, found);
    return 0;
}
