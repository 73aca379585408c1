/* sasl_steps.h - one exchange step by step, for the tests of sasl/. */
#ifndef TESTS_UNIT_SASL_STEPS_H
#define TESTS_UNIT_SASL_STEPS_H

#include "main.h"

#include "sasl/mechanism.h"

static inline struct sc_sasl *begin(const char *offered, struct sc_sasl_login l)
{
    struct sc_error err = {0};
    struct sc_sasl *s = sc_sasl_new(offered, &l, &err);

    if (s == NULL)
        fail_msg("%s: %s", offered, err.text);
    return s;
}

static inline struct sc_span span_of(const struct sc_buf *b)
{
    return (struct sc_span){b->data, b->len};
}

/* One step: N bytes of CHALLENGE in, WANT out. */
static inline void says_n(struct sc_sasl *s, const char *challenge,
                          const char *want, size_t n)
{
    struct sc_buf out = {0};
    int rc = sc_sasl_step(s, sc_span_of(challenge), &out);

    if (rc < 0)
        fail_msg("%d %s", rc, sc_sasl_why(s));
    assert_non_null(out.data);
    assert_int_equal(out.len, n);
    assert_memory_equal(out.data, want, n);
    sc_buf_free(&out);
}

static inline void says(struct sc_sasl *s, const char *challenge,
                        const char *want)
{
    says_n(s, challenge, want, strlen(want));
}

/* The same, told in base64. */
static inline void says64(struct sc_sasl *s, const char *challenge,
                          const char *want)
{
    struct sc_buf in = {0}, out = {0}, text = {0};

    assert_int_equal(sc_base64_decode(&in, sc_span_of(challenge)), 0);
    assert_int_equal(sc_sasl_step(s, span_of(&in), &out), 0);
    assert_int_equal(sc_base64_encode(&text, out.data, out.len), 0);
    assert_string_equal(text.data, want);
    sc_buf_free(&in);
    sc_buf_free(&out);
    sc_buf_free(&text);
}

static inline void fails(struct sc_sasl *s, const char *challenge, int code)
{
    struct sc_buf out = {0};

    assert_int_equal(sc_sasl_step(s, sc_span_of(challenge), &out), code);
    assert_int_equal(out.len, 0);
    assert_true(sc_sasl_why(s)[0] != '\0');
    sc_buf_free(&out);
}

static inline void ends(struct sc_sasl *s, const char *data, int code)
{
    assert_int_equal(sc_sasl_succeeded(s, sc_span_of(data)), code);
    sc_sasl_free(s);
}

#endif
