/* sasl_scram.c - SCRAM-SHA-1 and SCRAM-SHA-256 (RFC 5802, RFC 7677), and both
 * with channel binding (-PLUS; tls-exporter of RFC 9266, or whatever the login
 * brings). Neither side shows the other the password, and each proves that it
 * knows it: the server by a signature, without which no success counts.
 *
 *     C: n,,n=user,r=fyko+d2l          gs2-header client-first-message-bare
 *     S: r=fyko+d2l3rfcNHYJ,s=QSXC,i=4096
 *     C: c=biws,r=fyko+d2l3rfcNHYJ,p=v0X8v3Bz
 *     S: v=rmF9pqV8                    in a challenge, or with success
 */

#include <string.h>

#include "core/mem.h"
#include "core/text.h"
#include "sasl/mechanism.h"

enum {
    ROUNDS_LEAST = 4096, /* RFC 7677 section 4 */
    ROUNDS_MOST = 600000,
    NONCE_BYTES = 18
};

/* server-first-message */
struct offer {
    struct sc_span nonce; /* ours and the server's */
    struct sc_buf salt;
    unsigned rounds;
};

/* Wiped as one. */
struct keys {
    unsigned char salted[SC_DIGEST_MAX]; /* SaltedPassword */
    unsigned char client[SC_DIGEST_MAX]; /* ClientKey, then ClientProof */
    unsigned char stored[SC_DIGEST_MAX]; /* StoredKey */
    unsigned char server[SC_DIGEST_MAX]; /* ServerKey */
    unsigned char signature[SC_DIGEST_MAX];
};

static struct sc_span span(const struct sc_buf *b)
{
    return (struct sc_span){b->data, b->len};
}

static int no_sense(struct sc_sasl *s, const char *what)
{
    return sc_sasl_fail(s, SC_EPROTO, "SCRAM: %s", what);
}

static int no_memory(struct sc_sasl *s, int rc)
{
    return sc_sasl_fail(s, rc, "SCRAM: %s", sc_strerror(rc));
}

/* --- client-first-message --- */

static int draw_nonce(struct sc_scram *m)
{
    unsigned char raw[NONCE_BYTES];
    struct sc_buf text = {0};
    int rc = 0;

    if (m->nonce[0] != '\0')
        return 0;
    if ((rc = sc_random(raw, sizeof raw)) == 0)
        rc = sc_base64_encode(&text, raw, sizeof raw);
    if (rc == 0)
        sc_span_copy(m->nonce, sizeof m->nonce, span(&text));
    sc_buf_free(&text);
    return rc;
}

void sc_scram_fix_nonce(struct sc_sasl *s, const char *nonce)
{
    sc_span_copy(s->scram.nonce, sizeof s->scram.nonce, sc_span_of(nonce));
}

/* "y" tells a server that does offer -PLUS that somebody took it away on the
 * way (RFC 5802 section 6). */
static int gs2_header(struct sc_sasl *s)
{
    struct sc_buf *b = &s->scram.gs2;
    int rc;

    if (s->cls->traits & SC_SASL_BINDING)
        rc = sc_buf_addf(b, "p=%s,", s->binding_type);
    else
        rc = sc_buf_addf(
            b, "%c,", s->binding_type != NULL && !s->server_binds ? 'y' : 'n');
    if (rc == 0 && s->authzid != NULL)
        if ((rc = sc_buf_add(b, "a=", 2)) == 0)
            rc = sc_sasl_name_add(b, s->authzid);
    return rc < 0 ? rc : sc_buf_add(b, ",", 1);
}

static int first(struct sc_sasl *s, struct sc_buf *out)
{
    struct sc_scram *m = &s->scram;
    struct sc_span v[2];
    int rc = draw_nonce(m);

    if (rc == 0)
        rc = gs2_header(s);
    if (rc == 0)
        rc = sc_buf_add(&m->bare, "n=", 2);
    if (rc == 0)
        rc = sc_sasl_name_add(&m->bare, s->user);
    if (rc == 0)
        rc = sc_buf_addf(&m->bare, ",r=%s", m->nonce);
    if (rc < 0)
        return no_memory(s, rc);
    v[0] = span(&m->gs2);
    v[1] = span(&m->bare);
    return sc_sasl_say(s, out, v, 2);
}

