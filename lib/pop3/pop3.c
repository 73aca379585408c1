/* pop3.c - POP3Client: the class, the greeting, replies (RFC 1939 section 3) and
 * their response codes (RFC 2449 section 8, RFC 3206), open and close. */

#include <stdio.h>
#include <string.h>

#include "client/conn.h"
#include "core/text.h"
#include "pop3/pop3_client.h"

/* --- replies --- */

static bool begins(struct sc_span line, const char *word)
{
    size_t n = strlen(word);

    return line.len >= n && memcmp(line.data, word, n) == 0;
}

/* "+OK", "-ERR" as they are written; "+ " or "+" alone is a challenge (RFC 5034
 * section 4). */
static int code_of(struct sc_span line, size_t *status)
{
    if (begins(line, "+OK")) {
        *status = 3;
        return 200;
    }
    if (begins(line, "-ERR")) {
        *status = 4;
        return 500;
    }
    *status = 1;
    return begins(line, "+ ") || sc_span_eq(line, "+") ? 300 : SC_EPROTO;
}

/* "[IN-USE] text" (RFC 2449 section 8): no space, no bracket within. */
static void note_code(POP3Client *p, struct sc_span text)
{
    const char *end = memchr(text.data, ']', text.len);
    struct sc_span code = {text.data + 1, 0};

    p->code[0] = '\0';
    if (!begins(text, "[") || end == NULL)
        return;
    code.len = (size_t)(end - code.data);
    if (code.len < sizeof p->code && memchr(code.data, ' ', code.len) == NULL)
        sc_show(p->code, sizeof p->code, code.data, code.len);
}

static int pop3_class_reply(SimpleClient *c, struct sc_reply *r)
{
    POP3Client *p = (POP3Client *)c;
    struct sc_span line;
    char shown[80];
    size_t status;
    int rc;

    if ((rc = sc_readline(c, &line)) < 0)
        return rc;
    r->code = code_of(line, &status);
    /* Of those commands that are sent ahead none is answered by a challenge. */
    if (r->code < 0 || (r->code == 300 && c->conn->taking)) {
        sc_show(shown, sizeof shown, line.data, line.len);
        return sc_break(c, SC_EPROTO, "not a reply: %s", shown);
    }
    status += status < line.len && line.data[status] == ' ';
    r->lines = 1;
    r->text.data = line.data + status;
    r->text.len = line.len - status;
    r->all = r->text;
    if (r->code == 500)
        note_code(p, r->text);
    return 0;
}

int pop3_say_no(POP3Client *p, const char *text, size_t n)
{
    char shown[200];

    sc_show(shown, sizeof shown, text, n);
    sc_conn_say(&p->base, SC_EREPLY, 500, "-ERR %s", shown);
    return SC_EREPLY;
}

/* Other answers may be on their way: the latest command is not this one. */
int pop3_refused(POP3Client *p, const char *verb, uint32_t number,
                 const char *text)
{
    struct sc_conn *k = p->base.conn;
    const char *before = k->about;
    char about[32];

    if (number == 0)
        snprintf(about, sizeof about, "%s", verb);
    else
        snprintf(about, sizeof about, "%s %u", verb, (unsigned)number);
    k->about = about;
    pop3_say_no(p, text, strlen(text));
    k->about = before;
    return SC_EREPLY;
}

int pop3_ok(POP3Client *p, struct sc_span *text)
{
    struct sc_reply r;
    int rc;

    if ((rc = sc_reply(&p->base, &r)) < 0)
        return rc;
    if (r.code == 500)
        return pop3_say_no(p, r.text.data, r.text.len);
    if (r.code != 200)
        return sc_break(&p->base, SC_EPROTO, "a challenge out of turn");
    if (text != NULL)
        *text = r.text;
    return 0;
}

/* --- the slots --- */

static int pop3_class_greet(SimpleClient *c)
{
    POP3Client *p = (POP3Client *)c;
    struct sc_span text;
    int rc;

    if ((rc = pop3_ok(p, &text)) < 0)
        return rc;
    sc_span_copy(p->stamp, sizeof p->stamp, pop3_stamp_of(text));
    rc = pop3_capa(p);
    if (rc < 0 && rc != SC_EREPLY) /* older servers do not know it */
        return rc;
    if ((rc = pop3_secure(p)) < 0)
        return rc;
    return pop3_login(p);
}

static int pop3_class_quit(SimpleClient *c)
{
    POP3Client *p = (POP3Client *)c;

    if (p->over)
        return p->quit;
    p->over = true;
    sc_writeline(c, "QUIT");
    return p->quit = pop3_ok(p, NULL);
}

static void pop3_class_cleanup(SimpleClient *c)
{
    POP3Client *p = (POP3Client *)c;

    sc_buf_free(&p->caps.all);
    sc_client_cleanup(c);
}

const struct client_class pop3_class = {
    .name = "pop3",
    .scheme = "pop3",
    .port = 110,
    .tls_port = 995,
    .size = sizeof(POP3Client),
    .line_limit = POP3_LINE_MOST,
    .forwards = false,
    .alpn = NULL,
    .no = "-ERR",
    .greet = pop3_class_greet,
    .reply = pop3_class_reply,
    .quit = pop3_class_quit,
    .cleanup = pop3_class_cleanup,
};

/* --- open and close --- */

POP3Client *pop3_open(const char *server, const struct sc_options *opt)
{
    return sc_open(&pop3_class, server, 0, opt);
}

int pop3_quit(POP3Client *p)
{
    bool unset = sc_options_wait_unset(sc_client_options(&p->base));
    int rc = sc_broken(&p->base);

    if (rc < 0)
        return rc;
    sc_timeout(&p->base, unset ? POP3_MS_QUIT : 0);
    rc = pop3_class_quit(&p->base);
    sc_timeout(&p->base, 0);
    return rc;
}

int pop3_close(POP3Client *p)
{
    return p != NULL ? sc_close(&p->base) : 0;
}

SimpleClient *pop3_base(POP3Client *p)
{
    return &p->base;
}

const struct pop3_caps *pop3_capabilities(POP3Client *p)
{
    return &p->caps;
}

const char *pop3_response_code(POP3Client *p)
{
    return p->code;
}
