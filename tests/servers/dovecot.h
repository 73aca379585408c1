/* dovecot.h - Dovecot: LMTP into Maildirs, POP3, and the logins of Postfix.
 * joe has the password "secret", amy "pass \"word\" of amy". Mechanisms: PLAIN,
 * LOGIN, CRAM-MD5, SCRAM-SHA-1, SCRAM-SHA-256; OAUTHBEARER and XOAUTH2 with
 * dovecot_token's tokens. LMTP refuses all others. On 127.0.0.2, where clients
 * come from another address (127.0.0.1), passwords are refused in clear. */
#ifndef TESTS_SERVERS_DOVECOT_H
#define TESTS_SERVERS_DOVECOT_H

#include <grp.h>
#include <pwd.h>

#include "../certs.h"
#include "jwt.h"
#include "maildir.h"
#include "server.h"

enum dovecot_port { LMTP, POP3, POP3S, DOVECOT_PORTS };

#define DOVECOT_KEY "what only Dovecot and its friends know, 32 bytes or more"

struct dovecot {
    struct server at;
    const struct certs *certs;
    int port[DOVECOT_PORTS];
    char sasl[96]; /* the socket for Postfix */
    char lmtp[96]; /* a socket that speaks LMTP */
};

static inline void dovecot_services(FILE *f, const struct dovecot *d)
{
    fprintf(f,
            /* No penalty for wrong passwords. */
            "service anvil {\n chroot =\n unix_listener"
            " anvil-auth-penalty {\n  mode = 0\n }\n}\n"
            "service stats {\n chroot =\n}\n"
            "service auth {\n unix_listener %s {\n  mode = 0666\n }\n}\n",
            d->sasl);
    fprintf(f,
            "service lmtp {\n inet_listener lmtp {\n  address = 127.0.0.1\n"
            "  port = %d\n }\n unix_listener %s {\n  mode = 0666\n }\n}\n",
            d->port[LMTP], d->lmtp);
    fprintf(f,
            "service pop3-login {\n chroot =\n inet_listener pop3 {\n"
            "  port = %d\n }\n inet_listener pop3s {\n  port = %d\n"
            "  ssl = yes\n }\n}\n",
            d->port[POP3], d->port[POP3S]);
}

static inline int dovecot_conf(const struct dovecot *d)
{
    const struct passwd *who = getpwnam("nobody");
    const struct group *group;
    FILE *f = fopen(server_path(&d->at, "conf"), "w");
    const char *dir = d->at.dir;

    if (geteuid() != 0)
        who = getpwuid(geteuid());
    if (f == NULL || who == NULL || (group = getgrgid(who->pw_gid)) == NULL)
        return -1;
    fprintf(f,
            "protocols = lmtp pop3\nbase_dir = %s/run\nstate_dir = %s/state\n"
            "log_path = %s/log\nauth_verbose = yes\nauth_failure_delay = "
            "0\nlisten = 127.0.0.1, 127.0.0.2\n",
            dir, dir, dir);
    fprintf(f,
            "default_internal_user = %s\ndefault_internal_group = %s\n"
            "default_login_user = %s\nfirst_valid_uid = 1\n",
            who->pw_name, group->gr_name, who->pw_name);
    fprintf(f,
            "mail_location = maildir:%s/mail/%%n\nmail_uid = %d\n"
            "mail_gid = %d\nhostname = mail.simple.test\n"
            "ssl_cert = <%s\nssl_key = <%s\n",
            dir, (int)who->pw_uid, (int)who->pw_gid, d->certs->good,
            d->certs->good);
    fprintf(f,
            "auth_mechanisms = plain login cram-md5 scram-sha-1"
            " scram-sha-256 oauthbearer xoauth2 apop\n"
            "disable_plaintext_auth = no\n"
            "local 127.0.0.2 {\n disable_plaintext_auth = yes\n}\n"
            "passdb {\n driver = oauth2\n mechanisms = xoauth2 oauthbearer\n"
            " args = %s/oauth2\n}\n"
            "passdb {\n driver = passwd-file\n"
            " mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256"
            " apop\n"
            " args = scheme=PLAIN username_format=%%n %s/users\n}\n"
            "userdb {\n driver = passwd-file\n"
            " args = username_format=%%n %s/users\n"
            " override_fields = uid=%d gid=%d home=%s/home/%%n\n}\n",
            dir, dir, dir, (int)who->pw_uid, (int)who->pw_gid, dir);
    fprintf(f, "protocol lmtp {\n postmaster_address = postmaster@simple.test\n"
               "}\n");
    dovecot_services(f, d);
    return fclose(f);
}

