/* test_ftp_data.c - data connections of FTP (RFC 959 section 3.2, RFC 2428): how
 * they are made, uploads, lists. */
#include "main.h"

#include "ftp_data.h"

/* --- passive --- */

static void epsv_is_asked_for_first(void **state)
{
    FTPClient *f;

    (void)state;
    ftp_peer_start(&peer, TEXT);
    f = open_as(NULL);
    assert_comes(f);
    assert_comes(f); /* and again on the same connection */
    assert_false(peer_saw(&peer, "PASV"));
    assert_int_equal(peer.calls, 2);
    assert_int_equal(ftp_close(f), 0);
    assert_int_equal(peer.connections, 1);
    ftp_peer_stop(&peer);
}

/* RFC 2428 section 3; what was refused once is not asked for again. */
static void pasv_where_epsv_is_refused(void **state)
{
    static const char *const refusals[] = {"500 what?", "502 no", "522 (1)"};

    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        FTPClient *f;

        ftp_peer_start(&peer, TEXT);
        peer_says(&peer, "EPSV", refusals[i]);
        f = open_as(NULL);
        assert_comes(f);
        peer.log.len = 0;
        assert_comes(f);
        assert_false(peer_saw(&peer, "EPSV"));
        ftp_close(f);
        ftp_peer_stop(&peer);
    }
}

static void pasv_where_the_port_of_epsv_cannot_be_connected(void **state)
{
    FTPClient *f;

    (void)state;
    ftp_peer_start(&peer, TEXT);
    peer.dead_epsv = true;
    f = open_as(NULL);
    assert_comes(f);
    assert_true(peer_saw(&peer, "EPSV\nPASV\nRETR"));
    ftp_close(f);
    ftp_peer_stop(&peer);
}

/* What a server says of its own address may be another's, or nonsense. */
static void the_address_of_pasv_is_never_believed(void **state)
{
    static const char *const lies[] = {"10,9,8,7", "127,0,0,2", "0,0,0,0",
                                       "255,255,255,255"};
    const struct ftp_options how = {.flags = FTP_NO_EPSV};

    (void)state;
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        FTPClient *f;

        ftp_peer_start(&peer, TEXT);
        peer.pasv = lies[i];
        f = open_as(&how);
        assert_comes(f);
        assert_false(peer_saw(&peer, "EPSV"));
        ftp_close(f);
        ftp_peer_stop(&peer);
    }
}

