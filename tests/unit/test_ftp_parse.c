/* test_ftp_parse.c - lists, times and ports of FTP. The lines are those of RFC
 * 3659 and of real servers (vsftpd 3.0.3, proftpd 1.3.8, IIS). */
#include "main.h"

#include <string.h>

#include "ftp/ftp_client.h"

enum { NOW = 1795289340 }; /* 2026-11-21 19:29:00 UTC */

static void assert_text(struct sc_span s, const char *text)
{
    if (!sc_span_eq(s, text))
        fail_msg("\"%.*s\" is not \"%s\"", (int)s.len, s.data, text);
}

static struct ftp_entry listed(const char *line)
{
    struct ftp_entry e;

    assert_int_equal(ftp_parse_list(sc_span_of(line), NOW, &e), 0);
    assert_text(e.raw, line);
    return e;
}

static void refused(const char *line)
{
    struct ftp_entry e;

    assert_int_equal(ftp_parse_list(sc_span_of(line), NOW, &e), SC_EPROTO);
    assert_int_equal(e.kind, '?');
    assert_int_equal(e.name.len, 0);
    assert_text(e.raw, line);
}

/* --- LIST --- */

static void unix_lines(void **state)
{
    struct ftp_entry e;

    (void)state;
    e = listed(
        "-rw-r--r--    1 0        0         5000000 Nov 21 19:28 big.bin");
    assert_int_equal(e.kind, 'f');
    assert_int_equal(e.size, 5000000);
    assert_int_equal(e.mtime, NOW - 60);
    assert_text(e.name, "big.bin");
    assert_text(e.perm, "rw-r--r--");
    e = listed("drwxr-xr-x    2 joe      users        4096 Jan  1  2020 dir");
    assert_int_equal(e.kind, 'd');
    assert_int_equal(e.size, -1);
    assert_int_equal(e.mtime, 1577836800);
    assert_text(e.name, "dir");
    e = listed("lrwxrwxrwx 1 0 0 7 Feb 29  2024 name -> a -> b");
    assert_int_equal(e.kind, 'l');
    assert_int_equal(e.mtime, 1709164800);
    assert_text(e.name, "name");
    assert_text(e.target, "a -> b");
    e = listed("-rw-r--r-- 1 owner 12 Dec 31 23:59 no group");
    assert_int_equal(e.mtime, 1767225540); /* last year's: 2025 */
    assert_int_equal(e.size, 12);
    assert_text(e.name, "no group");
    e = listed("brw-rw---- 1 root disk 8, 0 Nov 21 10:00 sda");
    assert_int_equal(e.kind, '?');
    assert_text(e.name, "sda");
}

static void a_name_may_have_spaces_and_months(void **state)
{
    struct ftp_entry e =
        listed("-rw-r--r-- 1 May Jan 7 Nov 20 10:00  Jan 1 2020 x ");

    (void)state;
    assert_text(e.name, " Jan 1 2020 x ");
    assert_int_equal(e.size, 7);
}

static void dos_lines(void **state)
{
    struct ftp_entry e =
        listed("01-31-26  10:20PM       <DIR>          My Docs");

    (void)state;
    assert_int_equal(e.kind, 'd');
    assert_int_equal(e.mtime, 1769898000);
    assert_text(e.name, "My Docs");
    e = listed("12-01-1999  12:05AM               1234 a.txt");
    assert_int_equal(e.kind, 'f');
    assert_int_equal(e.size, 1234);
    assert_int_equal(e.mtime, 944006700);
    e = listed("07-04-99  12:00PM  1 b");
    assert_int_equal(e.mtime, 931089600);
}

static void other_lines_are_only_shown(void **state)
{
    (void)state;
    refused("total 12");
    refused("");
    refused("-rw-r--r-- 1 0 0 12 Foo 21 19:28 x");
    refused("-rw-r--r-- 1 0 0 12 Nov 31 2020 x");
    refused("-rw-r--r-- 1 0 0 12 Nov 21 25:00 x");
    refused("-rw-r--r-- 1 0 0 12 Nov 21 19:28");
    refused("-rw-r--r-- 1 0 0 12 Nov 21 19:28 ");
    refused("-rwqr--r-- 1 0 0 12 Nov 21 19:28 x");
    refused("13-31-26  10:20PM  12 x");
    refused("01-31-26  13:20PM  12 x");
    refused("01-31-26  10:20PM  12x x");
    refused("+i8388621.48594,m825718503,r,s280,\tdjb.html");
}

/* --- MLSD --- */

/* RFC 3659 section 7.7. */
static void facts(void **state)
{
    struct ftp_entry e;

    (void)state;
    assert_int_equal(
        ftp_parse_facts(sc_span_of("Type=file;Size=25730;Modify=19940728095854;"
                                   "Perm=; cap60.pl198.tar.gz"),
                        &e),
        0);
    assert_int_equal(e.kind, 'f');
    assert_int_equal(e.size, 25730);
    assert_int_equal(e.mtime, 775389534);
    assert_text(e.name, "cap60.pl198.tar.gz");
    assert_int_equal(
        ftp_parse_facts(sc_span_of("Type=cdir;Perm=el;Unique=keVO1+IH4; /"),
                        &e),
        0);
    assert_int_equal(e.kind, 'c');
    assert_text(e.perm, "el");
    assert_int_equal(
        ftp_parse_facts(sc_span_of("type=pdir;modify=19990112030508; /x"), &e),
        0);
    assert_int_equal(e.kind, 'p');
    assert_int_equal(
        ftp_parse_facts(
            sc_span_of("type=OS.unix=slink:/where; a name; with =;"), &e),
        0);
    assert_int_equal(e.kind, 'l');
    assert_text(e.target, "/where");
    assert_text(e.name, "a name; with =;");
    assert_int_equal(ftp_parse_facts(sc_span_of(" no facts"), &e), 0);
    assert_text(e.name, "no facts");
    assert_int_equal(e.size, -1);
}

