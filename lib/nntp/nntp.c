/* nntp.c - NNTPClient: the class, the greeting, replies and how a command is
 * asked (RFC 3977 sections 3.1, 3.2, 5.1), open and close. What an answer may ask
 * for first, a login (480) or TLS (483), is done here, once, for every command.
 */

#include <stdio.h>
#include <string.h>

#include "client/conn.h"
#include "core/text.h"
#include "nntp/nntp_client.h"

/* --- replies --- */

/* One line always: RFC 3977 section 3.2 knows no "250-". */
static int parse_reply(struct sc_span line, struct sc_span *text)
{
    const char *p = line.data;

    if (line.len < 3 || p[0] < '1' || p[0] > '5' || !sc_is_digit(p[1]) ||
        !sc_is_digit(p[2]) || (line.len > 3 && p[3] != ' '))
        return SC_EPROTO;
    text->data = line.len > 3 ? p + 4 : p + 3;
    text->len = line.len > 3 ? line.len - 4 : 0;
    return (p[0] - '0') * 100 + (p[1] - '0') * 10 + (p[2] - '0');
}

static int nntp_class_reply(SimpleClient *c, struct sc_reply *r)
{
    NNTPClient *n = (NNTPClient *)c;
    struct sc_span line;
    char shown[80];
    int rc;

    if ((rc = sc_readline(c, &line)) < 0)
        return rc;
    if ((r->code = parse_reply(line, &r->text)) < 0) {
        sc_show(shown, sizeof shown, line.data, line.len);
        return sc_break(c, SC_EPROTO, "not a reply: %s", shown);
    }
    r->lines = 1;
    r->all = r->text;
    return n->feed != NULL ? nntp_feed_heard(n->feed, r) : 0;
}

int nntp_gone(NNTPClient *n, const struct sc_reply *r)
{
    struct sc_error e = {.status = (short)r->code};
    char shown[200];

    sc_show(shown, sizeof shown, r->text.data, r->text.len);
    snprintf(e.text, sizeof e.text, "%03d %s", r->code, shown);
    return sc_conn_failed(&n->base, SC_EREPLY, SC_PHASE_NONE, &e);
}

int nntp_reply(NNTPClient *n, struct sc_reply *r)
{
    int rc = sc_reply(&n->base, r);

    if (rc < 0)
        return rc;
    return r->code == 400 ? nntp_gone(n, r) : r->code;
}

/* --- commands --- */

static int ask_once(NNTPClient *n, struct sc_reply *r)
{
    sc_writeline_n(&n->base, n->command, strlen(n->command));
    return nntp_reply(n, r);
}

/* 480 and 483 are answered once in a connection; 502 says that it is of no use. */
static int ask(NNTPClient *n, struct sc_reply *r)
{
    int code, rc;

    do {
        code = ask_once(n, r);
        rc = 0;
        if (code == 480)
            rc = nntp_login_asked(n);
        else if (code == 483)
            rc = nntp_tls_asked(n);
    } while (rc > 0);
    if (rc < 0)
        return rc;
    return code == 502 ? nntp_gone(n, r) : code;
}

int nntp_fail(NNTPClient *n, int code, const char *fmt, ...)
{
    char words[200];
    va_list ap;

    if (sc_broken(&n->base))
        return sc_broken(&n->base);
    va_start(ap, fmt);
    vsnprintf(words, sizeof words, fmt, ap);
    va_end(ap);
    n->base.conn->command[0] = '\0'; /* the latest one has no part in it */
    return sc_fail(&n->base, code, "%s", words);
}

/* Within a block nothing may be queued: it would be sent before the next command,
 * and its answer be taken for that one's. */
int nntp_begin(const NNTPClient *n)
{
    const struct sc_conn *k = n->base.conn;
    int rc = sc_conn_check(k);

    if (rc < 0)
        return rc;
    return k->block || k->reading ? SC_EBUSY : 0;
}

