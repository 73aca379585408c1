/* tls_ring.h - what TLS keeps for the whole process by a key: contexts and
 * sessions. The oldest goes when a ring is full. Any thread may call these; a
 * forked child has what its parent had. */
#ifndef SC_STREAM_TLS_RING_H
#define SC_STREAM_TLS_RING_H

struct sc_tls_ring {
    const unsigned size; /* of AT */
    struct sc_tls_kept {
        char *key;
        void *value;
    } *const at;
    void (*const release)(void *value);
    unsigned newest;
};

/* What sc_tls_ring_find does with a value of the key. */
enum sc_tls_verdict {
    SC_RING_LEND, /* returns it; it stays */
    SC_RING_TAKE, /* returns it; the ring has it no more */
    SC_RING_DROP  /* releases it and looks on */
};

/* The newest of KEY that JUDGE, called under the lock, does not drop; or
 * NULL. */
void *sc_tls_ring_find(struct sc_tls_ring *r, const char *key,
                       enum sc_tls_verdict (*judge)(void *value));
/* Keep VALUE under KEY, both taken. */
void sc_tls_ring_keep(struct sc_tls_ring *r, char *key, void *value);
/* Release all. */
void sc_tls_ring_forget(struct sc_tls_ring *r);

#endif