static void lines_without_facts(void **state)
{
    static const char *const bad[] = {"",        "type=file;",  "type=file; ",
                                      "type; x", "type=file x", "x"};
    struct ftp_entry e;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(ftp_parse_facts(sc_span_of(bad[i]), &e), SC_EPROTO);
        assert_int_equal(e.kind, '?');
        assert_int_equal(e.name.len, 0);
    }
    assert_int_equal(ftp_parse_facts(sc_span_of("size=-1;modify=x; y"), &e), 0);
    assert_int_equal(e.size, -1);
    assert_int_equal(e.mtime, -1);
}

static void times(void **state)
{
    static const char *const bad[] = {"",
                                      "2026013123595",
                                      "20260231000000",
                                      "20261301000000",
                                      "20260131240000",
                                      "20260131006000",
                                      "2026013100000x",
                                      "20260131000000.x",
                                      "-0260131000000"};
    int64_t t;

    (void)state;
    assert_int_equal(ftp_parse_time(sc_span_of("19700101000000"), &t), 0);
    assert_int_equal(t, 0);
    assert_int_equal(ftp_parse_time(sc_span_of("20260131235959.123"), &t), 0);
    assert_int_equal(t, 1769903999);
    assert_int_equal(ftp_parse_time(sc_span_of("19981231235960"), &t), 0);
    assert_int_equal(t, 915148800); /* a leap second */
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(ftp_parse_time(sc_span_of(bad[i]), &t), SC_EPROTO);
}

/* --- ports --- */

static void ports_of_epsv(void **state)
{
    static const char *const bad[] = {
        "",          "(|||6446)",   "(|||0|)",     "(|||65536|)",
        "(|1||21|)", "(|||6446|",   "(1116446 1)", "|||6446|",
        "(||||)",    "(|||64x46|)", "(|||-1|)",    "(|||00000000000000021"};

    (void)state;
    assert_int_equal(ftp_port_of_epsv(sc_span_of(
                         "Entering Extended Passive Mode (|||6446|)")),
                     6446); /* RFC 2428 section 3 */
    assert_int_equal(ftp_port_of_epsv(sc_span_of("(!!!65535!)")), 65535);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(ftp_port_of_epsv(sc_span_of(bad[i])), SC_EPROTO);
}

static void ports_of_pasv(void **state)
{
    static const char *const bad[] = {"",
                                      "(1,2,3,4,5)",
                                      "(1,2,3,4,256,1)",
                                      "(1,2,3,4,0,0)",
                                      "(1,2,3,4,5,x)",
                                      "(1;2;3;4;5;6)"};

    (void)state;
    assert_int_equal(
        ftp_port_of_pasv(sc_span_of("Entering Passive Mode (10,0,0,1,4,210).")),
        1234);
    assert_int_equal(ftp_port_of_pasv(sc_span_of("=127,0,0,1,255,255")), 65535);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(ftp_port_of_pasv(sc_span_of(bad[i])), SC_EPROTO);
}

/* RFC 2428 section 2, RFC 959 section 4.1.2. */
static void addresses_of_ours(void **state)
{
    char out[80], small[8];

    (void)state;
    assert_int_equal(ftp_eprt_of("132.235.1.2", 6275, out, sizeof out), 0);
    assert_string_equal(out, "|1|132.235.1.2|6275|");
    assert_int_equal(
        ftp_eprt_of("1080::8:800:200C:417A", 5282, out, sizeof out), 0);
    assert_string_equal(out, "|2|1080::8:800:200C:417A|5282|");
    assert_int_equal(ftp_port_words("10.0.0.1", 1234, out, sizeof out), 0);
    assert_string_equal(out, "10,0,0,1,4,210");
    assert_int_equal(ftp_port_words("::1", 1234, out, sizeof out), SC_ENOTSUP);
    assert_int_equal(ftp_eprt_of("132.235.1.2", 1, small, sizeof small),
                     SC_EINVAL);
    assert_int_equal(ftp_port_words("10.0.0.1", 1, small, sizeof small),
                     SC_EINVAL);
}

static void sizes_of_150(void **state)
{
    (void)state;
    assert_int_equal(ftp_bytes_of(sc_span_of("Opening BINARY mode data "
                                             "connection for x (10 bytes).")),
                     10);
    assert_int_equal(ftp_bytes_of(sc_span_of("for a (7 bytes) (9 bytes)")), 7);
    assert_int_equal(ftp_bytes_of(sc_span_of("10.0 kbytes to download")), -1);
    assert_int_equal(ftp_bytes_of(sc_span_of("x (bytes)")), -1);
    assert_int_equal(ftp_bytes_of(sc_span_of("x 10 bytes)")), -1);
    assert_int_equal(ftp_bytes_of(sc_span_of("(99999999999999999999 bytes)")),
                     -1);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(unix_lines),
    cmocka_unit_test(a_name_may_have_spaces_and_months),
    cmocka_unit_test(dos_lines),
    cmocka_unit_test(other_lines_are_only_shown),
    cmocka_unit_test(facts),
    cmocka_unit_test(lines_without_facts),
    cmocka_unit_test(times),
    cmocka_unit_test(ports_of_epsv),
    cmocka_unit_test(ports_of_pasv),
    cmocka_unit_test(addresses_of_ours),
    cmocka_unit_test(sizes_of_150),
};

TEST_MAIN(tests)
