/* smtp_data.h - the message on its way, and the replies behind it. Private to
 * smtp/. */
#ifndef SC_SMTP_DATA_H
#define SC_SMTP_DATA_H

#include "smtp/smtp_client.h"
#include "smtp/smtp_text.h"

enum { SMTP_ANY_SIZE = -1 };

/* After 354: the text with dots stuffed, and the final dot. SIZE: bytes that it
 * must have, dots not counted, or SMTP_ANY_SIZE. An error breaks S: the message
 * is cut before its end. Waits. */
int smtp_put_dots(SMTPClient *s, struct smtp_text *t, uint64_t size);
/* All of it, SIZE bytes, as one last chunk (RFC 3030 section 2). The same, but
 * for SC_EUNKNOWN: it had left when S broke. */
int smtp_put_last_chunk(SMTPClient *s, struct smtp_text *t, uint64_t size);
/* Of unknown size, in chunks; the last one is empty. REFUSED: the answer to the
 * chunk that was refused, after which nothing follows; returns 1 then. */
int smtp_put_chunks(SMTPClient *s, struct smtp_text *t,
                    struct sc_answer *refused);
/* What A says, for people. */
void smtp_status_of(struct smtp_status *to, const struct sc_answer *a);

#endif
