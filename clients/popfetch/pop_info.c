/* pop_info.c - the greeting, TLS, capabilities; then QUIT. */

#include <stdio.h>
#include <string.h>

#include <simpleclient/class.h>

#include "../term/server_info.h"
#include "pop_info.h"
#include "pop_report.h"

static void print_capabilities(const struct pop3_caps *caps)
{
    printf("capabilities:%s\n",
           caps->have & POP3_CAP_CAPA ? "" : " not told, there is no CAPA");
    print_lines("  ", &caps->all, 0);
}

static int show_server(struct pop_account *a)
{
    struct sc_options opt = a->connect;
    struct sc_error e;
    POP3Client *p;
    int rc;

    opt.user = opt.password = opt.token = opt.netrc = opt.mechanisms = NULL;
    p = pop3_open(a->server.data, &opt);
    if (sc_broken(pop3_base(p)) == 0) {
        if (a->one_of_many)
            printf("server: %s\n", a->server.data);
        print_peer(sc_stream(pop3_base(p)));
        print_words("greeting: ", a->greeting, strlen(a->greeting));
        print_capabilities(pop3_capabilities(p));
    }
    e = *sc_last_error(pop3_base(p));
    if (sc_broken(pop3_base(p)) == 0)
        e = (struct sc_error){.code = 0};
    rc = pop3_close(p);
    if (e.code == 0)
        e.code = rc;
    return e.code < 0 ? report_failure(a, &e) : 0;
}

int show_servers(struct pop_account *all, size_t n)
{
    size_t failed = 0;
    int first = 0, code;

    for (size_t i = 0; i < n; i++) {
        code = show_server(&all[i]);
        failed += code != 0;
        if (first == 0)
            first = code;
    }
    return failed > 0 && failed < n ? POP_PARTLY : first;
}
