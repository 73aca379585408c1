#!/usr/bin/env python3
"""httpget.py HTTPGET [NAME...] - httpget as a program: what it leaves behind when
it is ended or fails, what terminals get to see, many at once, traces."""
import json
import os
import pty
import re
import resource
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time

HTTPGET = os.path.abspath(sys.argv[1])
ZEROS = b"0" * 100000


class Server:
    """Answers by path; counts."""

    def __init__(self):
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(500)
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.lock = threading.Lock()
        self.open = self.most = self.connections = self.flaky = self.sent = 0
        self.heads = []
        self.half = threading.Event()  # a body is half on its way
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            c, _ = self.socket.accept()
            threading.Thread(target=self.serve, args=(c,), daemon=True).start()

    def serve(self, c):
        with self.lock:
            self.connections += 1
            self.open += 1
            self.most = max(self.most, self.open)
        try:
            left = b""
            while True:
                while b"\r\n\r\n" not in left:
                    more = c.recv(65536)
                    if not more:
                        return
                    left += more
                head, _, left = left.partition(b"\r\n\r\n")
                self.heads.append(head)
                if not self.answer(c, head, left):
                    return
                left = b""
        except OSError:
            pass
        finally:
            with self.lock:
                self.open -= 1
            c.close()

    def read_body(self, c, n, left):
        c.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        while len(left) < n:
            more = c.recv(65536)
            if not more:
                break
            left += more
        self.sent = len(left)

    @staticmethod
    def read_chunks(c, left):
        c.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        while not left.endswith(b"0\r\n\r\n"):
            more = c.recv(65536)
            if not more:
                break
            left += more
        body = b""
        while left:
            size, _, left = left.partition(b"\r\n")
            body += left[:int(size, 16)]
            left = left[int(size, 16) + 2:]
        return body

    def answer(self, c, head, left):
        path = head.split(b" ")[1].decode()
        m = re.search(rb"\r\ncontent-length: (\d+)", head.lower())
        if m:
            self.read_body(c, int(m[1]), left)
            left = b""
        if b"\r\ntransfer-encoding: chunked" in head.lower() and \
                path != "/swallow":
            left = self.read_chunks(c, left)
            if path == "/echo":
                c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
                          % len(left) + left)
                return True
        m = re.search(rb"\r\nrange: bytes=(\d+)-", head.lower())
        start = int(m[1]) if m else 0
        if path == "/late":  # cut, then silent, then whole
            self.flaky += 1
            c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
                      + (b"0123456789" if self.flaky > 2 else b"abc"))
            return self.flaky > 2
        if path == "/latepart":  # the same, from where it is asked
            self.flaky += 1
            if self.flaky == 2:
                c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nwrong")
                return False
            c.sendall(b"HTTP/1.1 206 Part\r\nContent-Range: bytes 3-9/10\r\n"
                      b"Content-Length: 7\r\n\r\n"
                      + (b"3456789" if self.flaky > 2 else b"34"))
            return self.flaky > 2
        if path == "/half":
            c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
                      + b"half")
            self.half.set()
            c.recv(1)
            return False
        if path == "/cut":
            c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234")
            return False
        if path == "/rest" and start:
            body = b"0123456789"[start:]
            c.sendall(b"HTTP/1.1 206 Part\r\nContent-Range: bytes %d-9/10\r\n"
                      b"Content-Length: %d\r\n\r\n" % (start, len(body))
                      + body)
            return True
        extra, body, status = b"", path.encode(), b"200 OK"
        if path == "/rest":
            body = b"0123456789"
        elif path == "/zeros":
            body = ZEROS
        elif path == "/nul":
            body = b"a\0b"
        elif path == "/date":
            extra = b"Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
        elif path == "/escape":
            extra = b"X-Colour: \x1b[31mred\r\n"
        elif path == "/cookie":
            extra = b"Set-Cookie: a=1; path=/\r\n"
        elif path in ("/404", "/503"):
            status = path[1:].encode() + b" No"
        elif path == "/secret":
            status = b"302 Found"
            extra = b"Location: http://joe:geheim@127.0.0.1:1/x\r\n"
        elif path == "/private" and b"\r\nAuthorization:" not in head:
            status = b"401 Who"
            extra = b'WWW-Authenticate: Basic realm="r"\r\n'
        elif path == "/switch":
            c.sendall(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n"
                      b"Connection: upgrade\r\n\r\nhello")
            return False
        elif path == "/swallow":  # the body, for ever
            while c.recv(65536):
                pass
            return False
        elif path.startswith("/moved/"):
            status = b"302 Found"
            extra = b"Location: " + path[7:].encode() + b"\r\n"
        elif path == "/flaky":
            self.flaky += 1
            status = b"200 OK" if self.flaky > 1 else b"503 Busy"
            extra = b"Retry-After: 0\r\n"
        c.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Length: %d\r\n"
                  % len(body) + extra + b"\r\n" + body)
        return True


