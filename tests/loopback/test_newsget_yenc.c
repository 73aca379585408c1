/* test_newsget_yenc.c - files out of yEnc articles: parts in any order, damaged,
 * missing, twice; names that would like to go elsewhere. */
#include "main.h"

#include "newsget.h"

enum { SIZE = 5000, PART = 1000 };
static char data[SIZE];
static struct sc_buf body[20];
static int bodies;
static char dir[100];

static int start_yenc(void **state)
{
    int rc = start(state);

    srand(7);
    for (int i = 0; i < SIZE; i++)
        data[i] = (char)rand();
    bodies = 0;
    news.last = 0;
    snprintf(dir, sizeof dir, "%s/d", scratch.dir);
    return rc;
}

static int stop_yenc(void **state)
{
    for (int i = 0; i < bodies; i++)
        sc_buf_free(&body[i]);
    memset(body, 0, sizeof body);
    return stop(state);
}

/* The next article is part N of 5 of NAME (0: all of it). */
static void add_part(const char *name, uint32_t n)
{
    struct sc_buf *b = &body[bodies++];
    struct nntp_yenc y = {.part = n, .total = n > 0 ? 5 : 0, .size = SIZE};
    const char *from = data;

    snprintf(y.name, sizeof y.name, "%s", name);
    if (n > 0) {
        y.begin = (n - 1) * PART;
        from += y.begin;
    }
    y.end = n > 0 ? y.begin + PART : SIZE;
    sc_buf_addf(b, "some text before\r\n");
    assert_int_equal(nntp_yenc_encode(b, &y, from, n > 0 ? PART : SIZE), 0);
    text_of[++news.last] = b->data;
}

static void add_text(const char *text)
{
    text_of[++news.last] = text;
}

static void assert_decoded(const char *name)
{
    char at[300];
    struct sc_buf b;

    snprintf(at, sizeof at, "%s/%s", dir, name);
    b = scratch_read(at);
    assert_int_equal(b.len, SIZE);
    assert_memory_equal(b.data, data, SIZE);
    sc_buf_free(&b);
}

/* The files that are there, hidden ones too. */
static int files_there(void)
{
    struct dirent *e;
    DIR *d = opendir(dir);
    int n = -2;

    if (d == NULL)
        return 0;
    while ((e = readdir(d)) != NULL)
        n++;
    closedir(d);
    return n;
}

#define YENC(...) GET("--yenc", "--dir", dir, __VA_ARGS__)

/* Of yenc.org's own example: "=ybegin", 'a' + 42 and so on. */
static void a_file_by_hand(void **state)
{
    char at[200];

    (void)state;
    add_text("=ybegin line=128 size=4 name=by hand\r\n"
             "\x8b\x8c\x8d=J\r\n=yend size=4 crc32=8f88c97a\r\n");
    /* crc32 of "abc\xe0" is not that */
    must_fail(YENC("-4"), 61, "CRC");
    text_of[1] = "=ybegin line=128 size=3 name=by hand\r\n"
                 "\x8b\x8c\x8d\r\n=yend size=3 crc32=352441c2\r\n";
    must(YENC("-4"));
    snprintf(at, sizeof at, "%s/by hand", dir);
    assert_file(at, "abc");
    assert_int_equal(files_there(), 1);
}

static void parts_come_in_any_order(void **state)
{
    static const uint32_t order[] = {3, 1, 5, 5, 4, 2, 1};

    (void)state;
    for (size_t i = 0; i < 7; i++)
        add_part("file.bin", order[i]);
    add_part("whole.bin", 0);
    must(YENC("-4"));
    assert_decoded("file.bin");
    assert_decoded("whole.bin");
    assert_int_equal(files_there(), 2);
    must(YENC("-c", "4")); /* beside those that are there */
    assert_decoded("file.bin.1");
    assert_decoded("whole.bin.1");
    assert_int_equal(files_there(), 4);
}

static void names_stay_in_the_folder(void **state)
{
    (void)state;
    add_part("../../etc/passwd", 0);
    add_part("/tmp/x", 0);
    add_part(".profile", 0);
    add_part("-rf", 0);
    add_part("..", 0);
    add_part("a\x1b\x01", 0);
    add_part("a.bin", 0);
    add_part("a.bin", 0);
    must(YENC("-4"));
    assert_decoded("_._.._etc_passwd");
    assert_decoded("_tmp_x");
    assert_decoded("_profile");
    assert_decoded("_rf");
    assert_decoded("_.");
    assert_decoded("a??");
    assert_decoded("a.bin");
    assert_decoded("a.bin.1");
    assert_int_equal(files_there(), 8);
}

static void what_is_damaged_or_missing_is_no_file(void **state)
{
    (void)state;
    for (uint32_t i = 1; i <= 4; i++)
        add_part("file.bin", i);
    must_fail(YENC("-4"), 18, "file.bin: not complete: 4000 of 5000 bytes");
    assert_int_equal(files_there(), 0);
    add_part("file.bin", 5);
    body[4].data[200] ^= 1;
    assert_int_equal(YENC("-4"), 61);
    assert_non_null(strstr(program.err.data, "article 5: file.bin: "));
    assert_int_equal(files_there(), 0);
    add_part("other.bin", 0);
    assert_int_equal(YENC("-4"), 90);
    assert_decoded("other.bin");
    add_part("file.bin", 5); /* again, and good */
    assert_int_equal(YENC("-4"), 90);
    assert_decoded("file.bin");
    assert_int_equal(files_there(), 3);
}

