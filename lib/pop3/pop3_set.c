/* pop3_set.c - a set of words, a million of them in linear time: UIDs, and the
 * marks of files. */

#include <string.h>

#include "core/mem.h"
#include "pop3/pop3_state.h"
#include "sasl/digest.h"

enum { WORDS_MOST = 512 << 20, FIRST_SLOTS = 64 };

void pop3_set_free(struct pop3_set *s)
{
    sc_buf_free(&s->words);
    sc_free(s->word);
    sc_free(s->table);
    *s = (struct pop3_set){0};
}

static const char *text_of(const struct pop3_set *s, const struct pop3_word *w)
{
    return s->words.data + w->at;
}

/* FNV-1a from a secret start. */
static size_t hash(const struct pop3_set *s, const char *w)
{
    uint64_t h = s->seed ^ 14695981039346656037ULL;

    for (; *w; w++)
        h = (h ^ (unsigned char)*w) * 1099511628211ULL;
    return (size_t)(h ^ h >> 32);
}

/* Where W stands, or would stand. */
static uint32_t *slot_of(const struct pop3_set *s, const char *w)
{
    size_t i = hash(s, w) & (s->slots - 1);

    while (s->table[i] != 0 &&
           strcmp(text_of(s, &s->word[s->table[i] - 1]), w) != 0)
        i = (i + 1) & (s->slots - 1);
    return &s->table[i];
}

/* At most half of the slots are in use. */
static int grow_table(struct pop3_set *s)
{
    size_t slots = s->slots != 0 ? 2 * s->slots : FIRST_SLOTS;
    uint32_t *old = s->table, *table = sc_calloc(slots * sizeof *table);

    if (table == NULL || (s->slots == 0 && sc_random(&s->seed, 8) < 0)) {
        sc_free(table);
        return SC_ENOMEM;
    }
    s->table = table;
    s->slots = slots;
    for (size_t i = 0; i < s->n; i++)
        *slot_of(s, text_of(s, &s->word[i])) = (uint32_t)i + 1;
    sc_free(old);
    return 0;
}

static int grow(struct pop3_set *s)
{
    size_t cap = s->cap != 0 ? 2 * s->cap : FIRST_SLOTS / 2;
    struct pop3_word *word;

    if (s->n == s->cap) {
        if ((word = sc_realloc(s->word, cap * sizeof *word)) == NULL)
            return SC_ENOMEM;
        s->word = word;
        s->cap = cap;
    }
    return 2 * (s->n + 1) > s->slots ? grow_table(s) : 0;
}

struct pop3_word *pop3_set_find(const struct pop3_set *s, const char *w)
{
    uint32_t i = s->slots != 0 ? *slot_of(s, w) : 0;

    return i != 0 ? &s->word[i - 1] : NULL;
}

struct pop3_word *pop3_set_add(struct pop3_set *s, const char *w, int *rc)
{
    struct pop3_word *found = pop3_set_find(s, w);

    if (found != NULL) {
        found->stored++;
        return found;
    }
    s->words.limit = WORDS_MOST;
    if ((*rc = grow(s)) < 0)
        return NULL;
    found = &s->word[s->n];
    *found = (struct pop3_word){.at = (uint32_t)s->words.len, .stored = 1};
    if ((*rc = sc_buf_add(&s->words, w, strlen(w) + 1)) < 0)
        return NULL;
    *slot_of(s, w) = (uint32_t)++s->n;
    return found;
}

bool pop3_set_take(struct pop3_set *s, const char *w)
{
    struct pop3_word *found = pop3_set_find(s, w);

    if (found == NULL || found->taken >= found->stored)
        return false;
    found->taken++;
    return true;
}
