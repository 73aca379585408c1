/* auth.c - one SASL exchange over lines (RFC 4954, RFC 5034, RFC 4643), and the
 * login that a client's options tell. What the tokens mean is sasl/'s. */

#include <string.h>
#include <sys/socket.h>

#include <simpleclient/task.h>

#include "client/auth.h"
#include "client/conn.h"
#include "client/netrc.h"
#include "core/mem.h"
#include "core/text.h"

enum { TOKEN_MAX = 65536, LINE_MAX_BYTES = 90000 }; /* 64 KiB in base64 */

struct exchange {
    SimpleClient *c;
    const struct sc_auth_words *words;
    struct sc_sasl *s;
    struct sc_buf challenge; /* decoded */
    struct sc_buf response;  /* not encoded; secret */
    bool waits;              /* RESPONSE is for the empty challenge to come */
};

static void wipe(struct sc_buf *b)
{
    if (b->data != NULL)
        sc_wipe(b->data, b->cap);
    sc_buf_free(b);
}

/* --- lines --- */

/* Send HEAD and the response in base64. The line grows once, before anything
 * secret is in it. */
static int send_response(struct exchange *x, const char *head,
                         const char *no_bytes)
{
    const struct sc_buf *r = &x->response;
    struct sc_buf line = {0};
    int rc = sc_buf_add(&line, head, strlen(head));

    if (rc == 0 && r->len > 0)
        rc = sc_base64_encode(&line, r->data, r->len);
    else if (rc == 0)
        rc = sc_buf_add(&line, no_bytes, strlen(no_bytes));
    if (rc < 0)
        rc = sc_break(x->c, rc, "login: %s", sc_strerror(rc));
    if (rc == 0 && r->len > 0)
        sc_secret(x->c);
    if (rc == 0)
        rc = sc_writeline_n(x->c, line.data, line.len);
    wipe(&line);
    wipe(&x->response);
    return rc;
}

static int send_command(struct exchange *x)
{
    const char *command = x->words->command, *name = sc_sasl_name(x->s);
    const size_t n = x->response.len;
    struct sc_buf head = {0};
    size_t size = strlen(command) + strlen(name) + sizeof "  \r\n" - 1;
    int rc;

    size += n > 0 ? (n + 2) / 3 * 4 : 1;
    x->waits = sc_sasl_speaks_first(x->s) && size > x->words->line_limit;
    if (x->waits || !sc_sasl_speaks_first(x->s))
        return sc_writeline(x->c, "%s %s", command, name);
    rc = sc_buf_addf(&head, "%s %s ", command, name);
    rc = rc < 0 ? sc_break(x->c, rc, "login: %s", sc_strerror(rc))
                : send_response(x, head.data, "=");
    sc_buf_free(&head);
    return rc;
}

/* --- steps --- */

static int step(void *arg)
{
    struct exchange *x = arg;
    struct sc_span challenge = {x->challenge.data, x->challenge.len};

    return sc_sasl_step(x->s, challenge, &x->response);
}

/* A heavy step is another thread's, and C may be closed meanwhile. */
static int take_step(struct exchange *x)
{
    int rc;

    if (!sc_sasl_heavy(x->s))
        return step(x);
    sc_conn_hold(x->c);
    rc = sc_offload(step, x);
    return sc_conn_leave(x->c, rc);
}

/* What TEXT encodes; NNTP says "=" for nothing (RFC 4643 section 2.4.2). */
static int decode(struct exchange *x, struct sc_span text)
{
    text = sc_trim(text);
    x->challenge.len = 0;
    if (sc_span_eq(text, "="))
        text.len = 0;
    return sc_base64_decode(&x->challenge, text);
}

/* Why the exchange failed on our side. */
static const char *why(const struct exchange *x, int code)
{
    const char *text = sc_sasl_why(x->s);

    return text[0] != '\0' ? text : sc_strerror(code);
}

/* The server waits for a response: "*" is none (RFC 4954 section 4), and it has
 * to say no. */
static int cancel(struct exchange *x, int code, const char *text)
{
    SimpleClient *c = x->c;
    struct sc_reply r;
    int rc;

    if (sc_broken(c))
        return sc_broken(c);
    sc_writeline(c, "*");
    if ((rc = sc_reply(c, &r)) < 0)
        return rc;
    if (r.code < 400 || r.code > 599)
        return sc_break(c, SC_EPROTO, "%s: %03d to a cancelled login", text,
                        r.code);
    sc_conn_say(c, code, code == SC_EREPLY ? r.code : 0, "login by %s: %s",
                sc_sasl_name(x->s), text);
    return code;
}

