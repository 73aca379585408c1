/* nntp_caps.c - what the server says it can do: CAPABILITIES (RFC 3977 sections
 * 3.3, 5.2), with the labels of RFC 4642, 4643, 4644, 6048 and 8054. */

#include <string.h>

#include "core/text.h"
#include "nntp/nntp_client.h"

static const struct {
    const char *label, *argument; /* NULL: none is needed */
    unsigned capability;
} known[] = {
    {"READER", NULL, NNTP_CAP_READER},
    {"MODE-READER", NULL, NNTP_CAP_MODE_READER},
    {"POST", NULL, NNTP_CAP_POST},
    {"IHAVE", NULL, NNTP_CAP_IHAVE},
    {"STREAMING", NULL, NNTP_CAP_STREAMING},
    {"OVER", NULL, NNTP_CAP_OVER},
    {"OVER", "MSGID", NNTP_CAP_OVER_MSGID},
    {"HDR", NULL, NNTP_CAP_HDR},
    {"NEWNEWS", NULL, NNTP_CAP_NEWNEWS},
    {"LIST", NULL, NNTP_CAP_LIST},
    {"STARTTLS", NULL, NNTP_CAP_STARTTLS},
    {"AUTHINFO", "USER", NNTP_CAP_AUTHINFO_USER},
    {"AUTHINFO", "SASL", NNTP_CAP_AUTHINFO_SASL},
    {"COMPRESS", "DEFLATE", NNTP_CAP_COMPRESS_DEFLATE},
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* RFC 3977 section 9.4.2: words are separated by spaces and tabs. */
static struct sc_span cut_word(struct sc_span *line)
{
    struct sc_span word;

    *line = sc_trim(*line);
    word = (struct sc_span){line->data, 0};
    while (word.len < line->len && !is_blank(line->data[word.len]))
        word.len++;
    line->data += word.len;
    line->len -= word.len;
    return word;
}

static bool has_word(struct sc_span words, const char *word)
{
    struct sc_span next;

    while ((next = cut_word(&words)).len > 0)
        if (sc_span_eq_nocase(next, word))
            return true;
    return false;
}

/* As many words as fit, one space between. */
static void keep_words(char *to, size_t size, struct sc_span words)
{
    struct sc_span word;
    size_t n = 0;

    while ((word = cut_word(&words)).len > 0) {
        if (n + word.len + 2 > size)
            continue;
        if (n > 0)
            to[n++] = ' ';
        n += sc_show(to + n, size - n, word.data, word.len);
    }
    to[n] = '\0';
}

static int highest(struct sc_span words)
{
    struct sc_span word;
    uint64_t n, most = 0;

    while ((word = cut_word(&words)).len > 0)
        if (sc_parse_u64(word, INT32_MAX, &n) == 0 && n > most)
            most = n;
    return (int)most;
}

static void learn(struct nntp_caps *caps, struct sc_span line)
{
    struct sc_span label = cut_word(&line);

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (sc_span_eq_nocase(label, known[i].label) &&
            (known[i].argument == NULL || has_word(line, known[i].argument)))
            caps->have |= known[i].capability;
    if (sc_span_eq_nocase(label, "VERSION"))
        caps->version = highest(line);
    else if (sc_span_eq_nocase(label, "SASL"))
        keep_words(caps->sasl, sizeof caps->sasl, line);
    else if (sc_span_eq_nocase(label, "LIST"))
        keep_words(caps->list, sizeof caps->list, line);
    else if (sc_span_eq_nocase(label, "IMPLEMENTATION")) {
        line = sc_trim(line);
        sc_show(caps->implementation, sizeof caps->implementation, line.data,
                line.len);
    }
}

/* POSTING is the greeting's: CAPABILITIES does not tell it. */
void nntp_caps_reset(struct nntp_caps *caps)
{
    caps->all.len = 0;
    caps->have = 0;
    caps->version = 0;
    caps->sasl[0] = caps->list[0] = caps->implementation[0] = '\0';
}

/* Lines in ALL end in CRLF; LF stands between them afterwards. */
void nntp_caps_learn(struct nntp_caps *caps)
{
    char *to = caps->all.data, *end = to + caps->all.len;
    const char *at = to, *lf;
    struct sc_span line;

    caps->have |= NNTP_CAP_CAPABILITIES;
    for (; at < end; at = lf + 1) {
        lf = memchr(at, '\n', (size_t)(end - at));
        if (lf == NULL)
            lf = end;
        line.data = at;
        line.len = (size_t)(lf - at);
        if (line.len > 0 && line.data[line.len - 1] == '\r')
            line.len--;
        learn(caps, line);
        if (to > caps->all.data)
            *to++ = '\n';
        memmove(to, line.data, line.len);
        to += line.len;
    }
    caps->all.len = (size_t)(to - caps->all.data);
    caps->all.data[caps->all.len] = '\0';
}

/* --- asking --- */

/* No login and no TLS for it: what is missing then is asked for again. An older
 * server says 500, or even 502, and goes on. */
int nntp_ask_capabilities(NNTPClient *n)
{
    struct sc_buf *all = &n->caps.all;
    struct sc_reply r;
    int code, rc;

    if ((rc = nntp_begin(n)) < 0)
        return rc;
    nntp_caps_reset(&n->caps);
    all->limit = sc_client_options(&n->base)->reply_limit;
    sc_writeline(&n->base, "CAPABILITIES");
    if ((code = nntp_reply(n, &r)) < 0)
        return code;
    if (code != 101)
        return sc_refuse(&n->base, &r);
    if ((rc = sc_read_dot(&n->base, all)) < 0)
        return rc;
    nntp_caps_learn(&n->caps);
    n->no_over = nntp_lacks(n, NNTP_CAP_OVER);
    n->no_hdr = nntp_lacks(n, NNTP_CAP_HDR);
    return 0;
}