TESTS = []


def test(f):
    TESTS.append(f)
    return f


def run(*args, **more):
    """Exit code, stdout, stderr."""
    r = subprocess.run([HTTPGET, *args], timeout=30, check=False,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
    return r.returncode, r.stdout, r.stderr


def check(good, *what):
    if not good:
        raise AssertionError(" ".join(str(w) for w in what))


def read(path):
    with open(path, "rb") as f:
        return f.read()


def write(path, data):
    with open(path, "wb") as f:
        f.write(data)


class NoTerminal(Exception):
    """This machine has none to give (no /dev/pts)."""


def make_terminal():
    try:
        return pty.openpty()
    except OSError as e:
        raise NoTerminal(e) from e


def on_terminal(*args, stdout=False, stderr=False):
    """Exit code and what the terminal got."""
    ours, theirs = make_terminal()
    p = subprocess.Popen([HTTPGET, *args], stdin=subprocess.DEVNULL,
                         stdout=theirs if stdout else subprocess.PIPE,
                         stderr=theirs if stderr else subprocess.PIPE)
    os.close(theirs)
    got = b""
    while True:
        try:
            more = os.read(ours, 65536)
        except OSError:
            break
        if not more:
            break
        got += more
    p.communicate(timeout=30)
    os.close(ours)
    return p.returncode, got


# --- ended, or failed ---

def ended_by(sig, s, d):
    def before():
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(sig, signal.SIG_DFL)  # ignored below nohup and "&"

    write("f", b"old")
    p = subprocess.Popen([HTTPGET, "-s", "-o", "f", s.url + "/half"],
                         preexec_fn=before)
    check(s.half.wait(10), "no request came")
    deadline = time.monotonic() + 10
    while len(os.listdir(d)) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)  # the temporary file comes with the first byte
    check(len(os.listdir(d)) == 2, os.listdir(d))
    p.send_signal(sig)
    check(p.wait(10) == -sig, "it ended with", p.returncode)
    check(os.listdir(d) == ["f"] and read("f") == b"old", os.listdir(d))


@test
def sigterm_leaves_the_old_file_and_no_other(s, d):
    ended_by(signal.SIGTERM, s, d)


@test
def sigint_leaves_the_old_file_and_no_other(s, d):
    ended_by(signal.SIGINT, s, d)


@test
def other_signals_leave_the_old_file_and_no_other(s, d):
    for sig in (signal.SIGQUIT, signal.SIGALRM, signal.SIGUSR1,
                signal.SIGXCPU):
        s.half.clear()
        ended_by(sig, s, d)


@test
def a_failure_among_many_leaves_the_others(s, d):
    code, _, err = run("-Z", s.url + "/[1-20]", s.url + "/cut", "-o", "f#1",
                       "-o", "cut")
    check(code == 18, code, err)
    check(sorted(os.listdir(d)) == sorted(f"f{i}" for i in range(1, 21)),
          os.listdir(d))
    check(read("f7") == b"/7", read("f7"))


@test
def a_place_that_is_no_folder_is_exit_23(s, d):
    write("f", b"")
    code, out, err = run("-o", "f/x", s.url + "/a")
    check((code, out) == (23, b"") and err.count(b"\n") == 1, code, err)


