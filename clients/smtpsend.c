/* smtpsend.c - send a message by SMTP or LMTP: one from stdin, or a composed one.
 * stdout is data only; one failure, one line on stderr. */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "smtpsend/send_report.h"
#include "smtpsend/send_talk.h"

static int send_message(struct send_message *s, const struct send_options *o)
{
    struct smtp_result r = {0};
    int code = make_message(s, o);

    if (code != 0)
        return code;
    code = report_result(s, o, &r, smtp_send(o->server.data, &s->m, &r));
    smtp_result_free(&r);
    return code;
}

static int run(struct send_options *o)
{
    struct send_message s = {0};
    int code;

    if (o->help) {
        print_send_help();
        return 0;
    }
    if (o->version) {
        printf("smtpsend %s (simpleclient/%s %s)\n", SMTPSEND_VERSION,
               sc_version(), sc_features());
        return 0;
    }
    o->connect.trace = watch_dialogue;
    o->connect.trace_arg = &o->verbose;
    if ((code = find_password(o)) != 0)
        return code;
    if (o->serverinfo)
        return show_server(o);
    if (o->stage == STAGE_ALL)
        code = send_message(&s, o);
    else if ((code = make_envelope(&s, o)) == 0)
        code = quit_after(&s, o);
    free_message(&s);
    return code;
}

/* A full disk shows when all is written. */
static int finish_stdout(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    if (code == 0)
        fprintf(stderr, "smtpsend: cannot write to stdout: %s\n",
                strerror(errno));
    return code != 0 ? code : 23;
}

int main(int argc, char **argv)
{
    static struct send_options o;
    int code;

    signal(SIGPIPE, SIG_IGN);
    if ((code = read_send_options(&o, argc, argv)) < 0)
        code = run(&o);
    free_send_options(&o);
    return finish_stdout(code);
}
