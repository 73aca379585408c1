/* test_pop3.c - the greeting, what the server can do, and commands one by one,
 * against scripts; most are RFC 1939's own examples. Numbers of statements:
 * docs/design/pop3-status.md. */
#include "pop3_script.h"

/* --- replies --- */

/* RFC 1939 section 10. */
static void the_example_of_rfc_1939(void **state)
{
    static const char script[] = POP3_OLD "C: USER mrose\n"
                                          "S: +OK mrose is a real hoopy frood\n"
                                          "C: PASS secret\n"
                                          "S: +OK mrose's maildrop\n"
                                          "C: CAPA\n"
                                          "S: -ERR what?\n"
                                          "C: STAT\n"
                                          "S: +OK 2 320\n"
                                          "C: RETR 1\n"
                                          "S: +OK 120 octets\n"
                                          "S: Subject: one\n"
                                          "S: \n"
                                          "S: ..dotted\n"
                                          "S: .\n"
                                          "C: DELE 1\n"
                                          "S: +OK message 1 deleted\n"
                                          "C: QUIT\n"
                                          "S: +OK dewey POP3 server "
                                          "signing off\n";

    (void)state;
    for (size_t split = 0; split < 40; split++) {
        struct sc_options opt = {
            .user = "mrose", .password = "secret", .flags = SC_OPT_PLAIN_LOGIN};
        struct pop3_talk t = pop3_talk_with(script, split, &opt);
        struct sc_buf text = {0};
        uint32_t messages;
        uint64_t bytes;

        assert_in_order(t);
        assert_int_equal(pop3_stat(t.p, &messages, &bytes), 0);
        assert_int_equal(messages, 2);
        assert_int_equal(bytes, 320);
        assert_int_equal(pop3_retr(t.p, 1, sc_buf_sink, &text), 0);
        assert_string_equal(text.data, "Subject: one\r\n\r\n.dotted\r\n");
        assert_int_equal(pop3_dele(t.p, 1), 0);
        assert_int_equal(pop3_quit(t.p), 0);
        assert_int_equal(pop3_quit(t.p), 0); /* said once */
        sc_buf_free(&text);
        pop3_talk_over(t);
    }
}

struct greeting {
    const char *script;
    int code;
};

static void each_greeting_has_its_error(void **state)
{
    static const struct greeting all[] = {
        {POP3_OLD, 0},
        {"S: +OK\nC: CAPA\nS: -ERR\n", 0},
        {"S: +OKfoo\nC: CAPA\nS: -ERRbar\n", 0},
        {"S: -ERR [SYS/TEMP] later\n", SC_EREPLY},
        {"S: OK\n", SC_EPROTO},
        {"S: +ok\n", SC_EPROTO},
        {"S: +O\n", SC_EPROTO},
        {"S: + \n", SC_EPROTO},
        {"S: +\n", SC_EPROTO},
        {"S: * OK IMAP4\n", SC_EPROTO},
        {"S: 220 mail\n", SC_EPROTO},
        {"S: \n", SC_EPROTO},
        {"S~\n", SC_ETIMEDOUT},
        {"S.\n", SC_EOF},
        {"s: +OK rea\nS.\n", SC_ESHORT},
        {"S!\n", SC_ECONNRESET},
        {"S: +OK\nC: CAPA\nS: +OK\nS: TOP\nS.\n", SC_ESHORT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct pop3_talk t = pop3_talk(all[i].script);

        if (sc_broken(&t.p->base) != all[i].code)
            fail_msg("%s: %d %s", all[i].script, sc_broken(&t.p->base),
                     sc_last_error(&t.p->base)->text);
        pop3_talk_over(t);
    }
}

static void a_refusal_leaves_the_client_in_order(void **state)
{
    struct pop3_talk t = pop3_talk(POP3_OLD "C: RETR 7\n"
                                            "S: -ERR no such message\n"
                                            "C: NOOP\n"
                                            "S: +OK\n");

    (void)state;
    assert_int_equal(pop3_retr(t.p, 7, sc_null_sink, NULL), SC_EREPLY);
    assert_words(t, "RETR 7: -ERR no such message");
    assert_int_equal(sc_last_error(&t.p->base)->status, 500);
    assert_in_order(t);
    assert_int_equal(pop3_noop(t.p), 0);
    pop3_talk_over(t);
}

/* RFC 2449 section 8, RFC 3206. */
static void response_codes_are_parsed(void **state)
{
    static const char *const all[][2] = {
        {"-ERR [IN-USE] Do you have another POP session?", "IN-USE"},
        {"-ERR [LOGIN-DELAY] minimum time between mail checks", "LOGIN-DELAY"},
        {"-ERR [SYS/TEMP] try later", "SYS/TEMP"},
        {"-ERR [SYS/PERM] gone", "SYS/PERM"},
        {"-ERR [AUTH] no", "AUTH"},
        {"-ERR [AUTH]", "AUTH"},
        {"-ERR no code [AUTH]", ""},
        {"-ERR [not a code] text", ""},
        {"-ERR [AUTH", ""},
        {"-ERR", ""},
    };
    char script[200];

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct pop3_talk t;

        snprintf(script, sizeof script, POP3_OLD "C: NOOP\nS: %s\n", all[i][0]);
        t = pop3_talk(script);
        assert_int_equal(pop3_noop(t.p), SC_EREPLY);
        assert_string_equal(pop3_response_code(t.p), all[i][1]);
        pop3_talk_over(t);
    }
}

