/* postfix.h - Postfix, which takes mail for simple.test and puts it into
 * Maildirs: alice@, bob@, user0@ .. user99@, and more of alice's by other
 * alphabets. Refused by name: gone@ 550 5.1.1, tempfail@ 451 4.3.0, full@ 452
 * 4.2.2, closed@ 421 4.3.2. Nothing leaves the machine. It must be started by
 * root. Its logins are asked of the socket SASL, if that is named. */
#ifndef TESTS_SERVERS_POSTFIX_H
#define TESTS_SERVERS_POSTFIX_H

#include <pwd.h>

#include "../certs.h"
#include "maildir.h"
#include "server.h"

enum postfix_port {
    SMTP,       /* all that Postfix has, messages up to 1,000,000 bytes */
    SUBMISSION, /* TLS first, then a login, else nothing */
    SMTPS,      /* TLS from the first byte */
    NO_CHUNKS,  /* all but CHUNKING */
    BARE,       /* EHLO tells of VRFY and ETRN alone */
    POSTFIX_PORTS
};

struct postfix {
    struct server at;
    const struct certs *certs;
    const char *sasl; /* path of Dovecot's socket, or NULL */
    int port[POSTFIX_PORTS];
};

/* --- its files --- */

static inline int postfix_main_cf(const struct postfix *p)
{
    FILE *f = fopen(server_path(&p->at, "etc/main.cf"), "w");
    const struct passwd *nobody = getpwnam("nobody");
    const char *d = p->at.dir;

    if (f == NULL || nobody == NULL)
        return -1;
    fprintf(f, "compatibility_level = 3.6\nqueue_directory = %s/spool\n", d);
    fprintf(f, "data_directory = %s/data\nmaillog_file = %s/log\n", d, d);
    fprintf(f, "maillog_file_prefixes = %s\n", d);
    fprintf(f, "inet_interfaces = 127.0.0.1\ninet_protocols = ipv4\n"
               "myhostname = mail.simple.test\nmydestination =\n"
               "alias_maps =\nalias_database =\nlocal_recipient_maps =\n"
               "mynetworks = 127.0.0.0/8\n"
               "default_transport = error:5.1.2 nothing leaves\n"
               "relay_transport = error:5.1.2 nothing leaves\n");
    fprintf(f,
            "virtual_mailbox_domains = simple.test, xn--mnchen-3ya.test,"
            " m\xc3\xbcnchen.test\nvirtual_mailbox_base = %s/mail\n"
            "virtual_mailbox_maps = texthash:%s/etc/mailboxes\n",
            d, d);
    fprintf(f,
            "virtual_uid_maps = static:%d\nvirtual_gid_maps = static:%d\n"
            "virtual_minimum_uid = 1\nvirtual_transport = virtual\n"
            "virtual_mailbox_limit = 0\nmailbox_size_limit = 0\n",
            (int)nobody->pw_uid, (int)nobody->pw_gid);
    fprintf(f, "message_size_limit = 1000000\nsmtputf8_enable = yes\n"
               "smtpd_client_connection_count_limit = 0\n"
               "smtpd_error_sleep_time = 0\nsmtpd_hard_error_limit = 1000\n"
               "smtpd_junk_command_limit = 1000\n"
               "local_header_rewrite_clients =\n");
    fprintf(f,
            "smtpd_tls_cert_file = %s\nsmtpd_tls_key_file = %s\n"
            "smtpd_tls_security_level = may\n"
            "smtpd_tls_received_header = yes\n",
            p->certs->good, p->certs->good);
    if (p->sasl != NULL)
        fprintf(f,
                "smtpd_sasl_auth_enable = yes\nsmtpd_sasl_type = dovecot\n"
                "smtpd_sasl_path = %s\n"
                "smtpd_sasl_security_options = noanonymous\n",
                p->sasl);
    fprintf(f,
            "smtpd_recipient_restrictions = check_recipient_access"
            " regexp:%s/etc/refused, permit_mynetworks,"
            " permit_sasl_authenticated, reject_unauth_destination\n",
            d);
    return fclose(f);
}

static inline int postfix_master_cf(const struct postfix *p)
{
    static const char others[] =
        "pickup unix n - n 60 1 pickup\ncleanup unix n - n - 0 cleanup\n"
        "qmgr unix n - n 300 1 qmgr\ntlsmgr unix - - n 1000? 1 tlsmgr\n"
        "rewrite unix - - n - - trivial-rewrite\n"
        "bounce unix - - n - 0 bounce\ndefer unix - - n - 0 bounce\n"
        "trace unix - - n - 0 bounce\nverify unix - - n - 1 verify\n"
        "flush unix n - n 1000? 0 flush\nproxymap unix - - n - - proxymap\n"
        "smtp unix - - n - - smtp\nerror unix - - n - - error\n"
        "retry unix - - n - - error\nvirtual unix - n n - - virtual\n"
        "anvil unix - - n - 1 anvil\nscache unix - - n - 1 scache\n"
        "showq unix n - n - - showq\n"
        "postlog unix-dgram n - n - 1 postlogd\n";
    FILE *f = fopen(server_path(&p->at, "etc/master.cf"), "w");

    if (f == NULL)
        return -1;
    fprintf(f, "%d inet n - n - - smtpd\n", p->port[SMTP]);
    fprintf(f,
            "%d inet n - n - - smtpd\n"
            "  -o smtpd_tls_security_level=encrypt\n"
            "  -o smtpd_client_restrictions=permit_sasl_authenticated,reject\n",
            p->port[SUBMISSION]);
    fprintf(f, "%d inet n - n - - smtpd\n  -o smtpd_tls_wrappermode=yes\n",
            p->port[SMTPS]);
    fprintf(f,
            "%d inet n - n - - smtpd\n"
            "  -o smtpd_discard_ehlo_keywords=chunking\n",
            p->port[NO_CHUNKS]);
    fprintf(f,
            "%d inet n - n - - smtpd\n  -o smtpd_discard_ehlo_keywords="
            "pipelining,chunking,size,8bitmime,smtputf8,dsn,starttls,"
            "enhancedstatuscodes,auth\n",
            p->port[BARE]);
    fputs(others, f);
    return fclose(f);
}

