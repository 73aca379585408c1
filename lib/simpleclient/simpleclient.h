/* simpleclient.h - the core, all in one: errors, buffers, options, tasks,
 * streams, clients. Protocols have headers of their own (http.h). */
#ifndef SIMPLECLIENT_SIMPLECLIENT_H
#define SIMPLECLIENT_SIMPLECLIENT_H

#include <simpleclient/error.h>
#include <simpleclient/buf.h>
#include <simpleclient/field.h>
#include <simpleclient/options.h>
#include <simpleclient/task.h>
#include <simpleclient/stream.h>
#include <simpleclient/udp.h>
#include <simpleclient/uri.h>
#include <simpleclient/client.h>

#endif
