/* version.c - the version, in curl's form; the help, from the table. */

#include <ctype.h>
#include <string.h>
#include <sys/utsname.h>

#include <simpleclient/error.h>
#include <simpleclient/stream.h>

#include "fetch/option_table.h"
#include "fetch/program.h"
#include "fetch/version.h"

static bool has(const char *feature)
{
    const char *all = sc_features(), *at = strstr(all, feature);

    return at != NULL && (at == all || at[-1] == ' ');
}

/* Names as curl writes them, in alphabetical order. */
static void print_features(FILE *to)
{
    fputs("Features: AsynchDNS", to);
    if (sc_coding_known(SC_CODING_BR))
        fputs(" brotli", to);
    fputs(" HTTPS-proxy", to);
    if (has("libidn2"))
        fputs(" IDN", to);
    fputs(" IPv6 Largefile", to);
    if (sc_coding_known(SC_CODING_GZIP))
        fputs(" libz", to);
    if (has("libpsl"))
        fputs(" PSL", to);
    fputs(" SSL UnixSockets", to);
    if (sc_coding_known(SC_CODING_ZSTD))
        fputs(" zstd", to);
    fputc('\n', to);
}

void print_version(FILE *to)
{
    struct utsname u;

    fprintf(to, "%s %s (%s) simpleclient/%s %s\n", fetch_program.name,
            HTTPGET_VERSION, uname(&u) == 0 ? u.machine : "unknown",
            sc_version(), sc_features());
    fprintf(to, "Protocols: %s\n",
            fetch_program.all_schemes
                ? "data file ftp ftps gopher gophers http https lmtp news nntp "
                  "nntps pop3 pop3s smtp smtps"
                : "http https");
    print_features(to);
}

/* "--no-buffer: what it does" is an option of that name. */
static void print_option(FILE *to, const struct option_def *o)
{
    const char *help = o->help, *colon;
    char name[80];
    bool no = strncmp(help, "--no-", 5) == 0;

    colon = strchr(help, ':');
    if (no && colon != NULL)
        help = colon + 2;
    snprintf(name, sizeof name, "--%s%s%s%s", no ? "no-" : "", o->name,
             o->value != NULL ? " " : "", o->value != NULL ? o->value : "");
    if (o->letter != 0)
        fprintf(to, " -%c, %-34s %s\n", o->letter, name, help);
    else
        fprintf(to, "     %-34s %s\n", name, help);
}

static bool is_wanted(const struct option_def *o, const char *word)
{
    enum option_kind kind = option_kind_of(o);

    if (o->help == NULL || kind == KIND_MISSING || kind == KIND_NOTHING)
        return false;
    return word == NULL || strcmp(word, "all") == 0 ||
           strcasestr(o->name, word) != NULL ||
           strcasestr(o->help, word) != NULL;
}

void print_help(FILE *to, const char *word)
{
    fprintf(to, "usage: %s [options] URL...\n", fetch_program.name);
    for (size_t i = 0; i < option_count; i++)
        if (is_wanted(&option_table[i], word))
            print_option(to, &option_table[i]);
}
