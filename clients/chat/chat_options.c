/* chat_options.c - the command line of chat. */

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../term/record.h"
#include "../term/seconds.h"
#include "../term/usage.h"
#include "chat_options.h"

enum { LINE_MOST = 16 << 20 };

/* --- values --- */

static int read_time(const char *option, char *text, int *ms)
{
    *ms = read_seconds(text);
    if (*ms > 0)
        return -1;
    return wrong_use("--%s %s: not a time in seconds", option, text);
}

static int set_time(void *at, const struct option_row *row, char *text)
{
    return read_time(row->name, text, at);
}

static int set_limit(void *at, const struct option_row *row, char *text)
{
    struct sc_options *o = at;
    size_t n = 0;
    const char *p = text;

    (void)row;
    for (; *p >= '0' && *p <= '9' && n <= LINE_MOST; p++)
        n = n * 10 + (size_t)(*p - '0');
    if (p == text || *p != '\0' || n < 3 || n > LINE_MOST)
        return wrong_use("--line-limit %s: not a number of bytes", text);
    o->line_limit = o->send_limit = n;
    return -1;
}

static int set_crlf(void *at, const struct option_row *row, char *value)
{
    (void)row;
    (void)value;
    *(bool *)at = false;
    return -1;
}

static int set_record(void *at, const struct option_row *row, char *path)
{
    int code = record_into(path, at);

    (void)row;
    return code != 0 ? code : -1;
}

/* --- the table --- */

#define AT(field) offsetof(struct chat_options, field)

static const struct option_row rows[] = {
    {"tls", 0, set_flag, AT(connect.flags), SC_OPT_TLS, NULL,
     "TLS from the first byte"},
    {"starttls", 0, set_word, AT(starttls), 0, "CMD[=REPLY]",
     "say CMD, wait for REPLY (2 or +), then TLS; several may be"},
    {"no-greeting", 0, set_bool, AT(no_greeting), 0, NULL,
     "--starttls: the server does not speak first"},
    {"script", 's', set_string, AT(script), 0, "FILE",
     "C: lines are sent, S: lines must come"},
    {"crlf", 0, set_crlf, AT(lf), 0, NULL, "lines end in CRLF (the default)"},
    {"lf", 0, set_bool, AT(lf), 0, NULL, "lines end in LF"},
    {"raw", 0, set_bool, AT(raw), 0, NULL,
     "show control characters as they are, not as ?"},
    {"half-close", 0, set_bool, AT(half_close), 0, NULL,
     "tell the server where the input ends"},
    {"linger", 0, set_time, AT(linger_ms), 0, "SEC",
     "end when nothing comes for so long after the input's end (1)"},
    {"timeout", 0, set_time, AT(timeout_ms), 0, "SEC",
     "for connecting, and for each line; by hand none"},
    {"line-limit", 0, set_limit, AT(connect), 0, "N",
     "bytes of a line, both ways (8192)"},
    {"cacert", 0, set_string, AT(connect.tls.ca_file), 0, "FILE",
     "trust these certificates"},
    {"cert", 0, set_string, AT(connect.tls.cert), 0, "FILE",
     "own certificate (PEM)"},
    {"key", 0, set_string, AT(connect.tls.key), 0, "FILE", "its key"},
    {"insecure", 'k', set_flag, AT(connect.tls.flags), SC_TLS_NO_VERIFY, NULL,
     "trust any certificate"},
    {"ipv4", '4', set_flag, AT(connect.flags), SC_OPT_IPV4, NULL,
     "only IPv4 addresses"},
    {"ipv6", '6', set_flag, AT(connect.flags), SC_OPT_IPV6, NULL,
     "only IPv6 addresses"},
    {"proxy", 'x', set_string, AT(connect.proxy), 0, "URL",
     "through this proxy"},
    {"record", 0, set_record, AT(connect), 0, "FILE",
     "write the dialogue to FILE, for replay"},
    {"verbose", 'v', set_bool, AT(verbose), 0, NULL,
     "show the dialogue on stderr"},
    {"help", 'h', set_bool, AT(help), 0, NULL, "this"},
    {"version", 'V', set_bool, AT(version), 0, NULL, "versions"},
};

void print_chat_help(struct chat_options *o)
{
    struct option_part part = {rows, sizeof rows / sizeof rows[0], o};

    puts("usage: chat [options] HOST:PORT");
    print_options(&part, 1);
}

int read_chat_options(struct chat_options *o, int argc, char **argv)
{
    struct option_part part = {rows, sizeof rows / sizeof rows[0], o};
    int rc;

    memset(o, 0, sizeof *o);
    if ((rc = read_options(&part, 1, argc, argv)) >= 0 || o->help || o->version)
        return rc;
    if (argc - optind != 1)
        return wrong_use(argc == optind ? "no HOST:PORT"
                                        : "more than one HOST:PORT");
    if (o->starttls.n > 0 && o->connect.flags & SC_OPT_TLS)
        return wrong_use("--tls or --starttls, not both");
    o->server = argv[optind];
    if (o->timeout_ms > 0)
        o->connect.connect_ms = o->connect.wait_ms = o->connect.stall_ms =
            o->timeout_ms;
    return -1;
}

void free_chat_options(struct chat_options *o)
{
    free(o->starttls.at);
}