static void a_reply_line_beyond_the_limit_breaks(void **state)
{
    struct sc_options opt = {.line_limit = 20};
    struct pop3_talk t = pop3_talk_with(
        "S: +OK 4567890123456789\nC: CAPA\nS: -ERR 678901234567890x\n", 1,
        &opt);

    (void)state;
    assert_int_equal(sc_broken(&t.p->base), SC_ETOOBIG);
    sc_drop(&t.p->base); /* the rest is not read */
}

/* CRLF over two reads is one end; LF alone will do; CR alone never. */
static void a_line_ends_in_lf(void **state)
{
    for (size_t split = 0; split < 30; split++) {
        struct pop3_talk t = pop3_talk_with(
            POP3_OLD "C: NOOP\ns: +OK one\\r\\n\nC: NOOP\ns: +OK two\\n\n"
                     "C: NOOP\ns: -ERR three\\rfour\\r\\n\n"
                     "C: NOOP\nS: +OK\n",
            split, NULL);

        (void)state;
        assert_int_equal(pop3_noop(t.p), 0);
        assert_int_equal(pop3_noop(t.p), 0);
        assert_int_equal(pop3_noop(t.p), SC_EREPLY);
        assert_words(t, "-ERR three?four");
        assert_int_equal(pop3_noop(t.p), 0);
        pop3_talk_over(t);
    }
}

static void the_end_between_commands_is_told(void **state)
{
    struct pop3_talk t = pop3_talk(POP3_OLD "C: NOOP\nS: +OK\n"
                                            "C: NOOP\nS.\n");

    (void)state;
    assert_int_equal(pop3_noop(t.p), 0);
    assert_int_equal(pop3_noop(t.p), SC_EOF);
    assert_int_equal(pop3_noop(t.p), SC_EOF);
    pop3_talk_over(t);
}

static void a_challenge_out_of_turn_breaks(void **state)
{
    struct pop3_talk t = pop3_talk(POP3_OLD "C: NOOP\nS: + abc\n");

    (void)state;
    assert_int_equal(pop3_noop(t.p), SC_EPROTO);
    assert_int_equal(sc_broken(&t.p->base), SC_EPROTO);
    pop3_talk_over(t);
}

/* --- CAPA --- */

/* RFC 2449 section 5. */
static void capa_teaches_what_the_server_can_do(void **state)
{
    static const char script[] = "S: +OK ready\n"
                                 "C: CAPA\n"
                                 "S: +OK Capability list follows\n"
                                 "S: TOP\n"
                                 "S: user\n"
                                 "S: SASL CRAM-MD5 KERBEROS_V4\n"
                                 "S: RESP-CODES\n"
                                 "S: LOGIN-DELAY 900 USER\n"
                                 "S: PIPELINING\n"
                                 "S: EXPIRE 60\n"
                                 "S: UIDL\n"
                                 "S: X-UNKNOWN PIPELINING\n"
                                 "S: IMPLEMENTATION Shlemazle-Plotz-v302\n"
                                 "S: .\n";

    (void)state;
    for (size_t split = 0; split < 40; split++) {
        struct pop3_talk t = pop3_talk_with(script, split, NULL);
        const struct pop3_caps *caps = pop3_capabilities(t.p);

        assert_in_order(t);
        assert_int_equal(caps->have, POP3_CAP_CAPA | POP3_CAP_TOP |
                                         POP3_CAP_USER | POP3_CAP_SASL |
                                         POP3_CAP_RESP_CODES |
                                         POP3_CAP_PIPELINING | POP3_CAP_UIDL);
        assert_string_equal(caps->sasl, "CRAM-MD5 KERBEROS_V4");
        assert_int_equal(caps->login_delay_s, 900);
        assert_int_equal(caps->expire_days, 60);
        assert_string_equal(caps->implementation, "Shlemazle-Plotz-v302");
        assert_memory_equal(caps->all.data, "TOP\nuser\nSASL", 13);
        pop3_talk_over(t);
    }
}

