/* other_mail.c - smtp:, smtps:, lmtp: with -T and --mail-rcpt a message is sent;
 * without, the server is asked about the recipients (VRFY), or for HELP. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simpleclient/smtp.h>
#include <simpleclient/uri.h>

#include "fetch/other_source.h"
#include "fetch/url_text.h"

static int fails(struct other *o, int code, const char *what)
{
    snprintf(o->t->error, sizeof o->t->error, "%s", what);
    return code;
}

/* --- the URL --- */

/* "smtp://host/name": NAME is what the server is greeted by. */
static int take_hello(struct other *o)
{
    const char *path = o->t->url + url_host_end(o->t->url);
    struct sc_buf text = {0};
    int rc = 0;

    path += *path == '/';
    if (*path != '\0') {
        rc = uri_decode(sc_span_of(path), false, &text);
        if (rc == 0)
            o->options.hello = o->hello = copy_text(text.data);
    }
    sc_buf_free(&text);
    return rc < 0 ? fails(o, 3, "smtp: a control byte in the URL") : 0;
}

static char *server_of(const struct other *o)
{
    return print_text("%.*s/", (int)url_host_end(o->t->url), o->t->url);
}

/* "<a@b>" is "a@b". */
static char *bare(const char *address)
{
    size_t n = strlen(address);

    return *address == '<' && n > 1 && address[n - 1] == '>'
               ? print_text("%.*s", (int)n - 2, address + 1)
               : copy_text(address);
}

/* --- a message --- */

struct letter {
    struct smtp_message m;
    char *from, *auth;
    char **to;
    size_t n;
};

static void letter_make(struct letter *l, const struct config *c)
{
    l->from = bare(c->mail_from != NULL ? c->mail_from : "");
    l->n = c->mail_rcpt.n;
    l->to = take_memory((l->n + 1) * sizeof *l->to);
    for (size_t i = 0; i < l->n; i++)
        l->to[i] = bare(c->mail_rcpt.at[i]);
    if (c->mail_auth != NULL)
        l->auth = *c->mail_auth != '\0' && strcmp(c->mail_auth, "<>") != 0
                      ? bare(c->mail_auth)
                      : copy_text("<>");
    l->m = (struct smtp_message){.from = l->from,
                                 .to = (const char *const *)l->to,
                                 .auth = l->auth,
                                 .flags =
                                     c->rcpt_allowfails ? 0 : SMTP_ALL_OR_NONE};
}

static void letter_free(struct letter *l)
{
    for (size_t i = 0; i < l->n; i++)
        free(l->to[i]);
    free(l->to);
    free(l->from);
    free(l->auth);
}

/* --mail-rcpt-allowfails: some have got it. */
static int judge(struct other *o, const struct smtp_result *r, int rc)
{
    bool may_fail = o->t->job.config->rcpt_allowfails;

    if (rc >= 0 || (r->outcome == SMTP_PARTLY && may_fail))
        return 0;
    return other_fails(o, &r->error);
}

static int send_letter(struct other *o)
{
    struct other_source s = {.o = o};
    struct smtp_result r = {0};
    struct letter l = {0};
    char *server = server_of(o);
    int code, rc;

    letter_make(&l, o->t->job.config);
    if ((code = other_source_open(&s, o->t->job.upload, 0)) == 0) {
        l.m.source = s.out;
        l.m.options = &o->options;
        rc = smtp_send(server, &l.m, &r);
        code = s.failed < 0 ? fails(o, 26, "-T: it cannot be read")
                            : judge(o, &r, rc);
        if (code == 0 && s.out.fd > 0)
            o->t->sent = s.from.length;
    }
    smtp_result_free(&r);
    other_source_close(&s);
    letter_free(&l);
    free(server);
    return code;
}

/* --- a question --- */

static int print_answer(struct other *o, SMTPClient *c, int rc,
                        struct sc_buf *text)
{
    char line[16];

    if (rc < 0)
        return other_fails(o, sc_last_error(smtp_base(c)));
    snprintf(line, sizeof line, "%d ", o->t->dialogue.answer);
    sc_buf_add(text, "\r\n", 2);
    if (transfer_got(o->t, line, strlen(line)) < 0 ||
        transfer_got(o->t, text->data, text->len) < 0)
        return other_fails(o, &(struct sc_error){.code = SC_EPIPE});
    text->len = 0;
    return 0;
}

static int ask(struct other *o)
{
    const struct text_list *to = &o->t->job.config->mail_rcpt;
    char *server = server_of(o), *name;
    SMTPClient *c = smtp_open(server, &o->options);
    struct sc_buf text = {0};
    int code = 0;

    for (size_t i = 0; i < to->n && code == 0; i++) {
        name = bare(to->at[i]);
        code = print_answer(o, c, smtp_vrfy(c, name, &text), &text);
        free(name);
    }
    if (to->n == 0)
        code = print_answer(o, c, smtp_help(c, NULL, &text), &text);
    smtp_close(c);
    sc_buf_free(&text);
    free(server);
    return code;
}

int other_mail(struct other *o)
{
    int code = take_hello(o);

    if (code != 0 || (code = other_hurry(o)) != 0)
        return code;
    if (o->t->job.upload == NULL || o->t->job.config->mail_rcpt.n == 0)
        return ask(o);
    return send_letter(o);
}