/* Keys lie at CLIENT/ALGORITHM/NAME, in base64. */
static inline int dovecot_oauth(const struct dovecot *d)
{
    const struct server *s = &d->at;
    struct sc_buf key = SC_BUF(200);
    char conf[300];
    int rc;

    snprintf(conf, sizeof conf,
             "introspection_mode = local\nusername_attribute = sub\n"
             "local_validation_key_dict = fs:posix:prefix=%s/keys/\n",
             s->dir);
    sc_base64_encode(&key, DOVECOT_KEY, strlen(DOVECOT_KEY));
    rc = server_write(s, "oauth2", conf);
    if (rc == 0 && server_mkdir(s, "keys") == 0 &&
        server_mkdir(s, "keys/default") == 0 &&
        server_mkdir(s, "keys/default/HS256") == 0)
        rc = server_write(s, "keys/default/HS256/default", key.data);
    sc_buf_free(&key);
    return rc;
}

/* Owned. */
static inline struct sc_buf dovecot_token(const char *user, int seconds)
{
    return jwt_make(user, seconds, DOVECOT_KEY);
}

static inline int dovecot_files(struct dovecot *d)
{
    const struct server *s = &d->at;

    snprintf(d->sasl, sizeof d->sasl, "%s/sasl", s->dir);
    snprintf(d->lmtp, sizeof d->lmtp, "%s/lmtp", s->dir);
    if (server_mkdir(s, "run") < 0 || server_mkdir(s, "state") < 0 ||
        server_mkdir(s, "mail") < 0 || server_mkdir(s, "home") < 0 ||
        server_write(s, "users",
                     "joe:{PLAIN}secret::::::\n"
                     "amy:{PLAIN}pass \"word\" of amy::::::\n") < 0)
        return -1;
    return dovecot_oauth(d);
}

static inline bool dovecot_installed(void)
{
    return server_installed("dovecot") &&
           access("/usr/lib/dovecot/lmtp", X_OK) == 0;
}

/* Another process may take a port before Dovecot does. */
static inline int dovecot_try(struct dovecot *d)
{
    char conf[96];

    snprintf(conf, sizeof conf, "%s/conf", d->at.dir);
    if (server_free_ports(d->port, DOVECOT_PORTS) < 0 || dovecot_conf(d) < 0 ||
        server_spawn(&d->at, (const char *const[]){"dovecot", "-F", "-c", conf,
                                                   NULL}) < 0)
        return -1;
    if (server_wait(&d->at, d->port[LMTP]) == 0)
        return 0;
    print_message("%s\n", server_read(&d->at, "log").data);
    server_end(&d->at, SIGTERM);
    return -1;
}

static inline int dovecot_start(struct dovecot *d, const struct certs *certs)
{
    int rc = -1;

    d->certs = certs;
    if (server_make_dir(&d->at) < 0 || dovecot_files(d) < 0)
        return -1;
    for (int i = 0; i < 3 && rc < 0; i++)
        rc = dovecot_try(d);
    return rc;
}

static inline void dovecot_stop(struct dovecot *d)
{
    server_end(&d->at, SIGTERM);
    server_remove_dir(&d->at);
}

#endif
