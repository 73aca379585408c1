/* recorder.h - a dialogue as the text of a script, and its place in a stack of
 * streams: on top, where lines can be read. TLS or a coding that begins later
 * goes below it: it is lifted, and laid on again. */
#ifndef SC_STREAM_RECORDER_H
#define SC_STREAM_RECORDER_H

#include <simpleclient/class.h>

struct sc_recorder;

/* NUMBER > 0: pieces begin with an "@ NUMBER" line where another recorder of
 * this thread wrote last, the first one with "@ NUMBER WHERE". SINK and ARG
 * are kept, WHERE is copied. NULL: no memory. */
struct sc_recorder *sc_recorder_new(sc_sink sink, void *arg, int64_t number,
                                    const char *where);
/* Write what is not written yet. NULL is allowed. */
void sc_recorder_free(struct sc_recorder *r);
void sc_recorder_finish(struct sc_recorder *r);
/* The same, and never call the sink again: its owner may leave. */
void sc_recorder_close(struct sc_recorder *r);
/* What passes, SIDE 'S' or 'C'; a line of its own. */
void sc_recorder_add(struct sc_recorder *r, char side, const char *p, size_t n);
void sc_recorder_mark(struct sc_recorder *r, const char *mark);
/* Server's end: S. or S!, once. */
void sc_recorder_end(struct sc_recorder *r, const char *mark);
/* Give the sink what is ready. Returns 0, or the first error of the sink. */
int sc_recorder_deliver(struct sc_recorder *r, struct sc_wait *w);
/* So many bytes of the client's are behind us. */
void sc_recorder_at(struct sc_recorder *r, uint64_t said);
/* What is said from here is a file's (BEGINS), and does not count; or no more. */
void sc_recorder_file(struct sc_recorder *r, bool begins);
/* The line that begins at byte AT of what the client says is secret; nothing
 * that was told of AT and later ones holds any more. SC_ENOMEM: it stays to be
 * seen by nobody: the recording fails. */
void sc_recorder_secret(struct sc_recorder *r, uint64_t at);
void sc_recorder_unsaid(struct sc_recorder *r, uint64_t at);

/* A stream that records on top of LOW; both are taken. NULL: no memory, both are
 * still yours. */
Stream *sc_recorder_lay(struct sc_recorder *r, Stream *low);
/* The recorder of S, which sc_recorder_lay returned. Borrowed. */
struct sc_recorder *sc_recorder_of(Stream *s);
/* Take S apart: LOW and the recorder are yours. Nobody may be inside. */
struct sc_recorder *sc_recorder_lift(Stream *s, Stream **low);

#endif