/* --- server-first-message --- */

/* Take "X=value" off the front of REST, and the comma behind. X 0: any
 * letter. */
static bool take(struct sc_span *rest, char x, struct sc_span *value)
{
    const char *p = rest->data, *comma;
    size_t n = rest->len, used;

    if (n < 2 || p[1] != '=' || sc_lower(p[0]) < 'a' || sc_lower(p[0]) > 'z' ||
        (x != 0 && p[0] != x))
        return false;
    comma = memchr(p, ',', n);
    used = comma != NULL ? (size_t)(comma - p) : n;
    *value = (struct sc_span){p + 2, used - 2};
    used += comma != NULL;
    rest->data += used;
    rest->len -= used;
    return memchr(value->data, '\0', value->len) == NULL;
}

/* Extensions are passed over, but for those that must be understood. */
static bool only_extensions(struct sc_span rest)
{
    struct sc_span value;

    while (rest.len > 0)
        if (rest.data[0] == 'm' || !take(&rest, 0, &value))
            return false;
    return true;
}

/* Ours, and something of the server's behind it, all printable. */
static bool is_nonce(const struct sc_scram *m, struct sc_span nonce)
{
    const size_t n = strlen(m->nonce);

    for (size_t i = 0; i < nonce.len; i++)
        if (nonce.data[i] < 0x21 || nonce.data[i] > 0x7e)
            return false;
    return nonce.len > n && memcmp(nonce.data, m->nonce, n) == 0;
}

/* So many that it would stop us, or so few that who listens could guess the
 * password. */
static int read_rounds(struct sc_sasl *s, struct sc_span text, unsigned *rounds)
{
    const int shown = text.len < 20 ? (int)text.len : 20;
    uint64_t n = 0;

    for (size_t i = 0; i < text.len; i++)
        if (!sc_is_digit((unsigned char)text.data[i]))
            return no_sense(s, "no number of rounds");
    if (text.len == 0 || text.data[0] == '0')
        return no_sense(s, "no number of rounds");
    if (sc_parse_u64(text, ROUNDS_MOST, &n) < 0 || n < ROUNDS_LEAST)
        return sc_sasl_fail(s, SC_ETOOBIG, "SCRAM: %.*s rounds, not %d to %d",
                            shown, text.data, ROUNDS_LEAST, ROUNDS_MOST);
    *rounds = (unsigned)n;
    return 0;
}

static int read_offer(struct sc_sasl *s, struct sc_span rest, struct offer *o)
{
    struct sc_span value;
    int rc;

    if (rest.len > 1 && rest.data[0] == 'm' && rest.data[1] == '=')
        return no_sense(s, "an extension that we do not know");
    if (!take(&rest, 'r', &o->nonce) || !is_nonce(&s->scram, o->nonce))
        return no_sense(s, "not our nonce");
    if (!take(&rest, 's', &value) || value.len == 0)
        return no_sense(s, "no salt");
    if ((rc = sc_base64_decode(&o->salt, value)) < 0)
        return rc == SC_EPROTO ? no_sense(s, "no salt") : no_memory(s, rc);
    if (!take(&rest, 'i', &value))
        return no_sense(s, "no number of rounds");
    if ((rc = read_rounds(s, value, &o->rounds)) < 0)
        return rc;
    if (!only_extensions(rest))
        return no_sense(s, "an extension that we do not know");
    return 0;
}

/* --- client-final-message --- */

/* RFC 5802 section 3: the algorithm, names and all. AUTH: AuthMessage. */
static int compute(const struct sc_sasl *s, const struct offer *o,
                   struct sc_span auth, struct keys *k)
{
    const enum sc_digest_kind h = s->cls->digest;
    const size_t n = sc_digest_size(h);
    const struct sc_span salted = {(char *)k->salted, n};
    int rc = sc_pbkdf2(h, sc_span_of(s->password), span(&o->salt), o->rounds,
                       k->salted, n);

