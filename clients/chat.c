/* chat.c - talk to any server that has lines: by hand, or by a script of what is
 * said and what must come. stdout is what the server says; one failure, one line
 * on stderr. */

#include <signal.h>
#include <stdio.h>

#include "chat/chat_hand.h"
#include "chat/chat_options.h"
#include "chat/chat_play.h"
#include "term/standard.h"
#include "term/usage.h"

const char program_name[] = "chat";

static int talk(const struct chat_options *o, const struct chat_script *s)
{
    struct chat_show show = {.raw = o->raw};
    SimpleClient *c;
    int code = chat_start(o, &show, &c);

    if (code == 0)
        code = o->script != NULL ? chat_play(o, &show, c, s)
                                 : chat_by_hand(o, &show, c);
    sc_close(c);
    return code;
}

static int run(struct chat_options *o)
{
    struct chat_script s = {0};
    int code = 0;

    if (o->help) {
        print_chat_help(o);
        return 0;
    }
    if (o->version) {
        printf("chat %s (simpleclient/%s %s)\n", CHAT_VERSION, sc_version(),
               sc_features());
        return 0;
    }
    if (o->script != NULL)
        code = read_chat_script(&s, o->script);
    if (code == 0)
        code = talk(o, &s);
    free_chat_script(&s);
    return code;
}

int main(int argc, char **argv)
{
    static struct chat_options o;
    int code;

    hold_numbers();
    signal(SIGPIPE, SIG_IGN);
    if ((code = read_chat_options(&o, argc, argv)) < 0)
        code = run(&o);
    free_chat_options(&o);
    return finish_stdout(program_name, code);
}
