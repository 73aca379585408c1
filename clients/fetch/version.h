/* version.h - --version and --help. */
#ifndef CLIENTS_FETCH_VERSION_H
#define CLIENTS_FETCH_VERSION_H

#include <stdio.h>

void print_version(FILE *to);
/* All options; WORD (may be NULL): those whose name or help has it. */
void print_help(FILE *to, const char *word);

#endif