    if (rc == 0)
        rc = sc_hmac(h, salted, sc_span_of("Client Key"), k->client);
    if (rc > 0)
        rc = sc_digest(h, (struct sc_span){(char *)k->client, n}, k->stored);
    if (rc > 0)
        rc = sc_hmac(h, (struct sc_span){(char *)k->stored, n}, auth,
                     k->signature);
    for (size_t i = 0; i < n; i++)
        k->client[i] ^= k->signature[i];
    if (rc > 0)
        rc = sc_hmac(h, salted, sc_span_of("Server Key"), k->server);
    if (rc > 0)
        rc = sc_hmac(h, (struct sc_span){(char *)k->server, n}, auth,
                     k->signature);
    return rc < 0 ? rc : 0;
}

/* client-final-message-without-proof */
static int without_proof(const struct sc_sasl *s, struct sc_span nonce,
                         struct sc_buf *out)
{
    struct sc_buf bound = {0};
    int rc = sc_buf_add(&bound, s->scram.gs2.data, s->scram.gs2.len);

    if (rc == 0 && s->cls->traits & SC_SASL_BINDING)
        rc = sc_buf_add(&bound, s->binding.data, s->binding.len);
    if (rc == 0)
        rc = sc_buf_add(out, "c=", 2);
    if (rc == 0)
        rc = sc_base64_encode(out, bound.data, bound.len);
    if (rc == 0)
        rc = sc_buf_add(out, ",r=", 3);
    if (rc == 0)
        rc = sc_buf_add(out, nonce.data, nonce.len);
    sc_sasl_wipe(&bound);
    return rc;
}

/* AuthMessage */
static int auth_message(const struct sc_sasl *s, struct sc_span server_first,
                        const struct sc_buf *final, struct sc_buf *auth)
{
    int rc = sc_buf_add(auth, s->scram.bare.data, s->scram.bare.len);

    if (rc == 0)
        rc = sc_buf_add(auth, ",", 1);
    if (rc == 0)
        rc = sc_buf_add(auth, server_first.data, server_first.len);
    if (rc == 0)
        rc = sc_buf_add(auth, ",", 1);
    return rc < 0 ? rc : sc_buf_add(auth, final->data, final->len);
}

/* FINAL is the message but for the proof. */
static int say_proof(struct sc_sasl *s, const struct sc_buf *final,
                     const struct keys *k, struct sc_buf *out)
{
    const size_t n = sc_digest_size(s->cls->digest);
    struct sc_buf proof = {0};
    struct sc_span v[3] = {span(final), SC_SPAN(",p="), {NULL, 0}};
    int rc = sc_base64_encode(&proof, k->client, n);

    v[2] = span(&proof);
    if (rc < 0)
        no_memory(s, rc);
    else
        rc = sc_sasl_say(s, out, v, 3);
    sc_sasl_wipe(&proof);
    return rc;
}

static int prove(struct sc_sasl *s, const struct offer *o,
                 struct sc_span server_first, struct sc_buf *out)
{
    struct sc_buf final = {0}, auth = {0};
    struct keys k = {{0}, {0}, {0}, {0}, {0}};
    int rc = without_proof(s, o->nonce, &final);

    if (rc == 0)
        rc = auth_message(s, server_first, &final, &auth);
    if (rc == 0)
        rc = compute(s, o, span(&auth), &k);
    if (rc < 0)
        no_memory(s, rc);
    else
        rc = say_proof(s, &final, &k, out);
    memcpy(s->scram.signature, k.signature, sizeof k.signature);
    sc_wipe(&k, sizeof k);
    sc_sasl_wipe(&auth);
    sc_sasl_wipe(&final);
    return rc;
}

static int second(struct sc_sasl *s, struct sc_span server_first,
                  struct sc_buf *out)
{
    struct offer o = {.rounds = 0};
    int rc = read_offer(s, server_first, &o);

    if (rc == 0)
        rc = prove(s, &o, server_first, out);
    sc_buf_free(&o.salt);
    return rc;
}

/* --- server-final-message --- */

