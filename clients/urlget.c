/* urlget.c - fetch and store URLs of every scheme that the library has, with
 * curl's options and exit codes. A program with a scheme of its own registers it
 * (url_register) and does the same. */

#include "fetch/program.h"

int main(int argc, char **argv)
{
    return fetch_main("urlget", true, argc, argv);
}