static void a_port_that_is_none_breaks(void **state)
{
    static const struct {
        const char *epsv, *pasv;
    } bad[] = {
        {"229 (|||0|)", NULL},
        {"229 (|||65536|)", NULL},
        {"229 ()", NULL},
        {"229 here", NULL},
        {"229 (||| 21|)", NULL},
        {"500 no", "227 (1,2,3,4,0,0)"},
        {"500 no", "227 (1,2,3,4,5)"},
        {"500 no", "227 (1,2,3,4,256,1)"},
        {"500 no", "227 here"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        FTPClient *f;

        ftp_peer_start(&peer, TEXT);
        peer_says(&peer, "EPSV", bad[i].epsv);
        if (bad[i].pasv != NULL)
            peer_says(&peer, "PASV", bad[i].pasv);
        f = open_as(NULL);
        assert_int_equal(retr(f), SC_EPROTO);
        assert_int_equal(peer.calls, 0);
        ftp_close(f);
        ftp_peer_stop(&peer);
    }
}

static void no_way_for_data_leaves_the_client_in_order(void **state)
{
    FTPClient *f;

    (void)state;
    ftp_peer_start(&peer, TEXT);
    peer.dead_epsv = true;
    peer_says(&peer, "PASV", "425 no");
    f = open_as(NULL);
    assert_int_equal(retr(f), SC_EREPLY);
    assert_int_equal(ftp_noop(f), 0);
    peer.n_rules = 0;
    assert_comes(f);
    ftp_close(f);
    ftp_peer_stop(&peer);
}

/* --- active --- */

static void the_server_calls_us(void **state)
{
    static const struct ftp_options ways[] = {
        {.flags = FTP_ACTIVE},
        {.flags = FTP_ACTIVE, .active = "-"},
        {.flags = FTP_ACTIVE, .active = "127.0.0.1"},
        {.flags = FTP_ACTIVE | FTP_NO_EPRT},
        {.flags = FTP_ACTIVE, .active = "lo"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        FTPClient *f;

        ftp_peer_start(&peer, TEXT);
        f = open_as(&ways[i]);
        assert_comes(f);
        assert_comes(f);
        assert_int_equal(peer_saw(&peer, "EPRT"), i != 3);
        assert_int_equal(peer_saw(&peer, "PORT 127,0,0,1,"), i == 3);
        assert_false(peer_saw(&peer, "PASV"));
        ftp_close(f);
        ftp_peer_stop(&peer);
    }
}

static void port_where_eprt_is_refused(void **state)
{
    const struct ftp_options how = {.flags = FTP_ACTIVE};
    FTPClient *f;

    (void)state;
    ftp_peer_start(&peer, TEXT);
    peer_says(&peer, "EPRT", "500 what?");
    f = open_as(&how);
    assert_comes(f);
    peer.log.len = 0;
    assert_comes(f);
    assert_false(peer_saw(&peer, "EPRT"));
    ftp_close(f);
    ftp_peer_stop(&peer);
}

static void a_stranger_at_our_port_is_hung_up_on(void **state)
{
    const struct ftp_options how = {.flags = FTP_ACTIVE};
    FTPClient *f;

    (void)state;
    ftp_peer_start(&peer, TEXT);
    peer.stranger = true;
    f = open_as(&how);
    assert_comes(f);
    ftp_close(f);
    ftp_peer_stop(&peer);
}

static void a_server_that_never_calls_is_not_waited_for_long(void **state)
{
    const struct ftp_options how = {.flags = FTP_ACTIVE};
    struct sc_options opt = usual;
    FTPClient *f;
    int64_t begun;

    (void)state;
    ftp_peer_start(&peer, TEXT);
    peer.never_calls = true;
    opt.connect_ms = 200;
    f = ftp_open(peer.url, &how, &opt);
    begun = sc_now();
    assert_int_equal(retr(f), SC_ETIMEDOUT);
    assert_in_range(sc_now() - begun, 100, 2000);
    assert_int_equal(sc_broken(ftp_base(f)), SC_ETIMEDOUT);
    ftp_close(f);
    ftp_peer_stop(&peer);
}

static void where_to_be_called_must_be_ours(void **state)
{
    const struct ftp_options how = {.flags = FTP_ACTIVE,
                                    .active = "no.such.thing"};
    FTPClient *f;

    (void)state;
    ftp_peer_start(&peer, TEXT);
    f = open_as(&how);
    assert_true(retr(f) < 0);
    assert_false(peer_saw(&peer, "EPRT"));
    assert_int_equal(ftp_noop(f), 0);
    ftp_close(f);
    ftp_peer_stop(&peer);
}

/* RFC 2428: PASV and PORT know no IPv6, whatever is wished. */
static void over_ip6_there_is_no_other_way(void **state)
{
    static const struct ftp_options ways[] = {
        {.flags = 0},
        {.flags = FTP_NO_EPSV},
        {.flags = FTP_ACTIVE},
        {.flags = FTP_ACTIVE | FTP_NO_EPRT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        FTPClient *f;

        ftp_peer_start_at(&peer, "[::1]", TEXT);
        f = open_as(&ways[i]);
        assert_comes(f);
        assert_int_equal(peer_saw(&peer, "EPSV\n"), i < 2);
        assert_int_equal(peer_saw(&peer, "EPRT |2|::1|"), i >= 2);
        peer_says(&peer, i < 2 ? "EPSV" : "EPRT", "502 no");
        assert_int_equal(retr(f), SC_EREPLY);
        assert_false(peer_saw(&peer, "PASV") || peer_saw(&peer, "PORT"));
        ftp_close(f);
        ftp_peer_stop(&peer);
    }
}

/* --- uploads --- */

static void what_is_stored_arrives(void **state)
{
    FTPClient *f;
    Stream *data;

    (void)state;
    ftp_peer_start(&peer, TEXT);
    f = open_as(NULL);
    assert_non_null(data = ftp_stor(f, "new", 0));
    assert_int_equal(sc_stream_write(data, "hello", 5, NULL), 0);
    assert_int_equal(ftp_done(f, data), 0);
    assert_int_equal(peer.whole, 1);
    assert_memory_equal(peer.stored.data, "hello", 5);
    assert_non_null(data = ftp_appe(f, "new"));
    assert_int_equal(ftp_done(f, data), 0);
    assert_int_equal(peer.whole, 2);
    ftp_close(f);
    ftp_peer_stop(&peer);
}

/* A FIN is the end of the file: who gives up must not say it. */
static void an_upload_given_up_is_no_file(void **state)
{
    FTPClient *f;
    Stream *data;

    (void)state;
    ftp_peer_start(&peer, TEXT);
    f = open_as(NULL);
    assert_non_null(data = ftp_stor(f, "new", 0));
    assert_int_equal(sc_stream_write(data, "hello", 5, NULL), 0);
    sc_stream_close(data); /* without ftp_done */
    while (peer.whole + peer.cut == 0)
        sc_sleep(1);
    assert_int_equal(peer.cut, 1);
    sc_drop(ftp_base(f));
    ftp_peer_stop(&peer);
}

static void an_upload_that_is_cut_is_told(void **state)
{
    static char much[1 << 20];
    FTPClient *f;
    Stream *data;
    int rc = 0;

    (void)state;
    ftp_peer_start(&peer, TEXT);
    peer.cut_data = 1000;
    peer.end = "552 disk full";
    f = open_as(NULL);
    assert_non_null(data = ftp_stor(f, "new", 0));
    for (int i = 0; i < 50 && rc == 0; i++)
        rc = sc_stream_write(data, much, sizeof much, NULL);
    assert_true(rc < 0);
    assert_int_equal(ftp_done(f, data), SC_EREPLY);
    assert_text(f, "552 disk full");
    assert_comes((peer.cut_data = 0, peer.end = NULL, f));
    ftp_close(f);
    ftp_peer_stop(&peer);
}

/* --- lists --- */

struct seen {
    int n;
    char names[200];
};

static int see(void *arg, const struct ftp_entry *e)
{
    struct seen *s = arg;
    size_t had = strlen(s->names);

    s->n++;
    snprintf(s->names + had, sizeof s->names - had, "%c%.*s/%lld ", e->kind,
             (int)e->name.len, e->name.data, (long long)e->size);
    return 0;
}

static void files_come_by_mlsd(void **state)
{
    struct seen s = {0};
    FTPClient *f;

    (void)state;
    ftp_peer_start(&peer, TEXT);
    peer.features = " MLST type*;size*;\n";
    peer.facts = "type=cdir; .\r\ntype=file;size=5; a b\r\nnonsense\r\n"
                 "type=dir; d\r\n";
    f = open_as(NULL);
    assert_int_equal(ftp_files(f, NULL, see, &s), 0);
    assert_string_equal(s.names, "c./-1 fa b/5 ?/-1 dd/-1 ");
    assert_true(peer_saw(&peer, "MLSD\n"));
    ftp_close(f);
    ftp_peer_stop(&peer);
}

static void files_come_by_list_where_there_is_no_mlsd(void **state)
{
    static const char *const features[] = {NULL, " SIZE\n", " MLST type*;\n"};

    (void)state;
    for (size_t i = 0; i < sizeof features / sizeof *features; i++) {
        struct seen s = {0};
        FTPClient *f;

        ftp_peer_start(&peer, TEXT);
        peer.features = features[i];
        peer_says(&peer, "MLSD", "500 what?"); /* though FEAT tells of it */
        peer.list = "total 3\r\n"
                    "-rw-r--r-- 1 joe users 120 Jan 31 2025 one\r\n"
                    "drwxr-xr-x 2 joe users 4096 Jan 31 2025 sub\r\n";
        f = open_as(NULL);
        assert_int_equal(ftp_files(f, "sub", see, &s), 0);
        assert_string_equal(s.names, "?/-1 fone/120 dsub/-1 ");
        assert_true(peer_saw(&peer, "LIST sub\n"));
        ftp_close(f);
        ftp_peer_stop(&peer);
    }
}

static void a_list_without_its_last_line_end_comes_whole(void **state)
{
    struct seen s = {0};
    FTPClient *f;

    (void)state;
    ftp_peer_start(&peer, TEXT);
    peer.list = "-rw-r--r-- 1 joe users 1 Jan 31 2025 one\n"
                "-rw-r--r-- 1 joe users 2 Jan 31 2025 two";
    f = open_as(NULL);
    assert_int_equal(ftp_files(f, NULL, see, &s), 0);
    assert_string_equal(s.names, "fone/1 ftwo/2 ");
    ftp_close(f);
    ftp_peer_stop(&peer);
}

static int stop_at_once(void *arg, const struct ftp_entry *e)
{
    (void)arg;
    (void)e;
    return -4711;
}

static void a_list_may_be_stopped(void **state)
{
    FTPClient *f;

    (void)state;
    ftp_peer_start(&peer, TEXT);
    peer.endless = true;
    peer.list = "-rw-r--r-- 1 joe users 1 Jan 31 2025 one\r\n";
    f = open_as(NULL);
    assert_int_equal(ftp_files(f, NULL, stop_at_once, NULL), -4711);
    peer.endless = false;
    assert_comes(f);
    ftp_close(f);
    ftp_peer_stop(&peer);
}

static void a_line_of_a_list_has_a_limit(void **state)
{
    static char line[20000];
    struct seen s = {0};
    FTPClient *f;

    (void)state;
    memset(line, 'x', sizeof line - 1);
    ftp_peer_start(&peer, TEXT);
    peer.list = line;
    f = open_as(NULL);
    assert_int_equal(ftp_files(f, NULL, see, &s), SC_ETOOBIG);
    ftp_close(f);
    ftp_peer_stop(&peer);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        TEST_CLOSING_ALL(epsv_is_asked_for_first),
        TEST_CLOSING_ALL(pasv_where_epsv_is_refused),
        TEST_CLOSING_ALL(pasv_where_the_port_of_epsv_cannot_be_connected),
        TEST_CLOSING_ALL(the_address_of_pasv_is_never_believed),
        TEST_CLOSING_ALL(a_port_that_is_none_breaks),
        TEST_CLOSING_ALL(no_way_for_data_leaves_the_client_in_order),
        TEST_CLOSING_ALL(the_server_calls_us),
        TEST_CLOSING_ALL(port_where_eprt_is_refused),
        TEST_CLOSING_ALL(a_stranger_at_our_port_is_hung_up_on),
        TEST_CLOSING_ALL(a_server_that_never_calls_is_not_waited_for_long),
        TEST_CLOSING_ALL(where_to_be_called_must_be_ours),
        TEST_CLOSING_ALL(over_ip6_there_is_no_other_way),
        TEST_CLOSING_ALL(what_is_stored_arrives),
        TEST_CLOSING_ALL(an_upload_given_up_is_no_file),
        TEST_CLOSING_ALL(an_upload_that_is_cut_is_told),
        TEST_CLOSING_ALL(files_come_by_mlsd),
        TEST_CLOSING_ALL(files_come_by_list_where_there_is_no_mlsd),
        TEST_CLOSING_ALL(a_list_without_its_last_line_end_comes_whole),
        TEST_CLOSING_ALL(a_list_may_be_stopped),
        TEST_CLOSING_ALL(a_line_of_a_list_has_a_limit),
    };

    return test_main(__FILE__, tests, sizeof tests / sizeof *tests, argc, argv,
                     NULL, NULL);
}