/* Takes as long whatever is different. */
static bool same_signature(const unsigned char *a, const struct sc_buf *b,
                           size_t n)
{
    volatile unsigned char differs = b->len != n;

    for (size_t i = 0; i < n && i < b->len; i++)
        differs |= a[i] ^ (unsigned char)b->data[i];
    return !differs;
}

static int verify(struct sc_sasl *s, struct sc_span server_final)
{
    struct sc_buf signature = SC_BUF(2 * SC_DIGEST_MAX);
    struct sc_span value;
    bool same;

    if (!take(&server_final, 'v', &value) || !only_extensions(server_final))
        return no_sense(s, "no signature of the server");
    if (sc_base64_decode(&signature, value) < 0) {
        sc_buf_free(&signature);
        return no_sense(s, "no signature of the server");
    }
    same = same_signature(s->scram.signature, &signature,
                          sc_digest_size(s->cls->digest));
    sc_buf_free(&signature);
    if (!same)
        return sc_sasl_fail(s, SC_ECERT,
                            "SCRAM: the server does not know the password");
    s->complete = true;
    return 0;
}

/* server-error, which may stand where any of the server's messages does. */
static bool is_error(struct sc_span message)
{
    return message.len > 1 && message.data[0] == 'e' && message.data[1] == '=';
}

static int server_error(struct sc_sasl *s, struct sc_span message)
{
    struct sc_span value;
    int rc;

    if (!take(&message, 'e', &value))
        return no_sense(s, "an error that cannot be read");
    if ((rc = sc_sasl_note(s, value)) < 0)
        return rc;
    return sc_sasl_fail(s, SC_EREPLY, "SCRAM: %.100s", sc_sasl_said(s));
}

static int third(struct sc_sasl *s, struct sc_span server_final,
                 struct sc_buf *out)
{
    int rc = verify(s, server_final);

    return rc < 0 ? rc : sc_sasl_say(s, out, NULL, 0);
}

/* --- the classes --- */

static int scram_step(struct sc_sasl *s, struct sc_span challenge,
                      struct sc_buf *out)
{
    if (is_error(challenge))
        return server_error(s, challenge);
    switch (s->steps) {
    case 0:
        return first(s, out);
    case 1:
        return second(s, challenge, out);
    case 2:
        return third(s, challenge, out);
    default:
        return no_sense(s, "a challenge after the last response");
    }
}

static bool scram_heavy(const struct sc_sasl *s)
{
    return s->steps == 1;
}

/* The last message may come with success (RFC 4422 section 3.6). */
static int scram_succeeded(struct sc_sasl *s, struct sc_span data)
{
    if (is_error(data))
        return server_error(s, data);
    if (s->steps < 2 || s->complete)
        return sc_sasl_complete(s, data);
    if (data.len == 0)
        return sc_sasl_fail(s, SC_ECERT,
                            "SCRAM: success without the server's signature");
    return verify(s, data);
}

#define SCRAM(title, kind, more)                                               \
    {                                                                          \
        .name = title,                                                         \
        .traits = SC_SASL_USER | SC_SASL_PASSWORD | SC_SASL_ACTS |             \
                  SC_SASL_PREPARED | (more),                                   \
        .first = true, .digest = kind, .step = scram_step,                     \
        .heavy = scram_heavy, .succeeded = scram_succeeded,                    \
    }

const struct sc_sasl_class sc_sasl_scram_sha1 =
    SCRAM("SCRAM-SHA-1", SC_DIGEST_SHA1, 0);
const struct sc_sasl_class sc_sasl_scram_sha256 =
    SCRAM("SCRAM-SHA-256", SC_DIGEST_SHA256, 0);
const struct sc_sasl_class sc_sasl_scram_sha1_plus =
    SCRAM("SCRAM-SHA-1-PLUS", SC_DIGEST_SHA1, SC_SASL_BINDING);
const struct sc_sasl_class sc_sasl_scram_sha256_plus =
    SCRAM("SCRAM-SHA-256-PLUS", SC_DIGEST_SHA256, SC_SASL_BINDING);
