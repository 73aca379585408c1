/* socket.c - what every new socket has in common. */
#include "stream/socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

int sc_socket_error(int error)
{
    return error == ENFILE ? SC_EMFILE : -error;
}

int sc_socket(int family, int type)
{
    int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    return fd >= 0 ? fd : sc_socket_error(errno);
}

int sc_unix_address(struct sockaddr_un *to, const char *path)
{
    size_t n = strlen(path);

    *to = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (n >= sizeof to->sun_path)
        return SC_EINVAL;
    memcpy(to->sun_path, path, n + 1);
    return 0;
}
