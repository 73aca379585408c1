/* ftp.h - FTP servers: vsftpd, installed, and Pure-FTPd, unpacked. Anybody may
 * read and write below "pub". */
#ifndef TESTS_SERVERS_FTP_H
#define TESTS_SERVERS_FTP_H

#include <pwd.h>

#include "server.h"

static inline int ftp_files_of(struct server *s)
{
    if (server_make_dir(s) < 0 || server_mkdir(s, "pub") < 0 ||
        server_mkdir(s, "pub/sub") < 0 || server_mkdir(s, "pub/up") < 0 ||
        server_mkdir(s, "empty") < 0 ||
        server_write(s, "pub/hello.txt", "hello\r\n") < 0 ||
        server_write(s, "pub/sub/a b", "0123456789") < 0)
        return -1;
    return chmod(server_path(s, "pub"), 0755);
}

/* CERT: with its key; NULL: no TLS. MORE: lines of its own. */
static inline int vsftpd_start(struct server *s, const char *cert,
                               const char *more)
{
    const char *argv[] = {"vsftpd", NULL, NULL};
    const struct passwd *me = getpwuid(getuid());
    char conf[3000], tls[800] = "";

    if (me == NULL || ftp_files_of(s) < 0 ||
        (s->port = server_free_port()) == 0)
        return -1;
    if (cert != NULL)
        snprintf(tls, sizeof tls,
                 "ssl_enable=YES\nallow_anon_ssl=YES\nrsa_cert_file=%s\n"
                 "force_anon_logins_ssl=YES\nforce_anon_data_ssl=YES\n"
                 "require_ssl_reuse=YES\nssl_ciphers=HIGH\n",
                 cert);
    snprintf(conf, sizeof conf,
             "listen=YES\nlisten_address=127.0.0.1\nlisten_port=%d\n"
             "background=NO\nrun_as_launching_user=YES\nseccomp_sandbox=NO\n"
             "anonymous_enable=YES\nanon_root=%s/pub\nftp_username=%s\n"
             "secure_chroot_dir=%s/empty\nanon_world_readable_only=NO\n"
             "write_enable=YES\nanon_upload_enable=YES\nanon_umask=022\n"
             "anon_mkdir_write_enable=YES\nanon_other_write_enable=YES\n"
             "%s%s",
             s->port, s->dir, me->pw_name, s->dir, tls, more);
    if (server_write(s, "conf", conf) < 0)
        return -1;
    argv[1] = server_path(s, "conf");
    return server_spawn(s, argv) < 0 ? -1 : server_wait(s, s->port);
}

#ifdef UNPACKED
#define PURE_WITH UNPACKED "/pure-ftpd/with"

/* It reads what is in the home of the user ftp: a mount namespace gives it one.
 * That, and a change of user, only root can. */
static inline bool pure_installed(void)
{
    const struct passwd *ftp = getpwnam("ftp");

    return access(PURE_WITH, X_OK) == 0 && ftp != NULL && getuid() == 0 &&
           access(ftp->pw_dir, R_OK) == 0 &&
           system("unshare -m true 2>/dev/null") == 0;
}

static inline int pure_start(struct server *s, const char *more)
{
    const char *argv[] = {"unshare", "-m", "sh", "-c", NULL, NULL};
    char line[1000];

    if (ftp_files_of(s) < 0 || (s->port = server_free_port()) == 0 ||
        chmod(server_path(s, "pub"), 0777) < 0)
        return -1;
    snprintf(line, sizeof line,
             "mount --bind %s/pub %s && exec %s pure-ftpd -S 127.0.0.1,%d -e "
             "-H -4 %s",
             s->dir, getpwnam("ftp")->pw_dir, PURE_WITH, s->port, more);
    argv[4] = line;
    return server_spawn(s, argv) < 0 ? -1 : server_wait(s, s->port);
}
#endif

static inline void ftp_stop(struct server *s)
{
    server_end(s, SIGTERM);
    server_remove_dir(s);
}

#endif
