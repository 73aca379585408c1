/* chat_script.h - what a script has the client say and expect. */
#ifndef CLIENTS_CHAT_SCRIPT_H
#define CLIENTS_CHAT_SCRIPT_H

#include <simpleclient/buf.h>

enum chat_step_kind {
    STEP_SEND_LINE,  /* C: */
    STEP_SEND,       /* c: */
    STEP_LINE,       /* S: text, or text... for what begins so */
    STEP_BYTES,      /* s: */
    STEP_EXPECT,     /* E: as S:, however many lines come before */
    STEP_END,        /* S. S! */
    STEP_HALF_CLOSE, /* C. */
    STEP_TLS         /* T. */
};

struct chat_step {
    enum chat_step_kind kind;
    int line;   /* in the file, from 1 */
    char *text; /* owned */
    size_t len;
    bool open; /* it ended in "..." */
};

/* Zero bytes are an empty one. */
struct chat_script {
    const char *path; /* kept */
    struct chat_step *steps;
    size_t n;
};

/* Read it. Returns 0 or an exit code, told. In every case: free_chat_script. */
int read_chat_script(struct chat_script *s, const char *path);
void free_chat_script(struct chat_script *s);

#endif
