/* test_smtp_outcome.c - what is told of a message, from each set of answers
 * that came and those that did not. */
#include "smtp_script.h"

#include <simpleclient/smtp.h>

#include "smtp/smtp_tx.h"

/* One letter an answer: '2' taken, '5' refused, '1' 421, '3' a 3xx, 'L' lost
 * after it was sent, 'l' before, '-' never asked. */
static struct sc_answer answer(char c)
{
    static const struct {
        char letter;
        struct sc_answer a;
    } all[] = {
        {'2', {.code = 250, .sent = 1, .text = "2.0.0 ok"}},
        {'5', {.code = 550, .sent = 1, .text = "5.1.1 no"}},
        {'1', {.code = 421, .sent = 1, .text = "4.3.2 bye"}},
        {'3', {.code = 354, .sent = 1, .text = "go"}},
        {'L', {.rc = SC_EOF, .sent = 1}},
        {'l', {.rc = SC_EOF}},
    };

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i].letter == c)
            return all[i].a;
    return (struct sc_answer){0};
}

struct row {
    const char *answers; /* RSET MAIL RCPT RCPT DATA final */
    int outcome, rc;
    int first, second; /* rc, or the code if it is a refusal or success */
};

static const struct row rows[] = {
    /* taken by all, by some, by none */
    {"-222-2", SMTP_SENT, 0, 250, 250},
    {"222232", SMTP_SENT, 0, 250, 250},
    {"-225-2", SMTP_PARTLY, SC_EREPLY, 250, 550},
    {"-255-5", SMTP_NOT_SENT, SC_EREPLY, 550, 550},
    {"-255-2", SMTP_NOT_SENT, SC_EREPLY, 550, 550},
    {"-555-5", SMTP_NOT_SENT, SC_EREPLY, 550, 550},
    {"-5LL-L", SMTP_NOT_SENT, SC_EREPLY, 550, 550},
    {"-222-5", SMTP_NOT_SENT, SC_EREPLY, 550, 550},
    {"-2225-", SMTP_NOT_SENT, SC_EREPLY, 550, 550},
    /* lost behind the message: unknown but for who was refused */
    {"-222-L", SMTP_UNKNOWN, SC_EUNKNOWN, SC_EUNKNOWN, SC_EUNKNOWN},
    {"-22L-L", SMTP_UNKNOWN, SC_EUNKNOWN, SC_EUNKNOWN, SC_EUNKNOWN},
    {"LLLL-L", SMTP_UNKNOWN, SC_EUNKNOWN, SC_EUNKNOWN, SC_EUNKNOWN},
    {"-225-L", SMTP_UNKNOWN, SC_EUNKNOWN, SC_EUNKNOWN, 550},
    {"-255-L", SMTP_NOT_SENT, SC_EREPLY, 550, 550},
    {"-222-3", SMTP_UNKNOWN, SC_EUNKNOWN, SC_EUNKNOWN, SC_EUNKNOWN},
    /* lost before it has left */
    {"-222-l", SMTP_NOT_SENT, SC_EOF, SC_EOF, SC_EOF},
    {"-2LLl-", SMTP_NOT_SENT, SC_EOF, SC_EOF, SC_EOF},
    {"LLLL--", SMTP_NOT_SENT, SC_EOF, SC_EOF, SC_EOF},
    /* 421: what follows it was not acted on */
    {"1LLL-L", SMTP_NOT_SENT, SC_EREPLY, 421, 421},
    {"-1LL-L", SMTP_NOT_SENT, SC_EREPLY, 421, 421},
    {"-21L-L", SMTP_NOT_SENT, SC_EREPLY, 421, 421},
    {"-221-L", SMTP_NOT_SENT, SC_EREPLY, 421, 421},
    {"-2221-", SMTP_NOT_SENT, SC_EREPLY, 421, 421},
    {"-222-1", SMTP_NOT_SENT, SC_EREPLY, 421, 421},
    /* or it was, against the rules: who took the message has it */
    {"-221-2", SMTP_PARTLY, SC_EREPLY, 250, 421},
    {"122222", SMTP_SENT, 0, 250, 250},
    {"-522-2", SMTP_UNKNOWN, SC_EUNKNOWN, SC_EUNKNOWN, SC_EUNKNOWN},
    /* one command at a time: RSET refused, nothing more was asked */
    {"5-----", SMTP_NOT_SENT, SC_EREPLY, 550, 550},
    {"5222-2", SMTP_SENT, 0, 250, 250},
};

static void assert_status(const struct row *w, int i,
                          const struct smtp_status *st, int want)
{
    int got = st->rc == 0 || st->rc == SC_EREPLY ? st->code : st->rc;

    if (got != want || (st->rc == 0) != (want == 250))
        fail_msg("%s, recipient %d: %d %d", w->answers, i, st->rc, st->code);
}

static void check(const struct row *w)
{
    static const char *const to[] = {"a@b", "c@d", NULL};
    struct smtp_message m = {.from = "", .to = to};
    struct smtp_talk talk = smtp_talk(SMTP_HELLO("S: 250 m\n"));
    struct smtp_result r = {0};
    struct smtp_tx t = {.s = talk.s};
    int rc;

    assert_int_equal(smtp_tx_begin(&t, &m, &r), 0);
    t.begun = true;
    t.rset = answer(w->answers[0]);
    t.mail = answer(w->answers[1]);
    t.rcpt[0] = answer(w->answers[2]);
    t.rcpt[1] = answer(w->answers[3]);
    t.data = answer(w->answers[4]);
    t.final = answer(w->answers[5]);
    if (strpbrk(w->answers, "Ll") != NULL)
        sc_break(&talk.s->base, SC_EOF, "it ended");
    smtp_tx_conclude(&t);
    rc = smtp_tx_outcome(&t);
    if (rc != w->rc || r.outcome != w->outcome)
        fail_msg("%s: %d, outcome %d", w->answers, rc, r.outcome);
    assert_status(w, 0, &r.to[0], w->first);
    assert_status(w, 1, &r.to[1], w->second);
    smtp_tx_free(&t);
    smtp_result_free(&r);
    sc_drop(&talk.s->base);
}

static void each_set_of_answers_has_its_outcome(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check(&rows[i]);
}

static void an_enhanced_code_and_text_go_with_each_status(void **state)
{
    static const char *const to[] = {"a@b", NULL};
    struct smtp_message m = {.from = "", .to = to};
    struct smtp_talk talk = smtp_talk(SMTP_HELLO("S: 250 m\n"));
    struct smtp_result r = {0};
    struct smtp_tx t = {.s = talk.s};

    (void)state;
    assert_int_equal(smtp_tx_begin(&t, &m, &r), 0);
    t.begun = true;
    t.mail = answer('2');
    t.rcpt[0] = answer('5');
    smtp_tx_conclude(&t);
    assert_int_equal(smtp_tx_outcome(&t), SC_EREPLY);
    assert_string_equal(r.to[0].enhanced, "5.1.1");
    assert_string_equal(r.to[0].text, "5.1.1 no");
    assert_int_equal(r.error.status, 550);
    assert_non_null(strstr(r.error.text, "<a@b>: 550 5.1.1 no"));
    smtp_tx_free(&t);
    smtp_result_free(&r);
    sc_drop(&talk.s->base);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_set_of_answers_has_its_outcome),
    cmocka_unit_test(an_enhanced_code_and_text_go_with_each_status),
};

TEST_MAIN(tests)
