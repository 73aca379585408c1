/* send_login.c - the password: of a file, of a program, of the URL, or asked
 * for. netrc is the library's to read. */

#include <stdio.h>

#include "../term/secret.h"
#include "../term/usage.h"
#include "send_options.h"

static int look(struct send_options *o)
{
    int rc = secret_by_options(&o->mail, o->password);

    if (rc != 0 || o->password[0] != '\0')
        return rc;
    if (o->url_password.len > 0) {
        snprintf(o->password, sizeof o->password, "%s", o->url_password.data);
        return 0;
    }
    return o->user.len > 0 && o->mail.connect.netrc == NULL &&
                   o->mail.connect.tls.cert == NULL
               ? secret_by_question(o->user.data, o->server.data, o->password)
               : 0;
}

int find_password(struct send_options *o)
{
    int rc;

    if (o->serverinfo || (o->stage != STAGE_ALL && o->stage < STAGE_AUTH))
        return 0;
    if ((rc = look(o)) != 0 || o->password[0] == '\0')
        return rc;
    if (o->user.len == 0 && !o->mail.bearer)
        return wrong_use("a password without --user");
    if (o->mail.bearer)
        o->mail.connect.token = o->password;
    else
        o->mail.connect.password = o->password;
    return 0;
}
