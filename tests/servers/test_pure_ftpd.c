/* test_pure_ftpd.c - FTP with Pure-FTPd, a real server with MLSD. Skipped (77)
 * where it was not unpacked, or we are not root. */
#include "main.h"

#include "ftp_test.h"

static int start(void **state)
{
    (void)state;
    usual.starttls = SC_STARTTLS_NEVER;
    return pure_start(&server, "-M");
}

static int stop(void **state)
{
    (void)state;
    url_reply_free(&r);
    ftp_stop(&server);
    return 0;
}

static struct sc_buf said = SC_BUF(1 << 16);

static void note(void *arg, int direction, const char *line, size_t n)
{
    (void)arg;
    if (direction == '>')
        sc_buf_addf(&said, "%.*s\n", (int)n, line);
}

static void folders_come_by_mlsd(void **state)
{
    usual.trace = note;
    folders_are_lists(state);
    usual.trace = NULL;
    assert_non_null(strstr(said.data, "MLSD"));
    sc_buf_free(&said);
}

static int see_one(void *arg, const struct ftp_entry *e)
{
    *(int64_t *)arg = e->size;
    assert_int_equal(e->kind, 'f');
    return 0;
}

static void one_file_by_mlst(void **state)
{
    FTPClient *f = open_server();
    int64_t size = 0;

    (void)state;
    if (ftp_mlst(f, "hello.txt", see_one, &size) < 0)
        fail_msg("%s", sc_last_error(ftp_base(f))->text);
    assert_int_equal(size, 7);
    ftp_close(f);
}

static void it_calls_us(void **state)
{
    ways.flags = FTP_ACTIVE;
    files_come_whole(state);
    what_is_stored_arrives(state);
    ways.flags = 0;
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
        cmocka_unit_test(folders_come_by_mlsd),
        cmocka_unit_test(one_file_by_mlst),
        cmocka_unit_test(it_calls_us),
    };
    bool list = argc > 1 && strcmp(argv[1], "-l") == 0;

    if (!list && !pure_installed()) {
        puts("no Pure-FTPd (tests/run.sh --servers unpacks it)");
        return 77;
    }
    return test_main(__FILE__, tests, sizeof tests / sizeof *tests, argc, argv,
                     start, stop);
}