static inline int postfix_mailboxes(const struct postfix *p)
{
    FILE *f = fopen(server_path(&p->at, "etc/mailboxes"), "w");

    if (f == NULL)
        return -1;
    fprintf(f, "alice@simple.test alice/\nbob@simple.test bob/\n"
               "\xc3\xbc"
               "bung@simple.test uebung/\n"
               "alice@m\xc3\xbcnchen.test munich/\n"
               "alice@xn--mnchen-3ya.test munich/\n");
    for (int i = 0; i < 100; i++)
        fprintf(f, "user%d@simple.test user%d/\n", i, i);
    return fclose(f);
}

static inline int postfix_mkdir(const struct server *s, const char *name,
                                const char *owner)
{
    const struct passwd *who = getpwnam(owner);
    const char *path = server_path(s, name);

    if (who == NULL || mkdir(path, 0755) < 0)
        return -1;
    return chown(path, who->pw_uid, who->pw_gid);
}

static inline int postfix_files(const struct postfix *p)
{
    const struct server *s = &p->at;

    /* Postfix wants its directories to be root's and nobody else's. */
    if (chmod(s->dir, 0755) < 0 || postfix_mkdir(s, "etc", "root") < 0 ||
        postfix_mkdir(s, "spool", "root") < 0 ||
        postfix_mkdir(s, "data", "postfix") < 0 ||
        postfix_mkdir(s, "mail", "nobody") < 0)
        return -1;
    if (postfix_main_cf(p) < 0 || postfix_mailboxes(p) < 0)
        return -1;
    return server_write(s, "etc/refused",
                        "/^gone@/ 550 5.1.1 no such user here\n"
                        "/^tempfail@/ 451 4.3.0 try again later\n"
                        "/^full@/ 452 4.2.2 mailbox full\n"
                        "/^closed@/ 421 4.3.2 closing now\n");
}

/* --- its life --- */

static inline bool postfix_installed(void)
{
    return server_installed("postfix") && geteuid() == 0 &&
           access("/usr/lib/postfix/sbin/master", X_OK) == 0;
}

/* Make what its directories lack. */
static inline int postfix_check(const struct postfix *p)
{
    char line[400];

    snprintf(line, sizeof line,
             "cp -r /etc/postfix/dynamicmaps.cf* /etc/postfix/postfix-files*"
             " %s/etc/; postfix -c %s/etc check 2>>%s/said",
             p->at.dir, p->at.dir, p->at.dir);
    return system(line) == 0 ? 0 : -1;
}

static inline int postfix_launch(struct postfix *p)
{
    char etc[96];

    snprintf(etc, sizeof etc, "%s/etc", p->at.dir);
    if (server_spawn(&p->at,
                     (const char *const[]){"/usr/lib/postfix/sbin/master", "-c",
                                           etc, "-d", NULL}) < 0)
        return -1;
    return server_wait(&p->at, p->port[SMTP]);
}

/* Another process may take a port before Postfix does. */
static inline int postfix_try(struct postfix *p)
{
    if (server_free_ports(p->port, POSTFIX_PORTS) < 0 ||
        postfix_master_cf(p) < 0 || postfix_check(p) < 0)
        return -1;
    if (postfix_launch(p) == 0)
        return 0;
    print_message("%s\n", server_read(&p->at, "log").data);
    server_end(&p->at, SIGTERM);
    return -1;
}

static inline int postfix_start(struct postfix *p, const struct certs *certs,
                                const char *sasl)
{
    int rc = -1;

    p->certs = certs;
    p->sasl = sasl;
    if (server_make_dir(&p->at) < 0 || postfix_files(p) < 0)
        return -1;
    for (int i = 0; i < 3 && rc < 0; i++)
        rc = postfix_try(p);
    return rc;
}

static inline void postfix_stop(struct postfix *p)
{
    server_end(&p->at, SIGTERM);
    server_remove_dir(&p->at);
}

/* The URL of a port; kept for the next three calls. LOGIN: "user:password@". */
static inline const char *postfix_url(const struct postfix *p, int port,
                                      const char *login)
{
    static char url[4][200];
    static int next;

    next = (next + 1) % 4;
    snprintf(url[next], sizeof url[next], "smtp%s://%.60slocalhost:%d/",
             port == SMTPS ? "s" : "", login, p->port[port]);
    return url[next];
}

#endif
