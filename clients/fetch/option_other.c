/* option_other.c - options of schemes that are not http. */

#include <stdio.h>
#include <string.h>

#include <simpleclient/ftp.h>

#include "fetch/option_calls.h"
#include "fetch/program.h"

#define UNUSED(x) (void)(x)

/* What is none of them is the default, as in curl. */
OPTION_CALL(opt_ftp_method)
{
    static const char *const names[] = {"nocwd", "multicwd", "singlecwd"};

    UNUSED(on);
    k->last->ftp_method = -1;
    for (int i = FTP_NO_CWD; i <= FTP_SINGLE_CWD; i++)
        if (strcmp(v, names[i]) == 0)
            k->last->ftp_method = i;
    if (k->last->ftp_method < 0)
        fprintf(stderr, "%s: --ftp-method '%s' is unknown; ignored\n",
                fetch_program.name, v);
    return 0;
}

OPTION_CALL(opt_ftp_pasv)
{
    UNUSED(v);
    UNUSED(on);
    k->last->ftp_flags &= ~(unsigned)FTP_ACTIVE;
    return 0;
}

OPTION_CALL(opt_ftp_port)
{
    UNUSED(on);
    k->last->ftp_flags |= FTP_ACTIVE;
    replace_text(&k->last->ftp_port, v);
    return 0;
}

OPTION_CALL(opt_ssl)
{
    UNUSED(v);
    k->last->starttls = on ? SC_STARTTLS_MAY : SC_STARTTLS_NEVER;
    return 0;
}

OPTION_CALL(opt_ssl_reqd)
{
    UNUSED(v);
    k->last->starttls = on ? SC_STARTTLS_MUST : SC_STARTTLS_NEVER;
    return 0;
}

/* RFC 4217 section 9: what is said is protected, what is fetched is not. */
OPTION_CALL(opt_ssl_control)
{
    if (on)
        k->last->ftp_flags |= FTP_CLEAR_DATA;
    else
        k->last->ftp_flags &= ~(unsigned)FTP_CLEAR_DATA;
    return opt_ssl_reqd(k, v, on);
}
