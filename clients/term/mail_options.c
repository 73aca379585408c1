/* mail_options.c - how the mail programs connect and log in. */

#include <stdio.h>
#include <string.h>

#include <simpleclient/uri.h>

#include "mail_options.h"
#include "record.h"
#include "seconds.h"
#include "usage.h"

/* --- values --- */

static int set_tls(void *at, const struct option_row *row, char *when)
{
    static const struct {
        const char *word;
        int starttls;
        unsigned flags;
    } ways[] = {{"never", SC_STARTTLS_NEVER, 0},
                {"may", SC_STARTTLS_MAY, 0},
                {"must", SC_STARTTLS_MUST, 0},
                {"implicit", SC_STARTTLS_MAY, SC_OPT_TLS}};
    struct sc_options *o = at;

    (void)row;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
        if (strcmp(when, ways[i].word) == 0) {
            o->starttls = ways[i].starttls;
            o->flags &= ~(unsigned)SC_OPT_TLS;
            o->flags |= ways[i].flags;
            return -1;
        }
    return wrong_use("--tls %s: never, may, must or implicit", when);
}

static int set_starttls(void *at, const struct option_row *row, char *value)
{
    static char must[] = "must";

    (void)value;
    return set_tls(at, row, must);
}

static int set_timeout(void *at, const struct option_row *row, char *text)
{
    struct sc_options *o = at;
    int ms = read_seconds(text);

    (void)row;
    if (ms < 0)
        return wrong_use("--timeout %s: not a time in seconds", text);
    o->connect_ms = o->wait_ms = o->stall_ms = ms;
    return -1;
}

static int set_netrc(void *at, const struct option_row *row, char *value)
{
    static char usual[] = "";

    (void)value;
    return set_string(at, row, usual);
}

static int set_record(void *at, const struct option_row *row, char *path)
{
    int code = record_into(path, at);

    (void)row;
    return code != 0 ? code : -1;
}

/* --- the table --- */

#define AT(field) offsetof(struct mail_options, field)

static const struct option_row rows[] = {
    {"tls", 0, set_tls, AT(connect), 0, "WHEN",
     "never, may (if offered), must, implicit (from the first byte)"},
    {"starttls", 0, set_starttls, AT(connect), 0, NULL,
     "the same as --tls must"},
    {"cacert", 0, set_string, AT(connect.tls.ca_file), 0, "FILE",
     "trust these certificates"},
    {"cert", 0, set_string, AT(connect.tls.cert), 0, "FILE",
     "own certificate (PEM)"},
    {"key", 0, set_string, AT(connect.tls.key), 0, "FILE", "its key"},
    {"insecure", 'k', set_flag, AT(connect.tls.flags), SC_TLS_NO_VERIFY, NULL,
     "trust any certificate"},
    {"password-file", 0, set_string, AT(password_file), 0, "FILE",
     "the password is its first line"},
    {"passwordeval", 0, set_string, AT(passwordeval), 0, "COMMAND",
     "the password is the first line that it prints"},
    {"bearer", 0, set_bool, AT(bearer), 0, NULL,
     "the password is an OAuth 2.0 token"},
    {"netrc", 'n', set_netrc, AT(connect.netrc), 0, NULL,
     "user and password by ~/.netrc"},
    {"netrc-file", 0, set_string, AT(connect.netrc), 0, "FILE", "or by FILE"},
    {"auth", 0, set_string, AT(connect.mechanisms), 0, "LIST",
     "only these mechanisms of logging in"},
    {"allow-plain", 0, set_flag, AT(connect.flags), SC_OPT_PLAIN_LOGIN, NULL,
     "show the password without TLS, too"},
    {"timeout", 0, set_timeout, AT(connect), 0, "SEC",
     "for connecting, and for each answer"},
    {"ipv4", '4', set_flag, AT(connect.flags), SC_OPT_IPV4, NULL,
     "only IPv4 addresses"},
    {"ipv6", '6', set_flag, AT(connect.flags), SC_OPT_IPV6, NULL,
     "only IPv6 addresses"},
    {"verbose", 'v', set_bool, AT(verbose), 0, NULL,
     "show the dialogue, secrets masked"},
    {"record", 0, set_record, AT(connect), 0, "FILE",
     "write the dialogue to FILE, for replay"},
    {"help", 'h', set_bool, AT(help), 0, NULL, "this"},
    {"version", 'V', set_bool, AT(version), 0, NULL, "versions"},
};

struct option_part mail_option_rows(struct mail_options *o)
{
    return (struct option_part){rows, sizeof rows / sizeof rows[0], o};
}

/* --- URLs --- */

static int set_text(struct sc_buf *b, const char *text)
{
    b->len = 0;
    return sc_buf_add(b, text, strlen(text)) < 0 ? no_memory() : -1;
}

static int take_apart(struct uri *u, struct sc_buf *rest, struct sc_buf *user,
                      struct sc_buf *password)
{
    int rc = -1;

    if (u->user != NULL)
        rc = set_text(user, u->user);
    if (rc < 0 && u->password != NULL)
        rc = set_text(password, u->password);
    u->user = u->password = NULL;
    rest->len = 0;
    if (rc < 0 && uri_build(u, rest) < 0)
        rc = no_memory();
    return rc;
}

int split_login(const char *option, const char *scheme, char *text,
                struct sc_buf *rest, struct sc_buf *user,
                struct sc_buf *password)
{
    struct uri u = {0};
    struct sc_error e = {0};
    int rc = 3;

    if (text[0] == '/') /* a Unix socket */
        return set_text(rest, text);
    if (uri_parse(&u, text, scheme, 0, 0, &e) < 0) {
        fprintf(stderr, "%s: %s%s%s\n", program_name,
                option != NULL ? option : "", option != NULL ? ": " : "",
                e.text);
    } else {
        rc = take_apart(&u, rest, user, password);
        if (password->len > 0)
            memset(text, 'x', strlen(text));
    }
    uri_free(&u);
    return rc;
}
