/* addresses.c - names to addresses, and this machine's own name. A resolver
 * of one's own answers where the system's should not be asked. */
#include <simpleclient/simpleclient.h>

#include <stdio.h>
#include <string.h>

/* Runs in a lookup thread; it may take its time. */
static int lookup(const char *name, struct sc_addresses *out)
{
    if (strcmp(name, "two.example") != 0)
        return SC_ERESOLVE;
    sc_addresses_add(out, "192.0.2.1");
    return sc_addresses_add(out, "2001:db8::1");
}

static const struct sc_resolver table = {lookup};

int main(void)
{
    struct sc_options opt = {.resolver = &table};
    struct sc_addresses found = {0};
    struct sc_error err = {0};
    char text[64];

    if (sc_host_name(text, sizeof text) < 0)
        return 1;
    printf("this is %s\n", text);

    if (sc_resolve("two.example", &opt, 0, &found, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    for (size_t i = 0; i < found.n; i++)
        if (sc_address_text(&found.at[i], text, sizeof text) == 0)
            printf("two.example is at %s\n", text);
    if (found.n != 2)
        return 1;
    return sc_resolve("none.example", &opt, 0, &found, &err) != SC_ERESOLVE;
}
