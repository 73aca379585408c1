/* public.h - which addresses belong to the public internet. */
#ifndef SC_STREAM_PUBLIC_H
#define SC_STREAM_PUBLIC_H

#include <simpleclient/udp.h>

/* True if A is neither private, loopback, link-local, multicast nor kept for
 * another use; an IPv4 address inside an IPv6 one counts as it is. */
bool sc_address_is_public(const struct sc_address *a);

#endif