@test
def a_full_disk_is_exit_23_for_heads_too(s, d):
    for args in (["-o", "/dev/full"], ["-D", "/dev/full"],
                 ["-i", "-o", "/dev/full"]):
        code, _, err = run(*args, s.url + "/a")
        check(code == 23 and err.count(b"\n") == 1, args, code, err)
    with open("/dev/full", "wb") as full:
        r = subprocess.run([HTTPGET, s.url + "/zeros"], stdout=full,
                           stderr=subprocess.PIPE, check=False)
    check(r.returncode == 23 and r.stderr.count(b"\n") == 1, r)


@test
def a_closed_stdout_is_exit_23_and_no_socket_takes_its_place(s, d):
    for shut in (">&-", ">&- <&-", ">&- 2>&- <&-"):
        r = subprocess.run(["sh", "-c", f'"$0" "$1" {shut}', HTTPGET,
                            s.url + "/zeros"], timeout=30, check=False)
        check(r.returncode == 23, shut, r.returncode)
    r = subprocess.run(["sh", "-c", '"$0" -o f "$1" >&- 2>&- <&-', HTTPGET,
                        s.url + "/a"], timeout=30, check=False)
    check(r.returncode == 0 and read("f") == b"/a", r.returncode)


@test
def line_ends_in_what_is_sent_are_refused(s, d):
    for args in (["-H", "X: a\r\nEvil: b"], ["-H", "X: a\nEvil: b"],
                 ["-X", "GET /x HTTP/1.1\r\nEvil: b\r\n\r\n"],
                 ["-A", "a\r\nEvil: b"], ["-e", "a\r\nEvil: b"],
                 ["-b", "a=b\r\nEvil: c"], ["--oauth2-bearer", "a\r\nEvil: b"],
                 ["--request-target", "/ HTTP/1.1\r\nEvil: b"]):
        code, out, err = run(*args, s.url + "/a")
        check(code != 0 and out == b"" and err.count(b"\n") == 1, args, code,
              err)
    check(not any(b"Evil" in h for h in s.heads), s.heads)


# --- files ---

@test
def an_interrupted_download_goes_on_where_it_ended(s, d):
    code, _, _ = run("-s", "-C", "-", "-o", "f", s.url + "/cut")
    check(code == 18 and read("f") == b"01234", code, os.listdir(d))
    code, _, _ = run("-s", "-C", "-", "-o", "f", s.url + "/rest")
    check(code == 0 and read("f") == b"0123456789", code, read("f"))
    check(b"\r\nRange: bytes=5-" in s.heads[-1], s.heads[-1])


@test
def a_server_without_ranges_begins_anew(s, d):
    write("f", b"abc")
    code, _, err = run("-C", "-", "-o", "f", s.url + "/whole")
    check(code == 0 and read("f") == b"/whole", code, err, read("f"))
    check(os.listdir(d) == ["f"], os.listdir(d))


@test
def what_is_no_range_is_not_added_to_a_file(s, d):
    for path in ("/404", "/503", "/moved/rest"):
        for args in ([], ["--fail-with-body"], ["-i"]):
            write("f", b"abc")
            code, _, err = run("-C", "-", "-o", "f", *args, s.url + path)
            check(code == 33 and read("f") == b"abc", path, args, code, err,
                  read("f"))
    write("f", b"abc")
    code, _, err = run("--anyauth", "-u", "a:b", "-C", "-", "-o", "f",
                       s.url + "/private")
    check(code == 0 and read("f") == b"/private", code, err, read("f"))
    write("f", b"abc")
    code, _, err = run("-L", "-C", "-", "-o", "f", s.url + "/moved//rest")
    check(code == 0 and read("f") == b"abc3456789", code, err, read("f"))


@test
def remove_on_error_removes_a_half_that_was_continued(s, d):
    code, _, _ = run("-s", "-C", "-", "--remove-on-error", "-o", "f",
                     s.url + "/cut")
    check(code == 18 and os.listdir(d) == [], code, os.listdir(d))


