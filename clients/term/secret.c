/* secret.c - where a password comes from, and why it does not. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "prompt.h"
#include "secret.h"
#include "usage.h"

static int cannot(const char *what, const char *name, int rc)
{
    fprintf(stderr, "%s: %s %s: %s\n", program_name, what, name,
            rc == -ENODATA    ? "no password there"
            : rc == -EMSGSIZE ? "too long for a password"
            : rc == -ECHILD   ? "the command has failed"
                              : strerror(-rc));
    return EXIT_READ;
}

int secret_by_options(const struct mail_options *o, char to[PASSWORD_MOST])
{
    int rc;

    to[0] = '\0';
    if (o->password_file != NULL) {
        rc = password_of_file(o->password_file, to);
        return rc < 0 ? cannot("--password-file", o->password_file, rc) : 0;
    }
    if (o->passwordeval != NULL) {
        rc = password_of_command(o->passwordeval, to);
        return rc < 0 ? cannot("--passwordeval", o->passwordeval, rc) : 0;
    }
    return 0;
}

int secret_by_question(const char *user, const char *server,
                       char to[PASSWORD_MOST])
{
    char question[300];
    int rc;

    snprintf(question, sizeof question, "Password of %.100s at %.150s: ", user,
             server);
    rc = prompt_secret(question, to, PASSWORD_MOST);
    if (rc == 0)
        return 0;
    if (rc != -ENXIO)
        return cannot("the password of", user, rc);
    fprintf(stderr, "%s: no password for %s, and no terminal to ask on\n",
            program_name, user);
    return EXIT_LOGIN;
}
