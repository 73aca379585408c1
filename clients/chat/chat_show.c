/* chat_show.c - bytes from a server, harmless to a terminal. */

#include <stdio.h>

#include "../term/standard.h"
#include "../term/usage.h"
#include "chat_show.h"

static void show_one(struct chat_show *s, unsigned char c)
{
    if (s->cr && c != '\n')
        putchar('?');
    s->cr = c == '\r';
    if (!s->cr)
        putchar((c < ' ' && c != '\n' && c != '\t') || c == 0x7f ? '?' : c);
}

int show_bytes(struct chat_show *s, const char *p, size_t n)
{
    if (s->raw)
        fwrite(p, 1, n, stdout);
    else
        for (size_t i = 0; i < n; i++)
            show_one(s, (unsigned char)p[i]);
    return fflush(stdout) == 0 && !ferror(stdout)
               ? 0
               : cannot_write_stdout(program_name);
}

int show_line(struct chat_show *s, const char *p, size_t n)
{
    int code = n > 0 ? show_bytes(s, p, n) : 0;

    return code != 0 ? code : show_bytes(s, "\n", 1);
}