static int format(NNTPClient *n, const char *fmt, va_list ap)
{
    int len, rc = nntp_begin(n);

    if (rc < 0)
        return rc;
    len = vsnprintf(n->command, sizeof n->command, fmt, ap);
    if (len >= 0 && (size_t)len + 2 <= NNTP_LINE_MOST)
        return 0;
    return nntp_fail(n, SC_EINVAL, "the command is too long");
}

int nntp_ask(NNTPClient *n, struct sc_reply *r, const char *fmt, ...)
{
    va_list ap;
    int rc;

    va_start(ap, fmt);
    rc = format(n, fmt, ap);
    va_end(ap);
    return rc < 0 ? rc : ask(n, r);
}

int nntp_demand(NNTPClient *n, struct sc_reply *r, int code, const char *fmt,
                ...)
{
    va_list ap;
    int rc;

    va_start(ap, fmt);
    rc = format(n, fmt, ap);
    va_end(ap);
    if (rc == 0)
        rc = ask(n, r);
    if (rc < 0)
        return rc;
    return rc == code ? 0 : sc_refuse(&n->base, r);
}

/* --- words --- */

/* Visible, or of UTF-8: RFC 3977 section 9.8, wildmats and groups' names. */
static bool is_word(const char *word)
{
    for (; *word != '\0'; word++)
        if ((unsigned char)*word <= ' ' || *word == 0x7f)
            return false;
    return true;
}

int nntp_check_word(NNTPClient *n, const char *what, const char *word)
{
    int rc = sc_broken(&n->base);

    if (rc < 0)
        return rc;
    if (word == NULL || *word == '\0')
        return nntp_fail(n, SC_EINVAL, "no %s", what);
    if (strlen(word) > NNTP_NAME_MOST)
        return nntp_fail(n, SC_EINVAL, "the %s is too long", what);
    if (!is_word(word))
        return nntp_fail(n, SC_EINVAL, "a space or control character in the %s",
                         what);
    return 0;
}

/* RFC 3977 section 3.6: visible ASCII in angle brackets, 250 bytes in all. */
bool nntp_is_id(struct sc_span id)
{
    const char *p = id.data;

    if (id.len < 3 || id.len > NNTP_ID_MOST || p[0] != '<' ||
        p[id.len - 1] != '>')
        return false;
    for (size_t i = 1; i < id.len - 1; i++)
        if (p[i] <= ' ' || p[i] > '~' || p[i] == '>')
            return false;
    return true;
}

int nntp_check_id(NNTPClient *n, const char *id)
{
    int rc = nntp_check_word(n, "message-id", id);

    if (rc < 0)
        return rc;
    if (strlen(id) > NNTP_ID_MOST)
        return nntp_fail(n, SC_EINVAL, "the message-id is too long");
    if (!nntp_is_id(sc_span_of(id)))
        return nntp_fail(n, SC_EINVAL, "no message-id: <...> is one");
    return 0;
}

int nntp_parse_ref(struct sc_span text, struct nntp_ref *out)
{
    struct sc_span number = sc_next_word(&text), id = sc_next_word(&text);
    struct nntp_ref none = {0}, ref = {0};

    if (out == NULL)
        out = &ref;
    *out = none;
    if (nntp_number(number, &out->number) == 0 && nntp_is_id(id)) {
        sc_span_copy(out->id, sizeof out->id, id);
        return 0;
    }
    *out = none;
    return SC_EPROTO;
}

int nntp_read_ref(NNTPClient *n, struct sc_span text, struct nntp_ref *out)
{
    if (nntp_parse_ref(text, out) == 0)
        return 0;
    return sc_break(&n->base, SC_EPROTO,
                    "an answer without number and message-id");
}

int nntp_range(NNTPClient *n, char out[48], uint64_t first, uint64_t last)
{
    if (first > INT64_MAX || last > INT64_MAX ||
        (first != 0 && last != 0 && last < first) || (first == 0 && last != 0))
        return nntp_fail(n, SC_EINVAL, "no range: %llu-%llu",
                         (unsigned long long)first, (unsigned long long)last);
    if (first == 0)
        out[0] = '\0';
    else if (last == first)
        snprintf(out, 48, "%llu", (unsigned long long)first);
    else if (last == 0)
        snprintf(out, 48, "%llu-", (unsigned long long)first);
    else
        snprintf(out, 48, "%llu-%llu", (unsigned long long)first,
                 (unsigned long long)last);
    return 0;
}