@test
def the_time_of_the_server_becomes_the_file_s(s, d):
    code, _, _ = run("-R", "-o", "f", s.url + "/date")
    check(code == 0 and os.stat("f").st_mtime == 784111777, os.stat("f"))


@test
def a_symbolic_link_is_followed(s, d):
    os.mkdir("sub")
    os.symlink("sub/real", "f")
    write("sub/real", b"old")
    code, _, err = run("-o", "f", s.url + "/new")
    check(code == 0 and os.path.islink("f") and read("sub/real") == b"/new",
          code, err)


@test
def a_symbolic_link_into_nowhere_makes_its_target(s, d):
    os.mkdir("sub")
    os.symlink("real", "sub/f")
    os.symlink("sub/f", "g")
    for name in ("sub/f", "g"):
        code, _, err = run("-o", name, s.url + "/new")
        check(code == 0 and os.path.islink(name), name, code, err)
        check(read("sub/real") == b"/new", os.listdir("sub"))
        os.unlink("sub/real")


@test
def a_file_with_two_names_stays_one(s, d):
    write("f", b"old and longer")
    os.link("f", "g")
    code, _, err = run("-o", "f", s.url + "/new")
    check(code == 0 and read("g") == b"/new", code, err, read("g"))
    check(sorted(os.listdir(d)) == ["f", "g"], os.listdir(d))


def as_nobody():
    """More words for run: another user, if there is a choice."""
    return {"user": 65534, "group": 65534} if os.geteuid() == 0 else {}


@test
def a_file_keeps_its_owner(s, d):
    write("f", b"old")
    os.chmod("f", 0o666)
    if os.geteuid() == 0:
        os.chown("f", 65534, 65533)
    old = os.stat("f")
    check(run("-o", "f", s.url + "/new")[0] == 0 and read("f") == b"/new")
    new = os.stat("f")
    check((old.st_uid, old.st_gid) == (new.st_uid, new.st_gid), old, new)
    if os.geteuid() == 0:  # another's, which this user may write only
        os.chown("f", 0, 0)
        os.chmod(d, 0o777)
        code, _, err = run("-o", "f", s.url + "/newer", **as_nobody())
        check(code == 0 and read("f") == b"/newer", code, err)
        check(os.stat("f").st_uid == 0 and os.listdir(d) == ["f"],
              os.listdir(d))


@test
def a_folder_that_cannot_be_written_holds_a_file_that_can(s, d):
    write("f", b"old and longer")
    os.chmod("f", 0o666)
    os.chmod(d, 0o555)
    code, _, err = run("-o", "f", s.url + "/new", **as_nobody())
    check(code == 0 and read("f") == b"/new", code, err, read("f"))
    code, _, err = run("-o", "g", s.url + "/new", **as_nobody())
    check(code == 23 and os.listdir(d) == ["f"], code, err)
    os.chmod(d, 0o755)


@test
def a_name_may_be_as_long_as_names_can_be(s, d):
    for name in ("a" * 255, "b" * 249):
        code, _, err = run("-o", name, s.url + "/new")
        check(code == 0 and read(name) == b"/new", code, err)
    check(len(os.listdir(d)) == 2, os.listdir(d))
    check(run("-o", "a" * 256, s.url + "/new")[0] == 23)


@test
def a_url_in_a_query_is_not_the_url(s, d):
    code, _, err = run("-O", s.url + "/name?to=http://x/other")
    check(code == 0 and os.listdir(d) == ["name"], code, err, os.listdir(d))
    bare = s.url[len("http://"):]
    code, _, err = run("--proto-default", "http", "-T", "name",
                       bare + "?to=http://x/")
    check(code == 0, code, err)
    check(s.heads[-1].startswith(b"PUT /name?to=http://x/ HTTP/1.1\r\n"),
          s.heads[-1])
    code, out, err = run(bare + "?to=ftp://x/a")
    check(code == 0 and out == b"/?to=ftp://x/a", code, out, err)


