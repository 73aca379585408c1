/* reply.c - three-digit replies of one or many lines (RFC 5321 section 4.2.1,
 * RFC 959 section 4.2, RFC 3977 section 3.2), and comparing them. */
#include "client/conn.h"

#include <stdio.h>
#include <string.h>

#include "core/text.h"

/* "250-text": the code, TEXT behind it, and whether more lines follow. */
static int parse(struct sc_span line, struct sc_span *text, bool *more)
{
    const char *p = line.data;

    if (line.len < 3 || p[0] < '1' || p[0] > '5' || !sc_is_digit(p[1]) ||
        !sc_is_digit(p[2]) || (line.len > 3 && p[3] != ' ' && p[3] != '-'))
        return SC_EPROTO;
    *more = line.len > 3 && p[3] == '-';
    text->data = line.len > 3 ? p + 4 : p + 3;
    text->len = line.len > 3 ? line.len - 4 : 0;
    return (p[0] - '0') * 100 + (p[1] - '0') * 10 + (p[2] - '0');
}

static int no_reply(SimpleClient *c, struct sc_span line)
{
    char shown[80];

    sc_show(shown, sizeof shown, line.data, line.len);
    return sc_break(c, SC_EPROTO, "not a reply: %s", shown);
}

static int gather(SimpleClient *c, struct sc_reply *r, struct sc_span text)
{
    struct sc_conn *k = c->conn;
    struct sc_buf *b = &k->reply;
    int rc = 0;

    if (r->lines > k->opt.reply_lines)
        return sc_break(c, SC_ETOOBIG, "a reply of more than %d lines",
                        k->opt.reply_lines);
    b->limit = k->opt.reply_limit;
    if (r->lines > 1)
        rc = sc_buf_add(b, "\n", 1);
    if (rc == 0)
        rc = sc_buf_add(b, text.data, text.len);
    if (rc < 0)
        return sc_break(c, rc, "a reply of more than %zu bytes", b->limit);
    return 0;
}

static int read_more(SimpleClient *c, struct sc_reply *r, struct sc_span text)
{
    struct sc_buf *b = &c->conn->reply;
    struct sc_span line;
    bool more = true;
    int rc;

    b->len = 0;
    while ((rc = gather(c, r, text)) == 0 && more) {
        if ((rc = sc_readline(c, &line)) < 0)
            return rc;
        if (parse(line, &text, &more) != r->code)
            return no_reply(c, line);
        r->lines++;
    }
    if (rc < 0)
        return rc;
    r->all.data = b->data;
    r->all.len = b->len;
    r->text.data = b->data + (b->len - text.len);
    r->text.len = text.len;
    return 0;
}

int sc_client_reply(SimpleClient *c, struct sc_reply *r)
{
    struct sc_span line;
    bool more;
    int rc;

    if ((rc = sc_readline(c, &line)) < 0)
        return rc;
    if ((r->code = parse(line, &r->text, &more)) < 0)
        return no_reply(c, line);
    r->lines = 1;
    r->all = r->text;
    return more ? read_more(c, r, r->text) : 0;
}

int sc_reply(SimpleClient *c, struct sc_reply *r)
{
    int rc;

    memset(r, 0, sizeof *r);
    r->text.data = r->all.data = "";
    if ((rc = sc_read_begin(c)) < 0)
        return rc;
    sc_unit_begin(c->conn);
    rc = c->cls->reply(c, r);
    sc_unit_end(c->conn);
    return rc < 0 ? rc : 0;
}

static bool matches(int code, int want)
{
    return code == want || (want < 100 && code / 10 == want) ||
           (want < 10 && code / 100 == want);
}

const char *sc_reply_status(const SimpleClient *c, int code, char to[8])
{
    if (code >= 400 && code <= 599 && c->cls->no != NULL)
        return c->cls->no;
    snprintf(to, 8, "%03d", code % 1000);
    return to;
}

int sc_refuse(SimpleClient *c, const struct sc_reply *r)
{
    const int code = r->code >= 400 && r->code <= 599 ? SC_EREPLY : SC_EPROTO;
    char shown[200], status[8];

    if (c->conn->broken)
        return c->conn->broken;
    sc_show(shown, sizeof shown, r->text.data, r->text.len);
    if (code == SC_EREPLY)
        sc_conn_say(c, code, r->code, "%s %s",
                    sc_reply_status(c, r->code, status), shown);
    else
        sc_break(c, code, "unexpected reply %03d %s", r->code, shown);
    return code;
}

int sc_expect(SimpleClient *c, int code, struct sc_span *text)
{
    struct sc_reply r;
    int rc;

    if ((rc = sc_reply(c, &r)) < 0)
        return rc;
    if (!matches(r.code, code))
        return sc_refuse(c, &r);
    if (text != NULL)
        *text = r.text;
    return r.code;
}
