/* lmtp.c - LMTPClient (RFC 2033): SMTP with another hello, no HELO, and one
 * reply for each recipient behind the message. */

#include "smtp/smtp_client.h"

/* RFC 2033 section 5: never on SMTP's port. */
static int lmtp_greet(SimpleClient *c)
{
    if (sc_client_port(c) == 25)
        return sc_break(c, SC_EINVAL, "LMTP is not for port 25");
    return smtp_class_greet(c);
}

const struct smtp_class smtp_lmtp_class = {
    .base = {.name = "lmtp",
             .scheme = "lmtp",
             .port = 24,
             .tls_port = 24,
             .size = sizeof(SMTPClient),
             .line_limit = SMTP_AUTH_MOST,
             .forwards = false,
             .alpn = NULL,
             .goodbye = "QUIT",
             .greet = lmtp_greet,
             .reply = smtp_class_reply,
             .quit = smtp_class_quit,
             .cleanup = smtp_class_cleanup},
    .hello = "LHLO",
    .falls_back = false,
    .each = true,
};
