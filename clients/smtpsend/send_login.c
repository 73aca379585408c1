/* send_login.c - the password: of a file, of a program, of the URL, or asked
 * for. netrc is the library's to read. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../term/prompt.h"
#include "send_options.h"

enum { EXIT_READ = 26, EXIT_LOGIN = 67 };

static int cannot(const char *what, const char *name, int rc)
{
    fprintf(stderr, "smtpsend: %s %s: %s\n", what, name,
            rc == -ENODATA    ? "no password there"
            : rc == -EMSGSIZE ? "too long for a password"
            : rc == -ECHILD   ? "the command has failed"
                              : strerror(-rc));
    return EXIT_READ;
}

static int ask_person(struct send_options *o)
{
    char question[300];
    int rc;

    snprintf(question, sizeof question,
             "Password of %.100s at %.150s: ", o->user.data, o->server.data);
    rc = prompt_secret(question, o->password, sizeof o->password);
    if (rc == 0)
        return 0;
    if (rc == -ENXIO)
        fprintf(stderr,
                "smtpsend: no password for %s, and no terminal to ask on\n",
                o->user.data);
    else
        return cannot("the password of", o->user.data, rc);
    return EXIT_LOGIN;
}

static int look(struct send_options *o)
{
    int rc;

    if (o->password_file != NULL) {
        rc = password_of_file(o->password_file, o->password);
        return rc < 0 ? cannot("--password-file", o->password_file, rc) : 0;
    }
    if (o->passwordeval != NULL) {
        rc = password_of_command(o->passwordeval, o->password);
        return rc < 0 ? cannot("--passwordeval", o->passwordeval, rc) : 0;
    }
    if (o->url_password.len > 0) {
        snprintf(o->password, sizeof o->password, "%s", o->url_password.data);
        return 0;
    }
    return o->user.len > 0 && o->connect.netrc == NULL &&
                   o->connect.tls.cert == NULL
               ? ask_person(o)
               : 0;
}

int find_password(struct send_options *o)
{
    int rc;

    if (o->serverinfo || (o->stage != STAGE_ALL && o->stage < STAGE_AUTH))
        return 0;
    if ((rc = look(o)) != 0 || o->password[0] == '\0')
        return rc;
    if (o->user.len == 0 && !o->bearer)
        return wrong_use("a password without --user");
    if (o->bearer)
        o->connect.token = o->password;
    else
        o->connect.password = o->password;
    return 0;
}