/* A bad repost does not harm the good part that was there before. */
static void what_is_good_stays_good(void **state)
{
    (void)state;
    for (uint32_t i = 1; i <= 4; i++)
        add_part("file.bin", i);
    add_part("file.bin", 2);
    for (int i = 100; i < 400; i++)
        if (body[4].data[i] > 'a' && body[4].data[i] < 'z')
            body[4].data[i] ^= 1;
    add_part("file.bin", 5);
    assert_int_equal(YENC("-4"), 90);
    assert_decoded("file.bin");
}

static void a_lie_about_the_place_ends_in_no_file(void **state)
{
    (void)state;
    add_text("=ybegin part=1 total=1 line=128 size=9223372036854775807 "
             "name=x\r\n=ypart begin=9223372036854775805 "
             "end=9223372036854775807\r\n\x8b\x8c\x8d\r\n"
             "=yend size=3 pcrc32=352441c2\r\n");
    must_fail(YENC("-4"), 18, "3 of 9223372036854775807");
    assert_int_equal(files_there(), 0);
    text_of[1] = "=ybegin part=1 line=128 size=9 name=x\r\n"
                 "=ypart begin=8 end=10\r\n\x8b\x8c\x8d\r\n"
                 "=yend size=3 pcrc32=352441c2\r\n";
    must_fail(YENC("-4"), 61, "");
    assert_int_equal(files_there(), 0);
}

/* It is fetched again, and no trace is left of the first time. */
static void a_part_that_was_cut_comes_again(void **state)
{
    (void)state;
    add_part("whole.bin", 0);
    for (uint32_t i = 1; i <= 5; i++)
        add_part("file.bin", i);
    for (unsigned i = 1; i <= 6; i += 5) {
        news.dies_at = i;
        news.dies = 1;
        must(YENC("-4"));
        assert_int_equal(news.dies, 0);
        assert_int_equal(files_there(), i == 1 ? 2 : 4);
    }
    assert_decoded("whole.bin");
    assert_decoded("file.bin");
    news.dies = 99;
    assert_int_equal(YENC("-4"), 18); /* the rest did not come */
    assert_int_equal(files_there(), 5);
}

static void texts_are_passed_by(void **state)
{
    (void)state;
    add_text("just words\r\n");
    must_fail(YENC("-4"), 61, "no yEnc");
    add_part("file.bin", 0);
    must(YENC("-4"));
    assert_decoded("file.bin");
}

static void articles_of_a_file_are_read_when_it_is_whole(void **state)
{
    char rc[200];

    (void)state;
    snprintf(rc, sizeof rc, "%s/rc", scratch.dir);
    for (uint32_t i = 1; i <= 4; i++)
        add_part("file.bin", i);
    add_part("whole.bin", 0);
    must_fail(YENC("--newsrc", rc), 90, "file.bin");
    assert_file(rc, "misc.test: 5\n");
    add_part("file.bin", 5);
    must(YENC("--newsrc", rc));
    assert_decoded("file.bin");
    assert_file(rc, "misc.test: 1-6\n");
}

static void a_folder_that_cannot_be_is_23(void **state)
{
    (void)state;
    add_part("file.bin", 0);
    must_fail(GET("--yenc", "--dir", "/nonexistent/d"), 23, "/nonexistent/d");
    must_fail(GET("--yenc", "--dir", "/proc"), 23, "/proc");
}

#define YTEST(name) cmocka_unit_test_setup_teardown(name, start_yenc, stop_yenc)

/* Built without zlib there is no CRC: nothing is told to be well. */
static void without_a_crc_there_is_no_file(void **state)
{
    (void)state;
    add_text("=ybegin line=128 size=3 name=by hand\r\n"
             "\x8b\x8c\x8d\r\n=yend size=3 crc32=352441c2\r\n");
    must_fail(YENC("-4"), 61, "no CRC without zlib");
    assert_int_equal(files_there(), 0);
}

static const struct CMUnitTest without[] = {
    YTEST(without_a_crc_there_is_no_file),
};

static const struct CMUnitTest tests[] = {
    YTEST(a_file_by_hand),
    YTEST(parts_come_in_any_order),
    YTEST(names_stay_in_the_folder),
    YTEST(what_is_damaged_or_missing_is_no_file),
    YTEST(what_is_good_stays_good),
    YTEST(a_lie_about_the_place_ends_in_no_file),
    YTEST(a_part_that_was_cut_comes_again),
    YTEST(texts_are_passed_by),
    YTEST(articles_of_a_file_are_read_when_it_is_whole),
    YTEST(a_folder_that_cannot_be_is_23),
};

int main(int argc, char **argv)
{
    if (!sc_coding_known(SC_CODING_DEFLATE))
        return newsget_main(__FILE__, without, 1, argc, argv);
    return newsget_main(__FILE__, tests, sizeof tests / sizeof tests[0], argc,
                        argv);
}
