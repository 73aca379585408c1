/* pop_account.c - accounts of the words of the call, and their passwords. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../term/secret.h"
#include "../term/transcript.h"
#include "../term/usage.h"
#include "pop_account.h"

/* --- what they are called --- */

static void name_account(struct pop_account *a)
{
    const char *host = strstr(a->server.data, "://");
    const char *user = a->connect.user;

    host = host != NULL ? host + 3 : a->server.data;
    snprintf(a->name, sizeof a->name, "%.90s%s%.*s", user != NULL ? user : "",
             user != NULL ? "@" : "",
             host == a->server.data ? 100 : (int)strcspn(host, "/?#"), host);
    for (char *p = a->name; *p != '\0'; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            *p = '?';
}

static int check_scheme(const char *url)
{
    if (url[0] == '/' || strncmp(url, "pop3:", 5) == 0 ||
        strncmp(url, "pop3s:", 6) == 0)
        return 0;
    fprintf(stderr, "%s: not a URL of POP3: %s\n", program_name, url);
    return 3;
}

static int make_account(struct pop_account *a, const struct pop_options *o,
                        size_t i)
{
    int rc;

    a->o = o;
    a->server.limit = a->user.limit = a->url_password.limit = PASSWORD_MOST;
    a->connect = o->mail.connect;
    a->one_of_many = o->n > 1;
    a->state = o->state.n > 0 ? o->state.at[i] : NULL;
    rc = split_login(NULL, "pop3", o->url[i], &a->server, &a->user,
                     &a->url_password);
    if (rc >= 0 || (rc = check_scheme(a->server.data)) != 0)
        return rc;
    a->connect.user = a->user.len > 0 ? a->user.data : o->user;
    a->connect.trace = watch_account;
    a->connect.trace_arg = a;
    name_account(a);
    return 0;
}

int make_accounts(const struct pop_options *o, struct pop_account **all)
{
    int rc = 0;

    if ((*all = calloc(o->n, sizeof **all)) == NULL)
        return no_memory();
    for (size_t i = 0; i < o->n && rc == 0; i++)
        rc = make_account(&(*all)[i], o, i);
    if (rc != 0) {
        free_accounts(*all, o->n);
        *all = NULL;
    }
    return rc;
}

void free_accounts(struct pop_account *all, size_t n)
{
    for (size_t i = 0; all != NULL && i < n; i++) {
        struct pop_account *a = &all[i];

        explicit_bzero(a->password, sizeof a->password);
        if (a->url_password.data != NULL)
            explicit_bzero(a->url_password.data, a->url_password.len);
        sc_buf_free(&a->server);
        sc_buf_free(&a->user);
        sc_buf_free(&a->url_password);
        sc_buf_free(&a->progress.sizes);
        aside_free(&a->aside);
        pop3_result_free(&a->r);
    }
    free(all);
}

/* --- passwords --- */

/* Nobody has told it yet. */
static bool lacks_password(const struct pop_account *a)
{
    return a->url_password.len == 0 && a->connect.tls.cert == NULL;
}

/* What one server is to know is not shown to another. */
static int check_sharing(const struct pop_account *all, size_t n)
{
    const struct mail_options *m = &all[0].o->mail;
    size_t lacking = 0;

    if (m->password_file == NULL && m->passwordeval == NULL)
        return 0;
    for (size_t i = 0; i < n; i++)
        lacking += lacks_password(&all[i]);
    return lacking <= 1 ? 0
                        : wrong_use("one password for several accounts: put "
                                    "them into a netrc file");
}

static int look(struct pop_account *a)
{
    const struct mail_options *m = &a->o->mail;
    int rc;

    if (a->url_password.len > 0) {
        snprintf(a->password, sizeof a->password, "%s", a->url_password.data);
        return 0;
    }
    rc = secret_by_options(m, a->password);
    if (rc != 0 || a->password[0] != '\0' || a->connect.netrc != NULL ||
        a->connect.tls.cert != NULL)
        return rc;
    if (a->connect.user == NULL)
        return wrong_use("%s: no user", a->name);
    return secret_by_question(a->connect.user, a->server.data, a->password);
}

static int find_password(struct pop_account *a)
{
    int rc = look(a);

    if (rc != 0 || a->password[0] == '\0')
        return rc;
    if (a->connect.user == NULL && !a->o->mail.bearer)
        return wrong_use("%s: a password, but no user", a->name);
    if (a->o->mail.bearer)
        a->connect.token = a->password;
    else
        a->connect.password = a->password;
    return 0;
}

int find_passwords(struct pop_account *all, size_t n)
{
    int rc = check_sharing(all, n);

    for (size_t i = 0; i < n && rc == 0; i++)
        rc = find_password(&all[i]);
    return rc;
}

/* --- the dialogue --- */

static bool is(const char *text, size_t n, const char *word)
{
    size_t len = strlen(word);

    return n >= len && strncmp(text, word, len) == 0;
}

static void note_command(struct pop_account *a, const char *text, size_t n)
{
    if (a->reached == REACHED_MAILBOX)
        return;
    if (is(text, n, "STLS"))
        a->reached = REACHED_TLS;
    else if (is(text, n, "AUTH") || is(text, n, "USER") || is(text, n, "***"))
        a->reached = REACHED_LOGIN;
    else if (is(text, n, "LIST") || is(text, n, "UIDL"))
        a->reached = REACHED_MAILBOX;
}

void watch_account(void *arg, int direction, const char *text, size_t n)
{
    struct pop_account *a = arg;

    if (direction == '>')
        note_command(a, text, n);
    else if (direction == '<' && a->greeting[0] == '\0')
        snprintf(a->greeting, sizeof a->greeting, "%.*s",
                 n < sizeof a->greeting ? (int)n : (int)sizeof a->greeting - 1,
                 text);
    if (!a->o->mail.verbose)
        return;
    flockfile(stderr);
    if (a->one_of_many)
        fprintf(stderr, "%s ", a->name);
    show_transcript(NULL, direction, text, n);
    funlockfile(stderr);
}
