/* standard.h - stdin, stdout and stderr as a program finds and leaves them. */
#ifndef CLIENTS_TERM_STANDARD_H
#define CLIENTS_TERM_STANDARD_H

/* Where stdin, stdout or stderr is closed, no socket may take its number: to read
 * or write there stays an error. */
void hold_numbers(void);
/* A full disk shows when all is written: CODE, or 23 if that was 0 and stdout
 * could not be written, which is told then unless PROGRAM is NULL. */
int finish_stdout(const char *program, int code);
/* Tell that stdout could not be written, and why (errno). Returns 23. */
int cannot_write_stdout(const char *program);

#endif