@test
def modes_are_kept_or_as_told(s, d):
    write("f", b"old")
    os.chmod("f", 0o604)
    check(run("-o", "f", s.url + "/a")[0] == 0)
    check(stat.S_IMODE(os.stat("f").st_mode) == 0o604, oct(os.stat("f").st_mode))
    check(run("--create-file-mode", "600", "-o", "g", s.url + "/a")[0] == 0)
    check(stat.S_IMODE(os.stat("g").st_mode) == 0o600, oct(os.stat("g").st_mode))


@test
def without_clobbering_a_number_is_added(s, d):
    for _ in range(3):
        check(run("--no-clobber", "-o", "f", s.url + "/a")[0] == 0)
    check(sorted(os.listdir(d)) == ["f", "f.1", "f.2"], os.listdir(d))


@test
def a_jar_is_private(s, d):
    check(run("-c", "jar", s.url + "/cookie")[0] == 0)
    check(stat.S_IMODE(os.stat("jar").st_mode) == 0o600, oct(os.stat("jar").st_mode))
    check(re.search(rb"^127\.0\.0\.1\tFALSE\t/\tFALSE\t0\ta\t1$", read("jar"),
                    re.M), read("jar"))


# --- terminals ---

@test
def control_bytes_of_heads_are_masked_on_terminals_only(s, d):
    code, got = on_terminal("-I", s.url + "/escape", stdout=True)
    check(code == 0 and b"X-Colour: ?[31mred" in got, code, got)
    check(b"\x1b[31m" in run("-I", s.url + "/escape")[1], "in a pipe")


@test
def binary_data_does_not_go_to_a_terminal(s, d):
    code, got = on_terminal("-s", s.url + "/nul", stdout=True)
    check(code == 23 and b"\0" not in got, code, got)
    code, got = on_terminal("-s", "-o", "-", s.url + "/nul", stdout=True)
    check(code == 0 and b"a\0b" in got, code, got)


@test
def a_meter_is_drawn_on_terminals_only(s, d):
    code, got = on_terminal("-o", "f", s.url + "/zeros", stderr=True)
    check(code == 0 and b"% Total" in got and b"100 " in got, code, got)
    code, got = on_terminal("-#", "-o", "f", s.url + "/zeros", stderr=True)
    check(code == 0 and b"####" in got and b"100.0%" in got, code, got)
    for args in (["-s"], ["--no-progress-meter"], ["-v"]):
        code, got = on_terminal(*args, "-o", "f", s.url + "/zeros", stderr=True)
        check(code == 0 and b"Total" not in got, args, got)
    check(run("-o", "f", s.url + "/zeros")[2] == b"", "in a pipe")


# --- traces ---

@test
def secrets_are_masked_unless_told_otherwise(s, d):
    args = ["-v", "-u", "joe:secret", "-b", "key=value", s.url + "/a"]
    err = run(*args)[2]
    check(b"am9lOnNlY3JldA" not in err and b"key=value" not in err, err)
    err = run("--trace-secrets", *args)[2]
    check(b"> Authorization: Basic am9lOnNlY3JldA==\n" in err, err)
    check(b"> Cookie: key=value\n" in err, err)


@test
def a_cookie_that_is_set_is_masked_too(s, d):
    for args in (["-v"], ["--trace-ascii", "-"]):
        _, out, err = run(*args, s.url + "/cookie")
        check(b"Set-Cookie: ***" in out + err and b"a=1" not in out + err,
              args, out, err)
        _, out, err = run("--trace-secrets", *args, s.url + "/cookie")
        check(b"Set-Cookie: a=1" in out + err, args, out, err)
    out = run("-i", s.url + "/cookie")[1]
    check(b"Set-Cookie: a=1" in out, out)


