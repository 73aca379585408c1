/* certs.h - certificates for tests, made afresh in a temporary directory. */
#ifndef TESTS_CERTS_H
#define TESTS_CERTS_H

struct certs {
    char dir[64];
    /* PEM files; each certificate's key is in the same file. */
    char ca[96];       /* the CA, without its key */
    char other_ca[96]; /* a CA that signed nothing here */
    char good[96];     /* localhost, *.test.example, 127.0.0.1, ::1 */
    char wrong[96];    /* wrong.example */
    char expired[96];  /* localhost, until yesterday */
    char self[96];     /* localhost, signed by itself */
    char client[96];   /* "amy", for clients */
    char locked[96];   /* as client, its key encrypted by "secret" */
    char revoked[96];  /* as good, but on the list */
    char crl[96];      /* the CA's list */
};

/* Make them all. Returns 0, or -1. */
int certs_make(struct certs *c);
/* Remove the files and the directory. */
void certs_remove(struct certs *c);

#endif
