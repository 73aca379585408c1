/* usage.c - what a program cannot do, whatever it is called with. */

#include <stdarg.h>
#include <stdio.h>

#include "complain.h"
#include "usage.h"

int wrong_use(const char *fmt, ...)
{
    va_list ap;

    fprintf(stderr, "%s: ", program_name);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    return EXIT_USAGE;
}

int no_memory(void)
{
    fprintf(stderr, "%s: no memory\n", program_name);
    return EXIT_MEMORY;
}