/* --- the slots --- */

/* The object may have had a connection before (sc_reopen). */
static int greet(NNTPClient *n)
{
    struct sc_reply r;
    int code;

    nntp_forget(n);
    n->logged_in = n->compressed = n->over = false;
    if ((code = nntp_reply(n, &r)) < 0)
        return code;
    if (code == 502)
        return nntp_gone(n, &r);
    if (code != 200 && code != 201)
        return sc_refuse(&n->base, &r);
    n->caps.posting = code == 200;
    return nntp_prepare(n);
}

static int nntp_class_greet(SimpleClient *c)
{
    return greet((NNTPClient *)c);
}

static int nntp_transit_greet(SimpleClient *c)
{
    NNTPClient *n = (NNTPClient *)c;

    n->transit = true;
    return greet(n);
}

/* Nothing depends on the answer: a server that just ends has heard it. */
static bool is_an_end(int rc)
{
    return rc == SC_EOF || rc == SC_ESHORT || rc == SC_ECONNRESET ||
           rc == SC_EPIPE;
}

static int nntp_class_quit(SimpleClient *c)
{
    NNTPClient *n = (NNTPClient *)c;
    int rc;

    if (n->over)
        return n->quit;
    n->over = true;
    sc_writeline(c, "QUIT");
    rc = sc_expect(c, 205, NULL);
    return n->quit = rc > 0 || is_an_end(rc) ? 0 : rc;
}

static void nntp_class_cleanup(SimpleClient *c)
{
    NNTPClient *n = (NNTPClient *)c;

    nntp_format_free(n->format);
    sc_buf_free(&n->caps.all);
    sc_buf_free(&n->group);
    sc_client_cleanup(c);
}

const struct client_class nntp_class = {
    .name = "nntp",
    .scheme = "nntp",
    .port = 119,
    .tls_port = 563,
    .size = sizeof(NNTPClient),
    .line_limit = NNTP_LINE_MOST,
    .forwards = false,
    .alpn = NULL,
    .no = NULL,
    .goodbye = "QUIT",
    .greet = nntp_class_greet,
    .reply = nntp_class_reply,
    .quit = nntp_class_quit,
    .cleanup = nntp_class_cleanup,
};

const struct client_class nntp_transit_class = {
    .name = "nntp",
    .scheme = "nntp",
    .port = 119,
    .tls_port = 563,
    .size = sizeof(NNTPClient),
    .line_limit = NNTP_LINE_MOST,
    .forwards = false,
    .alpn = NULL,
    .no = NULL,
    .goodbye = "QUIT",
    .greet = nntp_transit_greet,
    .reply = nntp_class_reply,
    .quit = nntp_class_quit,
    .cleanup = nntp_class_cleanup,
};

/* --- open and close --- */

NNTPClient *nntp_open(const char *server, const struct sc_options *opt)
{
    return sc_open(&nntp_class, server, 0, opt);
}

NNTPClient *nntp_open_transit(const char *server, const struct sc_options *opt)
{
    return sc_open(&nntp_transit_class, server, 0, opt);
}

int nntp_quit(NNTPClient *n)
{
    int rc = n->over ? 0 : nntp_begin(n);

    return rc < 0 ? rc : nntp_class_quit(&n->base);
}

/* After QUIT the connection has ended, which is no error. */
int nntp_close(NNTPClient *n)
{
    bool over = n != NULL && n->over;
    int quit = over ? n->quit : 0;
    int rc = n != NULL ? sc_close(&n->base) : 0;

    return over ? quit : rc;
}

SimpleClient *nntp_base(NNTPClient *n)
{
    return &n->base;
}

const struct nntp_caps *nntp_capabilities(NNTPClient *n)
{
    return &n->caps;
}
