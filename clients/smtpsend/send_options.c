/* send_options.c - the command line of smtpsend: its own rows, and those of the
 * mail programs. */

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../term/usage.h"
#include "send_options.h"

/* --- values --- */

/* A password does not stay in the list of processes. */
static int set_server(void *at, const struct option_row *row, char *text)
{
    struct send_options *o = at;

    (void)row;
    return split_login("--server", "smtp", text, &o->server, &o->user,
                       &o->url_password);
}

static int set_user(void *at, const struct option_row *row, char *value)
{
    struct sc_buf *user = at;

    (void)row;
    user->len = 0;
    return sc_buf_add(user, value, strlen(value)) < 0 ? no_memory() : -1;
}

static int set_stage(void *at, const struct option_row *row, char *word)
{
    static const char *const stages[] = {"",    "connect", "greeting", "hello",
                                         "tls", "auth",    "mail",     "rcpt"};

    (void)row;
    for (int i = STAGE_CONNECT; i <= STAGE_RCPT; i++)
        if (strcmp(word, stages[i]) == 0) {
            *(int *)at = i;
            return -1;
        }
    return wrong_use("--quit-after %s: connect, greeting, hello, tls, auth, "
                     "mail or rcpt",
                     word);
}

/* --- the table --- */

#define AT(field) offsetof(struct send_options, field)

static const struct option_row rows[] = {
    {"server", 's', set_server, 0, 0, "URL",
     "smtp://, smtps:// or lmtp://[USER@]HOST[:PORT], or a socket's path"},
    {"from", 'f', set_string, AT(from), 0, "ADDRESS",
     "sender; \"\" is the null sender"},
    {"to", 't', set_word, AT(to), 0, "ADDRESS", "recipient; several may be"},
    {"subject", 0, set_string, AT(subject), 0, "TEXT",
     "compose a message, with this subject"},
    {"text", 0, set_string, AT(text), 0, "TEXT",
     "and this text (without it: stdin)"},
    {"attach", 'a', set_word, AT(attach), 0, "FILE",
     "and this file; several may be"},
    {"user", 'u', set_user, AT(user), 0, "NAME", "log in"},
    {"hello", 0, set_string, AT(mail.connect.hello), 0, "NAME",
     "name to say hello with"},
    {"serverinfo", 0, set_bool, AT(serverinfo), 0, NULL,
     "show what the server can do; send nothing"},
    {"quit-after", 0, set_stage, AT(stage), 0, "STAGE",
     "connect, greeting, hello, tls, auth, mail or rcpt"},
};
enum { PARTS = 2 };

static void set_parts(struct option_part parts[PARTS], struct send_options *o)
{
    parts[0] = (struct option_part){rows, sizeof rows / sizeof rows[0], o};
    parts[1] = mail_option_rows(&o->mail);
}

void print_send_help(struct send_options *o)
{
    struct option_part parts[PARTS];

    puts("usage: smtpsend --server URL --from A --to B [options] < message\n"
         "       smtpsend --server URL --from A --to B --subject TEXT ...");
    set_parts(parts, o);
    print_options(parts, PARTS);
}

/* --- the words --- */

static int read_words(struct send_options *o, int argc, char **argv)
{
    struct option_part parts[PARTS];
    int rc;

    set_parts(parts, o);
    rc = read_options(parts, PARTS, argc, argv);
    if (rc < 0 && optind < argc)
        rc = wrong_use("%s: not an option", argv[optind]);
    return rc;
}

/* What a message, or the stage asked for, cannot do without. */
static int check_enough(const struct send_options *o)
{
    bool sends = o->stage == STAGE_ALL && !o->serverinfo;

    if (o->server.len == 0)
        return wrong_use("--server is missing");
    if ((sends || o->stage >= STAGE_MAIL) && o->from == NULL)
        return wrong_use("--from is missing");
    if ((sends || o->stage == STAGE_RCPT) && o->to.n == 0)
        return wrong_use("--to is missing");
    if (o->mail.connect.starttls == SC_STARTTLS_NEVER &&
        strncmp(o->server.data, "smtps:", 6) == 0)
        return wrong_use("--tls never: %s is TLS", o->server.data);
    return -1;
}

int read_send_options(struct send_options *o, int argc, char **argv)
{
    int rc;

    memset(o, 0, sizeof *o);
    o->server.limit = o->user.limit = o->url_password.limit = PASSWORD_MOST;
    if ((rc = read_words(o, argc, argv)) >= 0 || o->mail.help ||
        o->mail.version)
        return rc;
    if ((rc = check_enough(o)) >= 0)
        return rc;
    o->mail.connect.flags |= SC_OPT_NO_POOL; /* QUIT is said */
    if (o->user.len > 0)
        o->mail.connect.user = o->user.data;
    return -1;
}

void free_send_options(struct send_options *o)
{
    explicit_bzero(o->password, sizeof o->password);
    if (o->url_password.data != NULL)
        explicit_bzero(o->url_password.data, o->url_password.len);
    sc_buf_free(&o->server);
    sc_buf_free(&o->user);
    sc_buf_free(&o->url_password);
    free(o->to.at);
    free(o->attach.at);
}