static void expire_never_is_none(void **state)
{
    struct pop3_talk t = pop3_talk("S: +OK\nC: CAPA\nS: +OK\n"
                                   "S: EXPIRE NEVER\nS: LOGIN-DELAY x\nS: .\n");

    (void)state;
    assert_int_equal(pop3_capabilities(t.p)->expire_days, -1);
    assert_int_equal(pop3_capabilities(t.p)->login_delay_s, 0);
    pop3_talk_over(t);
}

static void capa_has_a_ceiling(void **state)
{
    struct sc_options opt = {.reply_limit = 32};
    struct pop3_talk t =
        pop3_talk_with("S: +OK\nC: CAPA\nS: +OK\nS: X-0123456789012345678\n"
                       "S: X-0123456789012345678\nS: .\n",
                       1, &opt);

    (void)state;
    assert_int_equal(sc_broken(&t.p->base), SC_ETOOBIG);
    sc_drop(&t.p->base);
}

/* --- messages --- */

static void a_message_that_is_cut_is_an_error(void **state)
{
    struct pop3_talk t = pop3_talk(POP3_OLD "C: RETR 1\nS: +OK\nS: text\nS.\n");

    (void)state;
    assert_int_equal(pop3_retr(t.p, 1, sc_null_sink, NULL), SC_ESHORT);
    assert_int_equal(sc_broken(&t.p->base), SC_ESHORT);
    pop3_talk_over(t);
}

static void nul_and_high_bytes_survive(void **state)
{
    static const char want[] = "a\0b\xff\rc\r\n";
    struct pop3_talk t = pop3_talk(POP3_OLD "C: RETR 1\nS: +OK\n"
                                            "s: a\\x00b\\xff\\rc\\r\\n\n"
                                            "S: .\n");
    struct sc_buf text = {0};

    (void)state;
    assert_int_equal(pop3_retr(t.p, 1, sc_buf_sink, &text), 0);
    assert_int_equal(text.len, sizeof want - 1);
    assert_memory_equal(text.data, want, sizeof want - 1);
    sc_buf_free(&text);
    pop3_talk_over(t);
}

/* Longer than any buffer. */
static void a_line_of_a_message_has_no_limit(void **state)
{
    struct sc_options opt = {.line_limit = 64};
    struct sc_buf script = {0}, text = {0};
    struct pop3_talk t;

    (void)state;
    sc_buf_addf(&script, POP3_OLD "C: RETR 1\nS: +OK\nS: ");
    for (int i = 0; i < 20000; i++)
        sc_buf_addf(&script, "0123456789");
    sc_buf_addf(&script, "\nS: .\n");
    t = pop3_talk_with(script.data, 4096, &opt);
    assert_int_equal(pop3_retr(t.p, 1, sc_buf_sink, &text), 0);
    assert_int_equal(text.len, 200002);
    sc_buf_free(&script);
    sc_buf_free(&text);
    pop3_talk_over(t);
}

static void a_refused_retr_has_no_lines(void **state)
{
    struct pop3_talk t = pop3_talk(POP3_OLD "C: RETR 1\nS: -ERR no\n"
                                            "C: TOP 1 0\nS: -ERR no\n"
                                            "C: NOOP\nS: +OK\n");

    (void)state;
    assert_int_equal(pop3_retr(t.p, 1, sc_null_sink, NULL), SC_EREPLY);
    assert_int_equal(pop3_top(t.p, 1, 0, sc_null_sink, NULL), SC_EREPLY);
    assert_int_equal(pop3_noop(t.p), 0);
    pop3_talk_over(t);
}

static void top_asks_for_the_header(void **state)
{
    struct pop3_talk t = pop3_talk(POP3_OLD "C: TOP 1 10\nS: +OK\nS: A: b\n"
                                            "S: \nS: .\n");
    struct sc_buf text = {0};

    (void)state;
    assert_int_equal(pop3_top(t.p, 1, 10, sc_buf_sink, &text), 0);
    assert_string_equal(text.data, "A: b\r\n\r\n");
    sc_buf_free(&text);
    pop3_talk_over(t);
}

