/* httpget.c - fetch URLs over HTTP, with curl's options and exit codes. */

#include "fetch/program.h"

int main(int argc, char **argv)
{
    return fetch_main("httpget", false, argc, argv);
}
