/* chapter10.c - the tests of FORTUNE, and its scheme in use. */
#include "chapter10.h"

#include <simpleclient/script.h>
#include <simpleclient/task.h>

#include <stdio.h>
#include <string.h>

/* The peer is a script: no server, no port, and every byte is checked. */
static int check(const char *topic, int wanted, const char *script)
{
    struct sc_error e = {0};
    struct sc_buf out = SC_BUF(1000);
    Stream *s = sc_script_open(script, 1, &e); /* a byte a read */
    SimpleClient *c = sc_attach(&fortune_class, s, NULL);
    int rc = fortune_about(c, topic, &out);

    if (rc == wanted && sc_script_done(s, &e) == 0)
        printf("ok\n");
    else
        printf("not ok: %d %s %s\n", rc, sc_last_error(c)->text, e.text);
    sc_buf_free(&out);
    sc_drop(c);
    return rc != wanted || e.code != 0;
}

static int test(void)
{
    return check("cats", 0,
                 "S: 200 ready\nC: ABOUT cats\nS: 250 here\n"
                 "S: They sleep.\nS: ..\nS: .\n") ||
           check("dogs", SC_EREPLY,
                 "S: 200 ready\nC: ABOUT dogs\nS: 550 nothing\n") ||
           check("cats", SC_EOF, "S: 200 ready\nC: ABOUT cats\nS.\n") ||
           check("cats", SC_ESHORT,
                 "S: 200 ready\nC: ABOUT cats\nS: 250 here\nS: They\nS.\n") ||
           check("a\r\nb", SC_ELINE, "S: 200 ready\n") ||
           check("two words", SC_EINVAL, "S: 200 ready\n") ||
           check("", SC_EINVAL, "S: 200 ready\n");
}

/* A server of the same protocol, played to whoever comes. */
static void serve(void *arg)
{
    static const char script[] = "S: 200 ready\nC: ABOUT cats\nS: 250 here\n"
                                 "S: They sleep.\nS: .\nC: TOPICS\n"
                                 "S: 250 here\nS: cats\ns: dogs\\n\nS: .\n";
    Stream *s = sc_accept(arg, 5000, NULL);

    if (s != NULL)
        sc_script_play(s, script, NULL);
    sc_stream_close(s);
}

static int show(void *arg, const struct url_entry *e)
{
    (void)arg;
    printf("topic: %s\n", e->name);
    return 0;
}

int main(void)
{
    struct sc_listener *l = sc_listen("127.0.0.1:0", NULL);
    struct url_reply r = {0};
    char url[80];
    int rc;

    if (l == NULL || test() != 0 || url_register(&fortune_scheme) < 0)
        return 1;
    sc_task_go(NULL, serve, l);
    snprintf(url, sizeof url, "fortune://%s/cats", sc_listener_name(l));
    if ((rc = url_get(url, NULL, &r)) == 0)
        printf("%s", r.body.data);
    else
        fprintf(stderr, "%s\n", r.error.text);
    if (rc == 0) /* over the same connection: the pool kept it */
        rc = url_list(url, NULL, show, NULL, NULL);
    url_reply_free(&r);
    sc_run();
    sc_listener_close(l);
    return rc != 0;
}