static void top_that_is_not_there_is_no_retr(void **state)
{
    struct pop3_talk t = pop3_talk("S: +OK\nC: CAPA\nS: +OK\nS: UIDL\nS: .\n");

    (void)state;
    assert_int_equal(pop3_top(t.p, 1, 0, sc_null_sink, NULL), SC_ENOTSUP);
    assert_in_order(t);
    pop3_talk_over(t);
}

static void message_0_is_asked_for_by_nobody(void **state)
{
    struct pop3_talk t = pop3_talk(POP3_OLD);

    (void)state;
    assert_int_equal(pop3_retr(t.p, 0, sc_null_sink, NULL), SC_EINVAL);
    assert_int_equal(pop3_dele(t.p, 0), SC_EINVAL);
    assert_int_equal(pop3_top(t.p, 0, 1, sc_null_sink, NULL), SC_EINVAL);
    assert_in_order(t);
    pop3_talk_over(t);
}

static void quit_that_is_refused_is_told(void **state)
{
    struct pop3_talk t =
        pop3_talk(POP3_OLD "C: QUIT\nS: -ERR some deleted messages not "
                           "removed\n");

    (void)state;
    assert_int_equal(pop3_close(t.p), SC_EREPLY);
}

/* --- RFC 6856 --- */

static void utf8_and_lang(void **state)
{
    struct pop3_talk t = pop3_talk("S: +OK\nC: CAPA\nS: +OK\nS: UTF8 USER\n"
                                   "S: LANG\nS: .\n"
                                   "C: UTF8\nS: +OK\n"
                                   "C: LANG\nS: +OK Language listing follows:\n"
                                   "S: en English\nS: es Espa\xc3\xb1ol\nS: .\n"
                                   "C: LANG es\nS: +OK es Idioma cambiado\n"
                                   "C: LANG *\nS: +OK i-default\n"
                                   "C: LANG uga\nS: -ERR unsupported\n");
    struct sc_buf out = {0};

    (void)state;
    assert_int_equal(pop3_utf8(t.p), 0);
    assert_int_equal(pop3_lang(t.p, NULL, &out), 0);
    assert_string_equal(out.data, "en English\r\nes Espa\xc3\xb1ol\r\n");
    assert_int_equal(pop3_lang(t.p, "es", NULL), 0);
    assert_int_equal(pop3_lang(t.p, "*", NULL), 0);
    assert_int_equal(pop3_lang(t.p, "uga", NULL), SC_EREPLY);
    assert_int_equal(pop3_lang(t.p, "e s", NULL), SC_EINVAL);
    assert_int_equal(pop3_lang(t.p, "", NULL), SC_EINVAL);
    assert_int_equal(pop3_lang(t.p, "en\r\nDELE 1", NULL), SC_EINVAL);
    sc_buf_free(&out);
    pop3_talk_over(t);
}

static void what_capa_does_not_name_is_not_asked_for(void **state)
{
    struct pop3_talk t = pop3_talk("S: +OK\nC: CAPA\nS: +OK\nS: .\n");

    (void)state;
    assert_int_equal(pop3_utf8(t.p), SC_ENOTSUP);
    assert_int_equal(pop3_lang(t.p, "en", NULL), SC_ENOTSUP);
    assert_in_order(t);
    pop3_talk_over(t);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_example_of_rfc_1939),
    cmocka_unit_test(each_greeting_has_its_error),
    cmocka_unit_test(a_refusal_leaves_the_client_in_order),
    cmocka_unit_test(response_codes_are_parsed),
    cmocka_unit_test(a_reply_line_beyond_the_limit_breaks),
    cmocka_unit_test(a_line_ends_in_lf),
    cmocka_unit_test(the_end_between_commands_is_told),
    cmocka_unit_test(a_challenge_out_of_turn_breaks),
    cmocka_unit_test(capa_teaches_what_the_server_can_do),
    cmocka_unit_test(expire_never_is_none),
    cmocka_unit_test(capa_has_a_ceiling),
    cmocka_unit_test(a_message_that_is_cut_is_an_error),
    cmocka_unit_test(nul_and_high_bytes_survive),
    cmocka_unit_test(a_line_of_a_message_has_no_limit),
    cmocka_unit_test(a_refused_retr_has_no_lines),
    cmocka_unit_test(top_asks_for_the_header),
    cmocka_unit_test(top_that_is_not_there_is_no_retr),
    cmocka_unit_test(message_0_is_asked_for_by_nobody),
    cmocka_unit_test(quit_that_is_refused_is_told),
    cmocka_unit_test(utf8_and_lang),
    cmocka_unit_test(what_capa_does_not_name_is_not_asked_for),
};

TEST_MAIN(tests)
