/* chapter10_get.c - urlget, with FORTUNE in it. */
#include "chapter10.h"

#include "fetch/program.h"

int main(int argc, char **argv)
{
    if (url_register(&fortune_scheme) < 0)
        return 1;
    return fetch_main("urlget", true, argc, argv);
}
