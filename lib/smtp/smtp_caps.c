/* smtp_caps.c - what the server says it can do (RFC 5321 section 4.1.1.1), and
 * enhanced status codes (RFC 2034, RFC 3463). */

#include <string.h>

#include "core/text.h"
#include "smtp/smtp_client.h"

static const struct {
    const char *keyword;
    unsigned extension;
} known[] = {
    {"PIPELINING", SMTP_EXT_PIPELINING},
    {"CHUNKING", SMTP_EXT_CHUNKING},
    {"BINARYMIME", SMTP_EXT_BINARYMIME},
    {"8BITMIME", SMTP_EXT_8BITMIME},
    {"SMTPUTF8", SMTP_EXT_SMTPUTF8},
    {"DSN", SMTP_EXT_DSN},
    {"STARTTLS", SMTP_EXT_STARTTLS},
    {"SIZE", SMTP_EXT_SIZE},
    {"AUTH", SMTP_EXT_AUTH},
    {"REQUIRETLS", SMTP_EXT_REQUIRETLS},
    {"VRFY", SMTP_EXT_VRFY},
    {"ETRN", SMTP_EXT_ETRN},
    {"EXPN", SMTP_EXT_EXPN},
    {"HELP", SMTP_EXT_HELP},
    {"ENHANCEDSTATUSCODES", SMTP_EXT_ENHANCED},
};

/* Too many for the place: the rest is as if it were not offered. */
static void add_mechanisms(struct smtp_caps *caps, struct sc_span list)
{
    size_t have = strlen(caps->auth), room = sizeof caps->auth - have;
    char *to = caps->auth + have;

    if (list.len == 0 || list.len + 2 > room)
        return;
    if (have > 0)
        *to++ = ' ';
    memcpy(to, list.data, list.len);
    to[list.len] = '\0';
}

/* RFC 1870 section 4: no number, or 0, is no limit. */
static void learn_size(struct smtp_caps *caps, struct sc_span number)
{
    uint64_t n;

    if (sc_parse_u64(number, UINT64_MAX, &n) == 0)
        caps->size = n;
}

static void learn(struct smtp_caps *caps, struct sc_span line)
{
    struct sc_span word = sc_next_word(&line), old = {word.data, 5};

    /* "AUTH=LOGIN PLAIN" of servers older than RFC 2554. */
    if (word.len > 5 && sc_span_eq_nocase(old, "AUTH=")) {
        struct sc_span first = {word.data + 5, word.len - 5};

        add_mechanisms(caps, first);
        add_mechanisms(caps, line);
        caps->have |= SMTP_EXT_AUTH;
        return;
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (sc_span_eq_nocase(word, known[i].keyword))
            caps->have |= known[i].extension;
    if (sc_span_eq_nocase(word, "AUTH"))
        add_mechanisms(caps, line);
    if (sc_span_eq_nocase(word, "SIZE"))
        learn_size(caps, line);
}

void smtp_caps_reset(struct smtp_caps *caps)
{
    caps->all.len = 0;
    caps->esmtp = 0;
    caps->have = 0;
    caps->size = 0;
    caps->name[0] = caps->auth[0] = '\0';
}

static struct sc_span next_line(struct sc_span *all)
{
    const char *lf = memchr(all->data, '\n', all->len);
    struct sc_span line = {all->data,
                           lf != NULL ? (size_t)(lf - all->data) : all->len};
    size_t gone = line.len + (lf != NULL);

    all->data += gone;
    all->len -= gone;
    return line;
}

int smtp_caps_parse(struct smtp_caps *caps, struct sc_span all)
{
    struct sc_span line, name;
    int rc;

    smtp_caps_reset(caps);
    if ((rc = sc_buf_add(&caps->all, all.data, all.len)) < 0)
        return rc;
    caps->esmtp = 1;
    line = next_line(&all);
    name = sc_next_word(&line);
    sc_show(caps->name, sizeof caps->name, name.data, name.len);
    while (all.len > 0)
        learn(caps, sc_trim(next_line(&all)));
    return 0;
}

/* One to three digits at P. */
static size_t digits(struct sc_span s, size_t at)
{
    size_t n = 0;

    while (at + n < s.len && n < 4 &&
           sc_is_digit((unsigned char)s.data[at + n]))
        n++;
    return n < 4 ? n : 0;
}

void smtp_enhanced_of(int code, struct sc_span text, char to[12])
{
    size_t subject, detail, n;

    to[0] = '\0';
    if (text.len < 5 || text.data[0] != '0' + code / 100 || text.data[1] != '.')
        return;
    subject = digits(text, 2);
    if (subject == 0 || 2 + subject >= text.len ||
        text.data[2 + subject] != '.')
        return;
    detail = digits(text, 3 + subject);
    n = 3 + subject + detail;
    if (detail == 0 || (n < text.len && text.data[n] != ' '))
        return;
    text.len = n;
    sc_span_copy(to, 12, text);
}