/* Send what was too long for the first line. */
static int send_waiting(struct exchange *x)
{
    x->waits = false;
    if (x->challenge.len > 0)
        return cancel(x, SC_EPROTO, "a challenge before the first response");
    return send_response(x, "", "=");
}

static int answer(struct exchange *x, struct sc_span text)
{
    int rc = decode(x, text);

    if (rc == SC_EPROTO)
        return cancel(x, rc, "a challenge that is not base64");
    if (rc == 0 && x->waits)
        return send_waiting(x);
    if (rc == 0)
        rc = take_step(x);
    if (rc < 0)
        return cancel(x, rc, why(x, rc));
    return send_response(x, "", x->words->no_bytes ? x->words->no_bytes : "");
}

/* --- the end --- */

static int succeeded(struct exchange *x, const struct sc_reply *r)
{
    struct sc_span data = {"", 0};
    int rc = 0;

    x->challenge.len = 0;
    if (r->code != x->words->ok)
        rc = decode(x, r->text);
    if (rc == 0 && x->challenge.len > 0)
        data = (struct sc_span){x->challenge.data, x->challenge.len};
    if (rc == 0)
        rc = sc_sasl_succeeded(x->s, data);
    if (rc == 0 && x->waits)
        return sc_break(x->c, SC_EPROTO,
                        "login by %s: success before anything was said",
                        sc_sasl_name(x->s));
    if (rc < 0)
        sc_break(x->c, rc, "login by %s: %s", sc_sasl_name(x->s), why(x, rc));
    return rc;
}

static int refused(struct exchange *x, const struct sc_reply *r)
{
    const char *said = sc_sasl_said(x->s);
    char shown[120], status[8];
    int rc;

    sc_show(shown, sizeof shown, r->text.data, r->text.len);
    if ((rc = sc_refuse(x->c, r)) == SC_EREPLY && said[0] != '\0')
        sc_conn_say(x->c, rc, r->code, "%s %s: %.100s",
                    sc_reply_status(x->c, r->code, status), shown, said);
    return rc;
}

static int talk(struct exchange *x)
{
    const struct sc_auth_words *w = x->words;
    struct sc_reply r;
    int rc = 0;

    if (sc_sasl_speaks_first(x->s))
        rc = step(x);
    if (rc < 0)
        return sc_fail(x->c, rc, "login: %s", why(x, rc));
    rc = send_command(x);
    while (rc == 0 && (rc = sc_reply(x->c, &r)) == 0) {
        if (r.code == w->ok || (w->ok_with_data && r.code == w->ok_with_data))
            return succeeded(x, &r);
        if (r.code != w->go_on)
            return refused(x, &r);
        rc = answer(x, r.text);
    }
    return rc;
}

int sc_auth_exchange(SimpleClient *c, const struct sc_auth_words *words,
                     struct sc_sasl *s)
{
    struct exchange x = {.c = c, .words = words, .s = s};
    struct sc_conn *k = c->conn;
    const size_t line_limit = k->opt.line_limit, send_limit = k->opt.send_limit;
    int rc = sc_conn_check(k);

    if (rc == 0) {
        x.challenge.limit = x.response.limit = TOKEN_MAX;
        k->opt.send_limit = LINE_MAX_BYTES;
        if (k->opt.line_limit < LINE_MAX_BYTES)
            k->opt.line_limit = LINE_MAX_BYTES;
        rc = talk(&x);
        k->opt.line_limit = line_limit;
        k->opt.send_limit = send_limit;
    }
    wipe(&x.challenge);
    wipe(&x.response);
    sc_sasl_free(s);
    return rc;
}

int sc_auth(SimpleClient *c, const struct sc_auth_words *words,
            const char *offered, const struct sc_sasl_login *login)
{
    struct sc_error err = {0};
    struct sc_sasl *s;
    int rc = sc_conn_check(c->conn);

    if (rc < 0)
        return rc;
    if ((s = sc_sasl_new(offered, login, &err)) == NULL)
        return sc_fail(c, err.code, "%s", err.text);
    return sc_auth_exchange(c, words, s);
}

/* --- the login of the options --- */

void sc_auth_forget(struct sc_conn *k)
{
    wipe(&k->login.user);
    wipe(&k->login.password);
    sc_wipe(k->login.binding, sizeof k->login.binding);
}

