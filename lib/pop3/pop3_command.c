/* pop3_command.c - one command and its reply each (RFC 1939 sections 5 to 7, RFC
 * 2449, RFC 6856). */

#include <string.h>

#include "core/text.h"
#include "pop3/pop3_client.h"

static int plain(POP3Client *p, const char *command)
{
    sc_writeline(&p->base, "%s", command);
    return pop3_ok(p, NULL);
}

static int with_number(POP3Client *p, const char *command, uint32_t number)
{
    if (number == 0)
        return sc_fail(&p->base, SC_EINVAL, "messages are numbered from 1");
    sc_writeline(&p->base, "%s %u", command, (unsigned)number);
    return pop3_ok(p, NULL);
}

static int absent(POP3Client *p, const char *command)
{
    int rc = sc_broken(&p->base);

    return rc < 0
               ? rc
               : sc_fail(&p->base, SC_ENOTSUP, "the server has no %s", command);
}

/* --- CAPA --- */

int pop3_capa(POP3Client *p)
{
    struct sc_buf *all = &p->caps.all;
    int rc;

    pop3_caps_reset(&p->caps);
    all->limit = sc_client_options(&p->base)->reply_limit;
    if ((rc = plain(p, "CAPA")) < 0 || (rc = sc_read_dot(&p->base, all)) < 0)
        return rc;
    pop3_caps_learn(&p->caps);
    return 0;
}

/* --- STAT --- */

/* "2 320", and what may follow (RFC 1939 section 5, STAT). */
static int parse_stat(struct sc_span text, uint32_t *messages, uint64_t *bytes)
{
    const char *space = memchr(text.data, ' ', text.len);
    struct sc_span first = text;
    uint64_t n;

    if (space == NULL)
        return SC_EPROTO;
    first.len = (size_t)(space - text.data);
    text.data += first.len + 1;
    text.len -= first.len + 1;
    if ((space = memchr(text.data, ' ', text.len)) != NULL)
        text.len = (size_t)(space - text.data);
    if (sc_parse_u64(first, UINT32_MAX, &n) < 0)
        return SC_EPROTO;
    *messages = (uint32_t)n;
    return sc_parse_u64(text, UINT64_MAX, bytes);
}

int pop3_stat(POP3Client *p, uint32_t *messages, uint64_t *bytes)
{
    struct sc_span text;
    int rc;

    sc_writeline(&p->base, "STAT");
    if ((rc = pop3_ok(p, &text)) < 0)
        return rc;
    if (parse_stat(text, messages, bytes) < 0)
        return sc_break(&p->base, SC_EPROTO,
                        "a reply to STAT that makes no sense");
    return 0;
}

/* --- messages --- */

int pop3_retr(POP3Client *p, uint32_t number, sc_sink sink, void *arg)
{
    int rc = with_number(p, "RETR", number);

    return rc < 0 ? rc : sc_read_dot_to(&p->base, sink, arg);
}

int pop3_top(POP3Client *p, uint32_t number, uint32_t lines, sc_sink sink,
             void *arg)
{
    int rc;

    if (number == 0)
        return sc_fail(&p->base, SC_EINVAL, "messages are numbered from 1");
    if (pop3_lacks(p, POP3_CAP_TOP))
        return absent(p, "TOP");
    sc_writeline(&p->base, "TOP %u %u", (unsigned)number, (unsigned)lines);
    if ((rc = pop3_ok(p, NULL)) < 0)
        return rc;
    return sc_read_dot_to(&p->base, sink, arg);
}

int pop3_dele(POP3Client *p, uint32_t number)
{
    return with_number(p, "DELE", number);
}

int pop3_noop(POP3Client *p)
{
    return plain(p, "NOOP");
}

int pop3_rset(POP3Client *p)
{
    return plain(p, "RSET");
}

/* --- RFC 6856 --- */

int pop3_utf8(POP3Client *p)
{
    if (pop3_lacks(p, POP3_CAP_UTF8))
        return absent(p, "UTF8");
    return plain(p, "UTF8");
}

/* RFC 5646: letters, digits and hyphens; "*" is the server's choice. */
static bool is_language(const char *name)
{
    static const char tag[] = "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";

    return strcmp(name, "*") == 0 ||
           (*name != '\0' && name[strspn(name, tag)] == '\0' &&
            strlen(name) < 100);
}

static int languages(POP3Client *p, struct sc_buf *out)
{
    int rc = plain(p, "LANG");

    return rc < 0
               ? rc
               : sc_read_dot_to(&p->base,
                                out != NULL ? sc_buf_sink : sc_null_sink, out);
}

int pop3_lang(POP3Client *p, const char *name, struct sc_buf *out)
{
    if (name != NULL && !is_language(name))
        return sc_fail(&p->base, SC_EINVAL, "no name of a language");
    if (pop3_lacks(p, POP3_CAP_LANG))
        return absent(p, "LANG");
    if (name == NULL)
        return languages(p, out);
    sc_writeline(&p->base, "LANG %s", name);
    return pop3_ok(p, NULL);
}
