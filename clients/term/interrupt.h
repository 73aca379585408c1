/* interrupt.h - a signal ends the work that is under way, and the program when
 * that has been put in order. */
#ifndef CLIENTS_TERM_INTERRUPT_H
#define CLIENTS_TERM_INTERRUPT_H

#include <simpleclient/task.h>

/* Wait for all of G, which is freed. SIGINT, SIGTERM, SIGHUP or SIGQUIT cancels
 * them (one that is ignored stays so; a second one ends the program at once).
 * BESIDE(ARG), a task too, is cancelled when they have ended; NULL: none. Returns
 * 0, or the signal. Waits. */
int wait_or_interrupt(struct sc_group *g, void (*beside)(void *), void *arg);
/* End the program by signal SIG. */
void die_of(int sig);

#endif
