/* standard.c - the three descriptors that everybody has. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "standard.h"

void hold_numbers(void)
{
    int fd = -1;

    if (fcntl(STDIN_FILENO, F_GETFD) < 0)
        fd = open("/dev/null", O_WRONLY);
    if (fd > STDIN_FILENO)
        close(fd);
    do
        fd = open("/dev/null", O_RDONLY);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

int finish_stdout(const char *program, int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    if (code == 0 && program != NULL)
        return cannot_write_stdout(program);
    return code != 0 ? code : EXIT_WRITE;
}

int cannot_write_stdout(const char *program)
{
    fprintf(stderr, "%s: cannot write to stdout: %s\n", program,
            strerror(errno));
    return EXIT_WRITE;
}
