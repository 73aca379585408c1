/* pop3_caps.c - what the server says it can do (RFC 2449). */

#include <string.h>

#include "core/text.h"
#include "pop3/pop3_client.h"

static const struct {
    const char *tag;
    unsigned capability;
} known[] = {
    {"TOP", POP3_CAP_TOP},
    {"USER", POP3_CAP_USER},
    {"SASL", POP3_CAP_SASL},
    {"STLS", POP3_CAP_STLS},
    {"UIDL", POP3_CAP_UIDL},
    {"PIPELINING", POP3_CAP_PIPELINING},
    {"RESP-CODES", POP3_CAP_RESP_CODES},
    {"AUTH-RESP-CODE", POP3_CAP_AUTH_RESP_CODE},
    {"UTF8", POP3_CAP_UTF8},
    {"LANG", POP3_CAP_LANG},
};

/* A number in front of "USER", or none: what is no number says nothing. */
static int number_of(struct sc_span text, int otherwise)
{
    uint64_t n;

    if (sc_parse_u64(sc_next_word(&text), INT32_MAX, &n) < 0)
        return otherwise;
    return (int)n;
}

static void learn(struct pop3_caps *caps, struct sc_span line)
{
    struct sc_span tag = sc_next_word(&line);

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (sc_span_eq_nocase(tag, known[i].tag))
            caps->have |= known[i].capability;
    if (sc_span_eq_nocase(tag, "SASL") && line.len < sizeof caps->sasl)
        sc_span_copy(caps->sasl, sizeof caps->sasl, line);
    if (sc_span_eq_nocase(tag, "EXPIRE"))
        caps->expire_days = number_of(line, -1);
    if (sc_span_eq_nocase(tag, "LOGIN-DELAY"))
        caps->login_delay_s = number_of(line, 0);
    if (sc_span_eq_nocase(tag, "IMPLEMENTATION"))
        sc_show(caps->implementation, sizeof caps->implementation, line.data,
                line.len);
}

void pop3_caps_reset(struct pop3_caps *caps)
{
    caps->all.len = 0;
    caps->have = 0;
    caps->expire_days = -1;
    caps->login_delay_s = 0;
    caps->sasl[0] = caps->implementation[0] = '\0';
}

/* Lines in ALL end in CRLF; LF stands between them afterwards. */
void pop3_caps_learn(struct pop3_caps *caps)
{
    char *to = caps->all.data, *end = to + caps->all.len;
    const char *at = to, *lf;
    struct sc_span line;

    caps->have |= POP3_CAP_CAPA;
    for (; at < end; at = lf + 1) {
        lf = memchr(at, '\n', (size_t)(end - at));
        if (lf == NULL)
            lf = end;
        line.data = at;
        line.len = (size_t)(lf - at);
        if (line.len > 0 && line.data[line.len - 1] == '\r')
            line.len--;
        learn(caps, sc_trim(line));
        if (to > caps->all.data)
            *to++ = '\n';
        memmove(to, line.data, line.len);
        to += line.len;
    }
    caps->all.len = (size_t)(to - caps->all.data);
    caps->all.data[caps->all.len] = '\0';
}
