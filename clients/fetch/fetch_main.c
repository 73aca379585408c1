/* fetch_main.c - what httpget and urlget do: fetch URLs to stdout or into files,
 * with curl's options and exit codes. stdout is data only; one failure, one line
 * on stderr. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fetch/options.h"
#include "fetch/program.h"
#include "fetch/run.h"
#include "fetch/temporary.h"
#include "fetch/trace.h"
#include "fetch/version.h"
#include "term/standard.h"

/* --stderr: before anything else is said. */
static int turn_stderr(const struct command *k)
{
    int fd;

    if (k->stderr_to == NULL)
        return 0;
    if (strcmp(k->stderr_to, "-") == 0) {
        fflush(stderr);
        return dup2(1, 2) < 0 ? 23 : 0;
    }
    fd = open(k->stderr_to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0 || dup2(fd, STDERR_FILENO) < 0) {
        fprintf(stderr, "%s: cannot write to %s: %s\n", fetch_program.name,
                k->stderr_to, strerror(errno));
        return 23;
    }
    close(fd);
    return 0;
}

static int run(struct command *k)
{
    int code;

    if (k->version) {
        print_version(stdout);
        return 0;
    }
    if (k->help) {
        print_help(stdout, k->help_on);
        return 0;
    }
    signal(SIGPIPE, SIG_IGN); /* a write says so, and it is exit 23 */
    watch_temporaries();
    if ((code = turn_stderr(k)) != 0 || (code = trace_open(k)) != 0)
        return code;
    code = run_command(k);
    trace_close();
    return code;
}

int fetch_main(const char *name, bool all_schemes, int argc, char **argv)
{
    static char buffer[1 << 16];
    struct command k;
    int code;

    fetch_program = (struct fetch_program){name, all_schemes};
    hold_numbers();
    if (!isatty(STDOUT_FILENO))
        setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    if ((code = read_command(&k, argc, argv)) < 0)
        code = run(&k);
    code = finish_stdout(!k.silent || k.show_error ? name : NULL, code);
    free_command(&k);
    return code;
}