@test
def a_trace_has_all_bytes(s, d):
    check(run("--trace-ascii", "t", "-d", "the data", s.url + "/a")[0] == 0)
    text = read("t")
    for want in (b"=> Send header, ", b"0000: POST /a HTTP/1.1\n",
                 b"=> Send data, 8 bytes (0x8)\n0000: the data\n",
                 b"<= Recv header, ", b": HTTP/1.1 200 OK\n",
                 b"<= Recv data, 2 bytes (0x2)\n0000: /a\n"):
        check(want in text, want, text)
    check(run("--trace", "t", "--trace-time", s.url + "/a")[0] == 0)
    check(re.search(rb"^\d\d:\d\d:\d\d\.\d{6} <= Recv data, 2 bytes \(0x2\)\n"
                    rb"0000: 2f 61  +/a\n", read("t"), re.M), read("t"))


@test
def passwords_and_values_are_not_in_texts(s, d):
    own = s.url.replace("//", "//joe:geheim@")
    for args in (["http://joe:geheim@h/{a"], ["joe:geheim@h/{"],
                 ["http://joe:geheim@[::1/"], ["foo://joe:geheim@h/"],
                 ["http://joe:geheim@127.0.0.1:99999/"],
                 ["foo://joe:ge/heim@h/"],
                 ["--proto", "=https", "http://joe:geheim@h/"],
                 ["-H", "Authorization: geheim\r\nx", s.url],
                 ["-F", "a=b;headers=geheim", s.url],
                 ["-F", 'a=b;headers="N@me: geheim"', s.url]):
        code, out, err = run(*args, "-w", "%{url} %{url_effective} %{json}")
        check(code != 0 and err.count(b"\n") == 1, args, code, err)
        check(b"heim" not in out + err, args, out, err)
    for args in ([own + "/secret"], ["-L", own + "/secret"], [own + "/a"],
                 ["-m", "0.001", own + "/half"]):
        code, out, err = run(*args, "-o", "f", "-w", "%{url} %{url_effective} "
                             "%{redirect_url} %{json}")
        check(b"geheim" not in out + err, args, out, err)


# --- many ---

@test
def many_at_once_are_never_more_than_told(s, d):
    code, out, err = run("-Z", "--parallel-max", "7", s.url + "/[100-299]")
    check(code == 0 and err == b"", code, err)
    check(sorted(re.findall(rb"/\d{3}", out)) ==
          [b"/%d" % i for i in range(100, 300)], out[:200])
    check(1 < s.most <= 7, s.most)


@test
def one_after_the_other_share_a_connection(s, d):
    code, out, _ = run(s.url + "/[1-9]")
    check(code == 0 and out == b"/1/2/3/4/5/6/7/8/9", out)
    check(s.connections == 1, s.connections)


@test
def early_failure_stops_the_rest(s, d):
    check(run("-sf", "--fail-early", s.url + "/404", s.url + "/a")[0] == 22)
    check(len(s.heads) == 1, s.heads)


@test
def early_failure_ends_what_is_under_way(s, d):
    code, out, err = run("-Z", "--fail-early", "-f", s.url + "/404",
                         s.url + "/half", "-o", "a", "-o", "b")
    check((code, out) == (22, b"") and err.count(b"\n") == 1, code, err)
    check(os.listdir(d) == [], os.listdir(d))


# --- the rest ---

@test
def a_retry_is_told_and_succeeds(s, d):
    code, out, err = run("--retry", "2", s.url + "/flaky")
    check((code, out) == (0, b"/flaky") and err.count(b"\n") == 1, code, err)
    check(s.flaky == 2, s.flaky)


@test
def a_file_is_begun_anew_by_a_retry(s, d):
    args = ["--retry", "2", "--retry-delay", "0.05", "--retry-all-errors", "-s"]
    code, _, err = run(*args, "-o", "f", s.url + "/late")
    check(code == 0 and read("f") == b"0123456789", code, err, read("f"))
    check(s.flaky == 3 and os.listdir(d) == ["f"], s.flaky, os.listdir(d))
    s.flaky = 0
    code, out, _ = run(*args, s.url + "/late")
    check((code, out, s.flaky) == (18, b"abc", 1), code, out, s.flaky)
    s.flaky = 0
    write("f", b"012")
    code, _, err = run(*args, "-C", "-", "-o", "f", s.url + "/latepart")
    check(code == 0 and read("f") == b"0123456789", code, err, read("f"))
    check(s.flaky == 3 and os.listdir(d) == ["f"], s.flaky, os.listdir(d))
    s.flaky = 0
    write("f", b"old and longer than it")
    os.link("f", "g")
    code, _, err = run(*args, "-i", "-o", "f", s.url + "/late")
    check(code == 0 and read("g") == b"HTTP/1.1 200 OK\r\nContent-Length: 10"
          b"\r\n\r\n0123456789", code, err, read("g"))


