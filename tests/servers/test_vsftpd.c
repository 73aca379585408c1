/* test_vsftpd.c - FTP with vsftpd, a real server: in clear and in TLS (which takes
 * data of the same session alone), called and calling. Skipped (77) where it is
 * not installed. */
#include "main.h"

#include "../certs.h"
#include "ftp_test.h"

static struct certs certs;

static int start(void **state)
{
    (void)state;
    usual.starttls = SC_STARTTLS_NEVER;
    if (certs_make(&certs) < 0)
        return -1;
    return vsftpd_start(&server, NULL, "");
}

static int stop(void **state)
{
    (void)state;
    url_reply_free(&r);
    ftp_stop(&server);
    certs_remove(&certs);
    return 0;
}

static void change_server(const char *cert, const char *more)
{
    ftp_stop(&server);
    assert_int_equal(vsftpd_start(&server, cert, more), 0);
    usual.starttls = cert != NULL ? SC_STARTTLS_MUST : SC_STARTTLS_NEVER;
    usual.tls.ca_file = cert != NULL ? certs.ca : NULL;
}

static void it_calls_us(void **state)
{
    static const unsigned flags[] = {FTP_ACTIVE, FTP_ACTIVE | FTP_NO_EPRT};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        ways.flags = flags[i];
        files_come_whole(state);
        folders_are_lists(state);
        what_is_stored_arrives(state);
        abor_leaves_it_in_order(state);
    }
    ways.flags = 0;
}

/* What it tells of itself is somewhere else. */
static void the_address_of_pasv_is_not_believed(void **state)
{
    change_server(NULL, "pasv_address=192.0.2.1\n");
    ways.flags = FTP_NO_EPSV;
    files_come_whole(state);
    ways.flags = 0;
    change_server(NULL, "");
}

static void each_way_to_a_folder(void **state)
{
    (void)state;
    ways.cwd = FTP_MULTI_CWD;
    files_come_whole(state);
    ways.cwd = FTP_SINGLE_CWD;
    files_come_whole(state);
    folders_are_lists(state);
    ways.cwd = FTP_NO_CWD;
}

static void in_tls(void **state)
{
    change_server(certs.good, "");
    files_come_whole(state);
    parts_of_files_come(state);
    folders_are_lists(state);
    what_is_stored_arrives(state);
    files_come_whole(state); /* the session goes on behind an upload */
    abor_leaves_it_in_order(state);
    a_large_file_comes_whole(state);
    change_server(NULL, "");
}

static void in_tls_it_calls_us(void **state)
{
    change_server(certs.good, "");
    ways.flags = FTP_ACTIVE;
    files_come_whole(state);
    what_is_stored_arrives(state);
    ways.flags = 0;
    change_server(NULL, "");
}

static void from_the_first_byte(void **state)
{
    struct url_options o;
    char url[60];

    (void)state;
    change_server(certs.good, "implicit_ssl=YES\n");
    o = options_of(0);
    usual.starttls = SC_STARTTLS_MAY;
    snprintf(url, sizeof url, "ftps://127.0.0.1:%d/hello.txt", server.port);
    if (url_get(url, &o, &r) < 0)
        fail_msg("%s", r.error.text);
    assert_string_equal(r.body.data, "hello\r\n");
    change_server(NULL, "");
}

/* An upload given up is no file that looks whole. */
static void what_is_given_up_is_not_said_to_be_whole(void **state)
{
    FTPClient *f = open_server();
    Stream *data;

    (void)state;
    assert_non_null(data = ftp_stor(f, "up/half", 0));
    assert_int_equal(sc_stream_write(data, "half", 4, NULL), 0);
    sc_stream_close(data);
    ftp_noop(f); /* its reply is that of the upload */
    assert_int_equal(sc_last_error(ftp_base(f))->status, 426);
    sc_drop(ftp_base(f));
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        {.name = "files_come_whole", .test_func = files_come_whole},
        {.name = "parts_of_files_come", .test_func = parts_of_files_come},
        {.name = "what_is_not_there_is_refused",
         .test_func = what_is_not_there_is_refused},
        {.name = "size_and_time_are_known_without_data",
         .test_func = size_and_time_are_known_without_data},
        {.name = "folders_are_lists", .test_func = folders_are_lists},
        {.name = "what_is_stored_arrives", .test_func = what_is_stored_arrives},
        {.name = "each_command", .test_func = each_command},
        {.name = "abor_leaves_it_in_order",
         .test_func = abor_leaves_it_in_order},
        {.name = "a_large_file_comes_whole",
         .test_func = a_large_file_comes_whole},
        cmocka_unit_test(it_calls_us),
        cmocka_unit_test(the_address_of_pasv_is_not_believed),
        cmocka_unit_test(each_way_to_a_folder),
        cmocka_unit_test(in_tls),
        cmocka_unit_test(in_tls_it_calls_us),
        cmocka_unit_test(from_the_first_byte),
        cmocka_unit_test(what_is_given_up_is_not_said_to_be_whole),
    };
    bool list = argc > 1 && strcmp(argv[1], "-l") == 0;

    if (!list && !server_installed("vsftpd")) {
        puts("no vsftpd (tests/run.sh --servers installs it)");
        return 77;
    }
    return test_main(__FILE__, tests, sizeof tests / sizeof *tests, argc, argv,
                     start, stop);
}
