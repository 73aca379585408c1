/* smtpsend.c - send a message by SMTP or LMTP: one from stdin, or a composed one.
 * stdout is data only; one failure, one line on stderr. */

#include <signal.h>
#include <stdio.h>

#include "smtpsend/send_report.h"
#include "smtpsend/send_talk.h"
#include "term/standard.h"
#include "term/usage.h"

const char program_name[] = "smtpsend";

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

    if (o->mail.help) {
        print_send_help(o);
        return 0;
    }
    if (o->mail.version) {
        printf("smtpsend %s (simpleclient/%s %s)\n", SMTPSEND_VERSION,
               sc_version(), sc_features());
        return 0;
    }
    o->mail.connect.trace = watch_dialogue;
    o->mail.connect.trace_arg = &o->mail.verbose;
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

int main(int argc, char **argv)
{
    static struct send_options o;
    int code;

    hold_numbers();
    signal(SIGPIPE, SIG_IGN);
    if ((code = read_send_options(&o, argc, argv)) < 0)
        code = run(&o);
    free_send_options(&o);
    return finish_stdout(program_name, code);
}