@test
def a_rate_is_kept(s, d):
    begin = time.monotonic()
    code, out, _ = run("--limit-rate", "100k", s.url + "/zeros")
    took = time.monotonic() - begin
    check(code == 0 and out == ZEROS and 0.7 < took < 5, code, took)


@test
def the_time_of_all_holds_under_a_rate(s, d):
    write("f", ZEROS)
    for args in (["-o", "g", s.url + "/zeros"], ["-T", "f", s.url + "/up"]):
        begin = time.monotonic()
        code, _, err = run("-m", "0.5", "--limit-rate", "10k", *args)
        took = time.monotonic() - begin
        check(code == 28 and 0.4 < took < 4, args, code, took, err)
        check(err.count(b"\n") == 1, err)


def time_with_stdin(s, stdin, *args):
    begin = time.monotonic()
    code, out, err = run("-m", "0.5", *args, s.url + "/swallow", stdin=stdin)
    took = time.monotonic() - begin
    check(code == 28 and 0.4 < took < 5, args, code, took, err)
    return out


@test
def the_time_of_all_holds_while_stdin_is_silent(s, d):
    ours, theirs = os.pipe()
    one, other = socket.socketpair()
    master, terminal = make_terminal()
    for stdin in (ours, one.fileno(), terminal):
        time_with_stdin(s, stdin, "-T", "-")
        check(os.get_blocking(stdin), "stdin was left non-blocking")
    out = time_with_stdin(s, ours, "-Z", "-T", "-", s.url + "/other", "-o",
                          "f")
    check(out == b"" or out == b"/other", out)
    one.close()
    other.close()
    for fd in (ours, theirs, master, terminal):
        os.close(fd)


@test
def a_silent_stdin_does_not_hold_up_others(s, d):
    ours, theirs = os.pipe()
    p = subprocess.Popen([HTTPGET, "-s", "-Z", "-T", "-", s.url + "/up",
                          s.url + "/a", "-o", "up", "-o", "a"], stdin=ours)
    os.close(ours)
    deadline = time.monotonic() + 10
    while not os.path.exists("a") and time.monotonic() < deadline:
        time.sleep(0.01)
    done = os.path.exists("a")
    os.write(theirs, b"at last")
    os.close(theirs)
    check(p.wait(10) == 0 and done, p.returncode, os.listdir(d))
    check(b"\r\nTransfer-Encoding: chunked" in b"".join(s.heads), s.heads)


@test
def stdin_may_be_anything(s, d):
    write("f", b"some bytes")
    with open("f", "rb") as f:
        check(run("-T", "-", s.url + "/echo", stdin=f)[1] == b"some bytes")
    check(run("-T", "-", s.url + "/echo", input=b"of a pipe")[1]
          == b"of a pipe")
    with open("/dev/null", "rb") as f:
        code, out, err = run("-T", "-", s.url + "/echo", stdin=f)
        check((code, out) == (0, b""), code, out, err)
    one, other = socket.socketpair()
    other.sendall(b"of a socket")
    other.close()
    check(run("-T", "-", s.url + "/echo", stdin=one)[1] == b"of a socket")
    one.close()


@test
def another_protocol_is_a_failure(s, d):
    code, _, err = run("-H", "Upgrade: x", "-H", "Connection: upgrade",
                       s.url + "/switch")
    check(code == 8 and err.count(b"\n") == 1, code, err)


