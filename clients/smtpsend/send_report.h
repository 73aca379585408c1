/* send_report.h - what became of it: lines on stderr, and an exit code. */
#ifndef CLIENTS_SMTPSEND_REPORT_H
#define CLIENTS_SMTPSEND_REPORT_H

#include "send_message.h"

enum send_exit {
    SEND_HELLO = 9,    /* EHLO and HELO refused */
    SEND_READ = 26,    /* the message, or a file, could not be read */
    SEND_REFUSED = 55, /* sender, recipients or message */
    SEND_NO_TLS = 64,  /* required, and not there */
    SEND_LOGIN = 67,   /* login refused, or not possible */
    SEND_PARTLY = 90,  /* some recipients got it */
    SEND_UNKNOWN = 91, /* it may or may not have been taken */
};

/* An sc_trace_fn that remembers how far the dialogue has come, and shows it if
 * *ARG, a bool, is true. */
void watch_dialogue(void *arg, int direction, const char *text, size_t n);

/* Print one line and return the exit code. */
int report_failure(const struct sc_error *e);
/* Print a line for each recipient, or one for all; return the exit code. RC is
 * what smtp_send returned. */
int report_result(const struct send_message *s, const struct send_options *o,
                  const struct smtp_result *r, int rc);
/* One recipient's line. */
void report_recipient(const char *to, const struct smtp_status *st);

#endif
