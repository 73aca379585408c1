/* program.h - run a program while the test's own tasks go on: what goes in, what
 * comes out, which exit code. */
#ifndef TESTS_LOOPBACK_PROGRAM_H
#define TESTS_LOOPBACK_PROGRAM_H

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <simpleclient/stream.h>

extern char **environ;

/* Zero bytes are an empty one; what was printed is freed by program_free. */
struct program {
    const char *path;
    struct sc_span in; /* stdin */
    bool in_file;      /* through a file, not a pipe */
    int in_fd;         /* or this descriptor, if not 0; taken */
    struct sc_buf out, err;
};

static inline void program_free(struct program *p)
{
    sc_buf_free(&p->out);
    sc_buf_free(&p->err);
}

/* What is given fits into a pipe. */
static inline int program_stdin(struct program *p)
{
    int fd[2] = {p->in_fd, 0};

    p->in_fd = 0;
    if (fd[0] > 0)
        return fd[0];
    if (p->in_file) {
        fd[0] = memfd_create("stdin", MFD_CLOEXEC);
        assert_int_equal(write(fd[0], p->in.data, p->in.len), p->in.len);
        lseek(fd[0], 0, SEEK_SET);
        return fd[0];
    }
    assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
    assert_int_equal(write(fd[1], p->in.data, p->in.len), p->in.len);
    close(fd[1]);
    return fd[0];
}

/* All that comes through FD, which is taken. */
static inline void program_drain(int fd, struct sc_buf *to)
{
    Stream *s = sc_stream_fd(fd, NULL);
    char part[1024];
    ssize_t n;

    assert_non_null(s);
    sc_buf_free(to);
    to->limit = 1 << 20;
    assert_int_equal(sc_buf_add(to, "", 0), 0);
    while ((n = sc_stream_read(s, part, sizeof part, NULL)) > 0)
        assert_int_equal(sc_buf_add(to, part, (size_t)n), 0);
    assert_int_equal(n, 0);
    sc_stream_close(s);
}

static inline pid_t program_spawn(const struct program *p, int in, int out,
                                  int err, const char *const *argv)
{
    posix_spawn_file_actions_t actions;
    pid_t child;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, 0);
    posix_spawn_file_actions_adddup2(&actions, out, 1);
    posix_spawn_file_actions_adddup2(&actions, err, 2);
    if (posix_spawn(&child, p->path, &actions, NULL, (char *const *)argv,
                    environ) != 0)
        fail_msg("%s does not start", p->path);
    posix_spawn_file_actions_destroy(&actions);
    return child;
}

/* Run it to its end. ARGV[0] is anything. Returns its exit code. */
static inline int program_run(struct program *p, const char *const *argv)
{
    int in = program_stdin(p), out[2], err[2], status;
    pid_t child;

    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    assert_int_equal(pipe2(err, O_CLOEXEC), 0);
    child = program_spawn(p, in, out[1], err[1], argv);
    close(in);
    close(out[1]);
    close(err[1]);
    program_drain(out[0], &p->out);
    program_drain(err[0], &p->err);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

#endif