@test
def urls_are_begun_at_a_pace(s, d):
    begin = time.monotonic()
    code, out, _ = run("--rate", "4/s", s.url + "/[1-4]")
    took = time.monotonic() - begin
    check(code == 0 and out == b"/1/2/3/4" and 0.7 < took < 5, code, took)
    check(run("--rate", "0/s", s.url + "/a")[0] == 2)
    check(run("--rate", "4/x", s.url + "/a")[0] == 2)


@test
def a_dry_run_prints_the_bytes_and_sends_none(s, d):
    for args in (["-u", "a:b", "-H", "X: y"], ["-d", "x=y"], ["-I"],
                 ["-X", "DELETE", "-b", "k=v", "--compressed"]):
        code, out, err = run("--dry-run", *args, "-o", "f", s.url + "/dry")
        check(code == 0 and s.connections == 0, args, code, err)
        check(run(*args, "-o", "g", s.url + "/dry")[0] == 0)
        check(out.split(b"\r\n\r\n")[0] == s.heads[-1], out, s.heads[-1])
        s.connections = 0
    check(os.listdir(d) == ["g"], os.listdir(d))
    out = run("--dry-run", "-T", "-", "https://example.org/x", input=b"abc")[1]
    check(b"\r\nHost: example.org\r\n" in out and
          out.endswith(b"\r\n\r\n3\r\nabc\r\n0\r\n\r\n"), out)


@test
def what_is_sent_keeps_the_rate_too(s, d):
    write("f", ZEROS)
    for args in (["-T", "f"], ["--data-binary", "@f"], ["-F", "x=@f"]):
        begin = time.monotonic()
        code, _, err = run("--limit-rate", "150k", *args, s.url + "/up")
        took = time.monotonic() - begin
        check(code == 0 and 0.4 < took < 5, args, code, took, err)
        check(s.sent >= len(ZEROS), args, s.sent)


@test
def what_is_written_out_is_json(s, d):
    code, _, err = run("-o", "f", "-w", "%{stderr}%{json}\\n%{header_json}",
                       s.url + "/date")
    figures, head = err.split(b"\n", 1)
    got, fields = json.loads(figures), json.loads(head)
    check(code == 0 and got["response_code"] == 200, got)
    check(got["size_download"] == 5 and got["filename_effective"] == "f", got)
    check(0 <= got["time_namelookup"] <= got["time_connect"]
          <= got["time_pretransfer"] <= got["time_starttransfer"]
          <= got["time_total"] < 10, got)
    check(fields["last-modified"] == ["Sun, 06 Nov 1994 08:49:37 GMT"], fields)


@test
def a_version_has_curl_s_form(s, d):
    code, out, _ = run("--version")
    lines = out.decode().splitlines()
    check(code == 0 and re.match(r"httpget \d+\.\d+\.\d+ \(", lines[0]), out)
    check(lines[1] == "Protocols: http https", out)
    check(lines[2].startswith("Features: "), out)


@test
def silence_is_silent_and_errors_may_be_shown(s, d):
    check(run("-s", s.url + "/cut")[2] == b"")
    check(run("-sS", s.url + "/cut")[2].startswith(b"httpget: "))
    code, out, err = run("--stderr", "no/e", s.url + "/a")
    check((code, out) == (23, b"") and err.startswith(b"httpget: "), code, err)
    check(run("--stderr", "e", s.url + "/cut")[2] == b"")
    check(read("e").startswith(b"httpget: "), read("e"))


def main():
    bad = skipped = 0
    for k in [k for k in os.environ if k.lower().endswith("_proxy")]:
        del os.environ[k]
    for f in TESTS:
        if sys.argv[2:] and f.__name__ not in sys.argv[2:]:
            continue
        with tempfile.TemporaryDirectory() as d:
            os.chdir(d)
            try:
                f(Server(), d)
            except (AssertionError, subprocess.TimeoutExpired) as e:
                print(f"{f.__name__}: {e}")
                bad += 1
            except NoTerminal as e:
                print(f"{f.__name__}: skipped: {e}")
                skipped += 1
            os.chdir("/")
    print(f"{len(TESTS)} tests, {bad} failed, {skipped} skipped")
    sys.exit(1 if bad else 77 if skipped else 0)


main()