static int read_netrc(SimpleClient *c, struct sc_buf *text)
{
    const char *path = c->conn->opt.netrc;
    struct sc_error err = {0};
    int rc;

    sc_conn_hold(c);
    rc = sc_netrc_read(path[0] != '\0' ? path : NULL, text, &err);
    if ((rc = sc_conn_leave(c, rc)) == -ENOENT && path[0] == '\0')
        return 0;
    return rc < 0 && !sc_broken(c) ? sc_fail(c, rc, "%s", err.text) : rc;
}

/* In TEXT, for the user of the options if there is one. */
static int find_login(SimpleClient *c, const struct sc_buf *text)
{
    struct sc_conn_login *l = &c->conn->login;
    const char *user = c->conn->opt.user;
    int line = 0, rc = 0;

    wipe(&l->user);
    wipe(&l->password);
    if (user != NULL)
        rc = sc_buf_add(&l->user, user, strlen(user));
    if (rc == 0 && text->len > 0)
        rc = sc_netrc_find((struct sc_span){text->data, text->len},
                           sc_client_host(c), &l->user, &l->password, &line);
    if (rc < 0 && line > 0)
        sc_fail(c, rc, "netrc: line %d makes no sense", line);
    else if (rc < 0)
        sc_fail(c, rc, "netrc: %s", sc_strerror(rc));
    return rc;
}

static int look_up(SimpleClient *c)
{
    struct sc_buf text = {0};
    int rc = read_netrc(c, &text);

    if (rc == 0)
        rc = find_login(c, &text);
    wipe(&text);
    return rc;
}

static const char *text_of(const struct sc_buf *b)
{
    return b->len > 0 ? b->data : NULL;
}

int sc_starttls_wanted(SimpleClient *c, bool offered)
{
    int policy = sc_client_options(c)->starttls;
    bool unix_path = c->conn->name != NULL && c->conn->name->unix_path;

    if (sc_client_is_tls(c) || policy == SC_STARTTLS_NEVER ||
        (policy == SC_STARTTLS_MAY && unix_path))
        return 0;
    if (offered)
        return 1;
    if (policy == SC_STARTTLS_MUST)
        return sc_fail(c, SC_ETLS, "TLS is required, the server has none");
    return 0;
}

bool sc_auth_is_protected(SimpleClient *c)
{
    struct sc_peer peer = {.family = 0};

    if (sc_client_is_tls(c))
        return true;
    if (c->conn->proxy != NULL || c->conn->s == NULL ||
        sc_stream_info(c->conn->s, SC_INFO_PEER, &peer) < 0)
        return false;
    return peer.family == AF_UNIX ||
           (peer.family == AF_INET && strncmp(peer.address, "127.", 4) == 0) ||
           (peer.family == AF_INET6 &&
            (strcmp(peer.address, "::1") == 0 ||
             strncmp(peer.address, "::ffff:127.", 11) == 0));
}

static void bind_login(SimpleClient *c, struct sc_sasl_login *login)
{
    unsigned char *to = c->conn->login.binding;

    if (!sc_client_is_tls(c) || c->conn->s == NULL ||
        sc_stream_info(c->conn->s, SC_INFO_TLS_EXPORTER, to) < 0)
        return;
    login->binding_type = "tls-exporter";
    login->binding = (struct sc_span){(const char *)to, 32};
}

int sc_auth_login_of(SimpleClient *c, struct sc_sasl_login *login)
{
    const struct sc_options *o = &c->conn->opt;
    const char *host = sc_client_host(c);
    int rc = sc_conn_check(c->conn);

    *login = (struct sc_sasl_login){
        .user = o->user,
        .password = o->password,
        .token = o->token,
        .authzid = o->authzid,
        .host = host[0] != '\0' && host[0] != '/' ? host : NULL,
        .port = sc_client_port(c),
        .mechanisms = o->mechanisms,
        .allow_plain = (o->flags & SC_OPT_PLAIN_LOGIN) != 0,
    };
    if (rc == 0 && o->netrc && !o->password && !o->token &&
        (rc = look_up(c)) > 0) {
        login->user = text_of(&c->conn->login.user);
        login->password = text_of(&c->conn->login.password);
    }
    if (rc < 0)
        return rc;
    login->protected_link = sc_auth_is_protected(c);
    bind_login(c, login);
    return login->user != NULL || login->token != NULL ||
           login->mechanisms != NULL;
}
