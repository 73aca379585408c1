#!/usr/bin/env python3
"""urlget_like_curl.py URLGET [-v] [NAME...] - the same options for urlget and for
curl 7.88, for what is not http: the same exit code, stdout, files, and the same
commands to the server.

Peers: vsftpd, gophernicus and Dovecot where they are installed; servers of this
file that answer oddly; files. Exit code 77: no curl. What is left out of the
comparison of commands, and why, stands in docs/design/urlget-and-curl.md."""
import grp
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

CASES = []
MESSAGE = b"Subject: hello\r\nFrom: a@b.example\r\n\r\nfirst\r\n.dot\r\nlast\r\n"


def case(name, *args, **more):
    """ARGS: {d} is an own directory; {v} vsftpd's URL, {f} {s} {p} those of the
    servers here, {t} that of one with TLS,
    {g} gophernicus', {m} Dovecot's place, {n} that of TLS, {c} certificate,
    {x} a proxy. ODD: verb -> answer of a
    server here. BUT: what may differ."""
    CASES.append((name, list(args), more))


# --- servers that answer as they are told ---

class Peer:
    """One line in, one answer out; ODD: answers instead of the usual ones."""
    greeting = b"220 hello"

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.lines, self.odd, self.open = [], {}, 0
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            c, _ = self.listener.accept()
            self.open += 1
            threading.Thread(target=self.meet, args=(c,), daemon=True).start()

    def meet(self, c):
        try:
            c.settimeout(10)
            with c, c.makefile("rwb") as f:
                self.talk(f)
        except OSError:
            pass
        self.open -= 1

    def say(self, f, text):
        if text is None:
            raise OSError
        f.write(text + b"\r\n")
        f.flush()

    def talk(self, f):
        self.say(f, self.odd.get("", self.greeting))
        state = {}
        for line in f:
            line = line.rstrip(b"\r\n")
            self.lines.append(line.decode("latin-1"))
            verb = line.split(b" ")[0].upper().decode("latin-1")
            answer = self.odd.get(verb, "")
            if answer == "":
                answer = self.answer(f, verb, line, state)
            if answer is not None or verb in self.odd:
                self.say(f, answer)
            if verb == "QUIT":
                break

    def answer(self, f, verb, line, state):
        return b"500 unknown"


class Ftp(Peer):
    FILE = b"0123456789\r\n"

    def listen(self, state):
        state["data"] = socket.create_server(("127.0.0.1", 0))
        state["data"].settimeout(10)
        return state["data"].getsockname()[1]

    def transfer(self, f, state, out):
        self.say(f, b"150 here it comes")
        if "port" in state:
            c = socket.create_connection(("127.0.0.1", state.pop("port")))
        else:
            c, _ = state["data"].accept()
        with c:
            if out is not None:
                c.sendall(out)
            else:
                while c.recv(65536):
                    pass
        self.say(f, self.odd.get("226", b"226 done"))

    def answer(self, f, verb, line, state):
        if verb in ("USER", "PASS"):
            return b"331 password" if verb == "USER" else b"230 in"
        if verb == "PWD":
            return b'257 "/"'
        if verb in ("CWD", "TYPE", "NOOP", "DELE", "ACCT", "MKD", "SITE"):
            return b"230 in" if verb == "ACCT" else b"200 ok"
        if verb == "EPSV":
            return b"229 here (|||%d|)" % self.listen(state)
        if verb == "PASV":
            n = self.listen(state)
            return b"227 here (10,0,0,1,%d,%d)" % (n // 256, n % 256)
        if verb == "PORT":
            n = line.split(b",")
            state["port"] = int(n[4]) * 256 + int(n[5])
            return b"200 ok"
        if verb == "EPRT":
            state["port"] = int(line.split(b"|")[3])
            return b"200 ok"
        if verb == "SIZE":
            return b"213 %d" % len(self.FILE)
        if verb == "MDTM":
            return b"213 19941106084937"
        if verb == "REST":
            state["rest"] = int(line[5:])
            return b"350 go on"
        if verb in ("RETR", "LIST", "NLST"):
            text = self.FILE if verb == "RETR" else b"a\r\nb\r\n"
            self.transfer(f, state, self.odd.get("data",
                                                 text[state.pop("rest", 0):]))
            return None
        if verb in ("STOR", "APPE"):
            self.transfer(f, state, None)
            return None
        return b"221 bye" if verb == "QUIT" else b"500 unknown"


class Smtp(Peer):
    def answer(self, f, verb, line, state):
        if verb == "EHLO":
            return b"250-hello\r\n250-SIZE\r\n250 AUTH PLAIN LOGIN"
        if verb == "DATA":
            self.say(f, b"354 go on")
            text = b""
            while not (b"\r\n" + text).endswith(b"\r\n.\r\n"):
                line = f.readline()
                if not line:
                    raise OSError
                text += line
            self.lines.append(text.decode("latin-1"))
            return self.odd.get(".", b"250 taken")
        if verb in ("MAIL", "RCPT", "HELO", "RSET"):
            return b"250 ok"
        if verb in ("VRFY", "HELP"):
            return b"252 perhaps" if verb == "VRFY" else b"214 help yourself"
        if verb == "AUTH":
            if line.count(b" ") == 1:
                self.say(f, b"334 ")
                f.readline()
            return b"235 in"
        return b"221 bye" if verb == "QUIT" else b"500 unknown"


class Pop3(Peer):
    greeting = b"+OK hello"

    def answer(self, f, verb, line, state):
        if verb in ("USER", "PASS", "QUIT", "NOOP"):
            return b"+OK"
        if verb == "LIST":
            return b"+OK\r\n1 100\r\n2 200\r\n." if b" " not in line else b"+OK 1 100"
        if verb == "RETR" and line.endswith(b" 1"):
            return b"+OK\r\nSubject: x\r\n\r\n..dot\r\nend\r\n."
        if verb == "TOP":
            return b"+OK\r\nSubject: x\r\n\r\n."
        if verb == "CAPA":
            return b"+OK\r\nUSER\r\nUIDL\r\nTOP\r\n."
        return b"-ERR no"


class Proxy:
    """CONNECT, and nothing else."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.seen = 0
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            c, _ = self.listener.accept()
            threading.Thread(target=self.meet, args=(c,), daemon=True).start()

    def meet(self, c):
        head = b""
        while b"\r\n\r\n" not in head:
            part = c.recv(1)
            if not part:
                return
            head += part
        m = re.match(rb"CONNECT ([^:]+):(\d+) ", head)
        if not m:
            c.sendall(b"HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n")
            return
        try:
            to = socket.create_connection((m[1].decode(), int(m[2])))
        except OSError:
            c.sendall(b"HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n")
            return
        self.seen += 1
        c.sendall(b"HTTP/1.1 200 Yes\r\n\r\n")
        threading.Thread(target=self.pump, args=(to, c), daemon=True).start()
        self.pump(c, to)

    @staticmethod
    def pump(a, b):
        try:
            while True:
                part = a.recv(65536)
                if not part:
                    break
                b.sendall(part)
            b.shutdown(socket.SHUT_WR)
        except OSError:
            pass


# --- real ones ---

class Vsftpd:
    CONF = """listen=YES
listen_address=127.0.0.1
listen_port={port}
background=NO
anonymous_enable=YES
local_enable=NO
run_as_launching_user=YES
anon_root={dir}/root
write_enable=YES
anon_upload_enable=YES
anon_mkdir_write_enable=YES
anon_other_write_enable=YES
anon_umask=022
allow_writeable_chroot=YES
seccomp_sandbox=NO
log_ftp_protocol=YES
xferlog_enable=YES
xferlog_std_format=NO
vsftpd_log_file={dir}/log
secure_chroot_dir={dir}/empty
ftp_username={user}
no_anon_password=YES
"""

    TLS = """ssl_enable=YES
allow_anon_ssl=YES
force_anon_data_ssl=NO
rsa_cert_file={cert}
rsa_private_key_file={cert}
"""

    def __init__(self, d, cert=None):
        os.mkdir(d)
        self.dir, self.root, self.log = d, d + "/root", d + "/log"
        self.port = free_port()
        self.fill()
        os.mkdir(d + "/empty")
        user = subprocess.run(["id", "-un"], stdout=subprocess.PIPE,
                              check=True).stdout.decode().strip()
        with open(d + "/conf", "w", encoding="ascii") as f:
            f.write(self.CONF.format(port=self.port, dir=d, user=user))
            f.write(self.TLS.format(cert=cert) if cert else "")
        program = shutil.which("vsftpd", path="/usr/sbin:" + os.environ["PATH"])
        self.process = subprocess.Popen([program, d + "/conf"])
        wait_for(self.port)

    def fill(self):
        shutil.rmtree(self.root, ignore_errors=True)
        os.makedirs(self.root + "/dir/sub")
        put(self.root + "/a.txt", b"hello world\n")
        put(self.root + "/dir/b.txt", b"x\ny\n")
        put(self.root + "/big", bytes(range(256)) * 1000)
        for name in "a.txt", "dir/b.txt", "big", "dir", "dir/sub":
            os.utime(f"{self.root}/{name}", (784111777, 784111777))

    def commands(self):
        with open(self.log, encoding="latin-1") as f:
            text = f.read()
        os.truncate(self.log, 0)
        return re.findall(r'FTP command: Client "[^"]*", "(.*)"', text)


class Dovecot:
    CONF = """protocols = pop3
base_dir = {dir}/run
state_dir = {dir}/state
log_path = {dir}/log
auth_failure_delay = 0
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_location = maildir:{dir}/mail/%n
mail_uid = {uid}
mail_gid = {gid}
ssl_cert = <{cert}
ssl_key = <{cert}
auth_mechanisms = plain login cram-md5 apop
disable_plaintext_auth = no
passdb {{
 driver = passwd-file
 args = scheme=PLAIN username_format=%n {dir}/users
}}
userdb {{
 driver = passwd-file
 args = username_format=%n {dir}/users
 override_fields = uid={uid} gid={gid} home={dir}/home/%n
}}
service anvil {{
 chroot =
 unix_listener anvil-auth-penalty {{
  mode = 0
 }}
}}
service stats {{
 chroot =
}}
service pop3-login {{
 chroot =
 inet_listener pop3 {{
  port = {port}
 }}
 inet_listener pop3s {{
  port = {tls}
  ssl = yes
 }}
}}
"""

    def __init__(self, d, cert):
        who = pwd.getpwnam("nobody") if os.getuid() == 0 else \
            pwd.getpwuid(os.getuid())
        group = grp.getgrgid(who.pw_gid).gr_name
        self.port, self.tls = free_port(), free_port()
        for name in "", "/run", "/state", "/home", "/mail", "/mail/joe", \
                "/mail/joe/new", "/mail/joe/cur", "/mail/joe/tmp":
            os.mkdir(d + name)
        put(d + "/mail/joe/new/1.1.here", MESSAGE.replace(b"\r\n", b"\n"))
        put(d + "/users", b"joe:{PLAIN}secret::::::\n")
        with open(d + "/conf", "w", encoding="ascii") as f:
            f.write(self.CONF.format(dir=d, user=who.pw_name, group=group,
                                     uid=who.pw_uid, gid=who.pw_gid, cert=cert,
                                     port=self.port, tls=self.tls))
        if os.getuid() == 0:
            for at, _, names in os.walk(d):
                for n in [at] + [os.path.join(at, n) for n in names]:
                    os.chown(n, who.pw_uid, who.pw_gid)
        program = shutil.which("dovecot", path="/usr/sbin:" + os.environ["PATH"])
        self.process = subprocess.Popen([program, "-F", "-c", d + "/conf"],
                                        stderr=subprocess.DEVNULL)
        wait_for(self.port)


class Gopher:
    """gophernicus speaks on stdin and stdout, as inetd has it."""

    def __init__(self, d):
        os.mkdir(d)
        os.chmod(d, 0o755)
        put(d + "/a.txt", b"first\n.second\nlast\n")
        os.mkdir(d + "/sub")
        self.program = shutil.which("gophernicus",
                                    path="/usr/sbin:" + os.environ["PATH"])
        self.dir = d
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            c, _ = self.listener.accept()
            who = {"user": "nobody"} if os.getuid() == 0 else {}
            with c:
                subprocess.run([self.program, "-h", "localhost", "-p",
                                str(self.port), "-r", self.dir, "-nv", "-nd"],
                               stdin=c, stdout=c, stderr=subprocess.DEVNULL,
                               check=False, timeout=10, **who)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(port):
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.05)
    sys.exit("a server does not start")


def put(path, text):
    with open(path, "wb") as f:
        f.write(text)


# --- running both ---

class World:
    def __init__(self, d):
        self.ftp, self.smtp, self.pop3 = Ftp(), Smtp(), Pop3()
        self.proxy = Proxy()
        self.vsftpd = self.secure = self.gopher = self.dovecot = None
        path = "/usr/sbin:" + os.environ["PATH"]
        self.cert = d + "/cert.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048",
                        "-nodes", "-days", "2", "-subj", "/CN=here", "-addext",
                        "subjectAltName=IP:127.0.0.1", "-keyout", d + "/key",
                        "-out", self.cert], check=True,
                       stderr=subprocess.DEVNULL)
        both = d + "/both.pem"
        with open(both, "wb") as f:
            for name in self.cert, d + "/key":
                with open(name, "rb") as part:
                    f.write(part.read())
        if shutil.which("vsftpd", path=path):
            self.vsftpd = Vsftpd(d + "/v")
            self.secure = Vsftpd(d + "/t", both)
        if shutil.which("dovecot", path=path):
            self.dovecot = Dovecot(d + "/m", both)
        if shutil.which("gophernicus", path=path):
            self.gopher = Gopher(d + "/g")

    def words(self, d):
        here = "127.0.0.1:"
        w = {"{d}": d, "{f}": f"ftp://{here}{self.ftp.port}",
             "{s}": f"smtp://{here}{self.smtp.port}",
             "{p}": f"pop3://joe:x@{here}{self.pop3.port}",
             "{c}": self.cert, "{x}": f"http://{here}{self.proxy.port}"}
        if self.vsftpd:
            w["{v}"] = f"ftp://{here}{self.vsftpd.port}"
            w["{t}"] = f"ftp://{here}{self.secure.port}"
        if self.dovecot:
            w["{m}"] = f"{here}{self.dovecot.port}"
            w["{n}"] = f"{here}{self.dovecot.tls}"
        if self.gopher:
            w["{g}"] = f"gopher://{here}{self.gopher.port}"
        return w

    def lacks(self, args):
        text = " ".join(args)
        return ("{v}" in text or "{t}" in text) and not self.vsftpd or \
            "{g}" in text and not self.gopher or \
            ("{m}" in text or "{n}" in text) and not self.dovecot

    def end(self):
        for s in self.vsftpd, self.secure, self.dovecot:
            if s:
                s.process.terminate()
                s.process.wait()


def files_of(d):
    found = {}
    for at, _, names in os.walk(d):
        for n in names:
            path = os.path.join(at, n)
            with open(path, "rb") as f:
                found[os.path.relpath(path, d)] = f.read()
    return found


# PWD is asked for by curl only, QUIT not said on a connection that could be used
# again; PORT and EPRT have ports in them; AUTH SSL and "REST 0" by curl only.
LEFT_OUT = re.compile(r"PWD$|QUIT$|ABOR$|REST 0$|AUTH (SSL|TLS)$|CAPA$|EHLO|HELO")


def plain(commands):
    kept = [re.sub(r"^(EPRT \|1\|127.0.0.1\|)\d+|^(PORT 127,0,0,1,).*",
                   r"\1\2", c) for c in commands if not LEFT_OUT.match(c)]
    return sorted(kept)


def run(program, world, args, more):
    with tempfile.TemporaryDirectory() as d:
        for name, text in more.get("files", {}).items():
            os.makedirs(os.path.dirname(os.path.join(d, name)), exist_ok=True)
            put(os.path.join(d, name), text)
            os.utime(os.path.join(d, name), (784111777, 784111777))
        words = world.words(d)
        for peer in world.ftp, world.smtp, world.pop3:
            peer.lines, peer.odd = [], more.get("odd", {})
        for s in world.vsftpd, world.secure:
            if s:
                s.fill()
                s.commands()
        line = []
        for a in args:
            for k, v in words.items():
                a = a.replace("@" + k, "@" + v.split("//")[-1]).replace(k, v)
            line.append(a)
        env = {k: v for k, v in os.environ.items()
               if not k.lower().endswith("_proxy")}
        r = subprocess.run([program, "-s"] + line, cwd=d, env=dict(env, HOME=d),
                           input=more.get("stdin", b""), timeout=30,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           check=False)
        tunnels, world.proxy.seen = world.proxy.seen, 0
        said = [x for p in (world.ftp, world.smtp, world.pop3)
                for x in p.lines]
        stored = {}
        if world.vsftpd:
            said += world.vsftpd.commands() + world.secure.commands()
            stored = files_of(world.vsftpd.root)
        times = {n: int(os.stat(os.path.join(d, n)).st_mtime)
                 for n in os.listdir(d) if more.get("times")}
        return {"exit code": r.returncode, "stdout": r.stdout,
                "commands": plain(said), "files": files_of(d),
                "stored": stored, "times": times, "tunnels": tunnels}


def compare(name, mine, theirs, but):
    bad = [k for k in theirs if k not in but and mine[k] != theirs[k]]
    for k in bad:
        print(f"{name}: {k} differ\n  curl:   {theirs[k]!r:.600}\n"
              f"  urlget: {mine[k]!r:.600}")
    return not bad


# --- the cases: files ---

FILES = {"a": b"hello world\n", "empty": b""}
case("file", "file://{d}/a", files=FILES)
case("file, empty", "file://{d}/empty", files=FILES)
case("file, head", "-I", "file://{d}/a", files=FILES)
case("file, include", "-i", "file://{d}/a", files=FILES)
case("file, one slash", "file:{d}/a", files=FILES)
case("file, localhost", "file://localhost{d}/a", files=FILES)
case("file, another host", "file://example.org{d}/a", files=FILES)
case("file, not there", "file://{d}/nix", files=FILES)
case("file, a device", "file:///dev/null")
case("file, to a file", "-o", "{d}/b", "file://{d}/a", files=FILES)
case("file, by its name", "-O", "--output-dir", "new", "--create-dirs",
     "file://{d}/a", files=FILES)
case("file, time", "-R", "-o", "b", "file://{d}/a", files=FILES, times=True)
case("file, range", "-r", "3-5", "file://{d}/a", files=FILES)
case("file, to the end", "-r", "6-", "file://{d}/a", files=FILES)
case("file, the last", "-r", "-3", "file://{d}/a", files=FILES)
case("file, behind its end", "-r", "100-", "file://{d}/a", files=FILES)
case("file, continued", "-C", "-", "-o", "part", "file://{d}/a",
     files=dict(FILES, part=b"hello"))
case("file, continued, whole", "-C", "12", "file://{d}/a", files=FILES)
case("file, continued, too long", "-C", "13", "file://{d}/a", files=FILES)
case("file, not newer", "-z", "20010101", "-o", "b", "file://{d}/a", files=FILES,
     but=["stdout"])
case("file, stored", "-T", "a", "file://{d}/b", files=FILES)
case("file, stored from stdin", "-T", "-", "file://{d}/b", stdin=b"xyz")
case("file, appended", "-a", "-T", "a", "file://{d}/b",
     files=dict(FILES, b=b"first "), but=["files"])
case("file, into a folder", "-T", "a", "file://{d}/to/",
     files=dict(FILES, **{"to/x": b""}))
case("file, stored nowhere", "-T", "a", "file://{d}/x/b", files=FILES)
case("file, nothing to store", "-T", "nix", "file://{d}/b")
case("several", "file://{d}/[ab]", files={"a": b"1", "b": b"2"})
case("names from patterns", "-o", "x#1", "file://{d}/{a,b}",
     files={"a": b"1", "b": b"2"})
case("globs off", "-g", "file://{d}/[a]", files={"[a]": b"1"})
case("one fails", "file://{d}/nix", "file://{d}/a", files=FILES)
case("the last fails", "file://{d}/a", "file://{d}/nix", files=FILES)
case("parallel", "-Z", "-o", "x1", "file://{d}/a", "-o", "x2", "file://{d}/nix",
     files=FILES)
case("unknown scheme", "foo://127.0.0.1/")
case("scheme not allowed", "--proto", "=http", "file://{d}/a", files=FILES)
case("scheme allowed", "--proto", "=file", "file://{d}/a", files=FILES)
case("nobody there", "ftp://127.0.0.1:1/")
case("no such host", "ftp://nowhere.invalid/")
case("ftp is guessed", "ftp.nowhere.invalid")
case("variables of a file", "-w", "%{http_code} %{size_download} %{scheme} "
     "%{num_connects} %{exitcode} %{urlnum}", "file://{d}/a", files=FILES)

# --- vsftpd ---

CWD = ["--ftp-method", "multicwd"]
case("ftp", "{v}/a.txt")
case("ftp, big", "-o", "x", "{v}/big")
case("ftp, list", "{v}/")
case("ftp, no path", "{v}")
case("ftp, list of a folder", "{v}/dir/")
case("ftp, names", "-l", "{v}/dir/")
case("ftp, in a folder", *CWD, "{v}/dir/b.txt")
case("ftp, in a folder, by default", "{v}/dir/b.txt", but=["commands"])
case("ftp, one step", "--ftp-method", "singlecwd", "{v}/dir/sub/")
case("ftp, no step", "--ftp-method", "nocwd", "{v}/dir/b.txt")
case("ftp, no step, list", "--ftp-method", "nocwd", "{v}/dir/")
case("ftp, absolute", "{v}/%2fetc/hostname", but=["commands"])
case("ftp, dots", "{v}/dir/../a.txt")
case("ftp, text", "-B", "{v}/a.txt")
case("ftp, type a", "{v}/a.txt;type=a")
case("ftp, type i", "{v}/a.txt;type=i")
case("ftp, not there", *CWD, "{v}/nix", but=["commands"])
case("ftp, no such folder", *CWD, "{v}/nodir/x")
case("ftp, no such folder by default", "{v}/nodir/x", but=["commands"])
case("ftp, nor to list", "{v}/nodir/")
case("ftp, -o of what is not there", "-o", "x", "{v}/nix", but=["commands"])
case("ftp, head", "-I", *CWD, "{v}/a.txt")
case("ftp, head of nothing", "-I", "{v}/nix")
case("ftp, head of a folder", "-I", "{v}/dir/")
case("ftp, time", "-R", "-o", "x", *CWD, "{v}/a.txt", times=True,
     but=["commands"])
case("ftp, not newer", "-z", "20010101", "-o", "x", "{v}/a.txt",
     but=["commands", "files"])
case("ftp, newer", "-z", "19800101", "{v}/a.txt", but=["commands"])
case("ftp, too big", "--max-filesize", "5", "{v}/a.txt", but=["commands"])
case("ftp, a part", "-r", "3-5", "{v}/a.txt")
case("ftp, from there", "-r", "6-", "{v}/a.txt")
case("ftp, the last", "-r", "-3", "{v}/a.txt", but=["commands"])
case("ftp, behind its end", "-r", "100-", "{v}/a.txt", but=["commands"])
case("ftp, continued", "-C", "-", "-o", "p", "{v}/a.txt", files={"p": b"hello"})
case("ftp, continued, whole", "-C", "12", "{v}/a.txt", but=["commands"])
case("ftp, continued, too long", "-C", "13", "{v}/a.txt", but=["commands"])
case("ftp, quoted", "-Q", "NOOP", "-Q", "-NOOP", "-Q", "+NOOP", "{v}/a.txt")
case("ftp, quoted, refused", "-Q", "NOSUCH", "{v}/a.txt")
case("ftp, quoted, refused late", "-Q", "+NOSUCH", "{v}/a.txt",
     but=["commands"])
case("ftp, quoted, refused at the end", "-Q", "-NOSUCH", "{v}/a.txt")
case("ftp, quoted, may be refused", "-Q", "*NOSUCH", "-Q", "-*NOSUCH",
     "{v}/a.txt")
case("ftp, deleted", "-Q", "DELE a.txt", "-I", "{v}/")
case("ftp, renamed", "-Q", "RNFR a.txt", "-Q", "RNTO b.txt", "{v}/b.txt")
case("ftp, login refused", "-u", "joe:x", "{v}/a.txt")
case("ftp, TLS or nothing", "--ssl-reqd", "{v}/a.txt")
case("ftp, TLS perhaps", "--ssl", "{v}/a.txt")
case("ftp, the server calls", "-P", "-", "{v}/a.txt")
case("ftp, PORT", "-P", "-", "--disable-eprt", "{v}/a.txt")
case("ftp, PASV", "--disable-epsv", "{v}/a.txt")
UP = {"up": b"one\ntwo\n"}
case("ftp, stored", "-T", "up", "{v}/new", files=UP)
case("ftp, stored by its name", "-T", "up", "{v}/", files=UP)
case("ftp, stored in a folder", "-T", "up", "{v}/dir/", files=UP,
     but=["commands"])
case("ftp, stored in a folder, step by step", *CWD, "-T", "up", "{v}/dir/",
     files=UP)
case("ftp, stored from stdin", "-T", "-", "{v}/new", stdin=b"abc")
case("ftp, stored nowhere", "-T", "up", "{v}/nodir/new", files=UP,
     but=["commands"])
case("ftp, folders made", "-T", "up", "--ftp-create-dirs", "{v}/n1/n2/",
     files=UP)
case("ftp, appended", "-a", "-T", "up", "{v}/a.txt", files=UP)
case("ftp, lines sent", "--crlf", "-T", "up", "{v}/new", files=UP)
case("ftp, text sent", "-B", "-T", "up", "{v}/new", files=UP)
case("ftp, upload continued", "-C", "-", "-T", "up", "{v}/a.txt",
     files={"up": b"hello world\nand more\n"}, but=["commands"])
case("ftp, upload continued at", "-C", "4", "-T", "up", "{v}/a.txt", files=UP)
case("ftp, refused to store", "-T", "up", "{v}/dir", files=UP)
case("ftp, several files", *CWD, "-T", "{up,b}", "{v}/", files=dict(UP, b=b"x"),
     but=["commands"])
case("ftp, two", "{v}/a.txt", "{v}/a.txt", but=["commands"])
case("ftp, parallel", "-Z", "-o", "1", "{v}/a.txt", "-o", "2", "{v}/big", "-o",
     "3", "{v}/nix", but=["commands"])
case("ftp, globs", "-g", "{v}/[ab].txt", but=["commands"])
case("ftp, a line break", "{v}/%0d%0aDELE%20a.txt", but=["commands"])
case("ftp, NUL", "{v}/a%00b", but=["commands"])
case("ftp, variables", "-w", "%{http_code} %{size_download} %{scheme} "
     "%{exitcode} %{url_effective}", "{v}/a.txt")
case("ftp, variables of a failure", "-w", "%{exitcode} %{size_download}",
     "{v}/nix", but=["commands"])

TUNNEL = ["-p", "-x", "{x}"]
case("ftp, by a tunnel", *TUNNEL, "{v}/a.txt")
case("ftp, by a tunnel, list", *TUNNEL, "{v}/dir/")
case("ftp, by a tunnel, stored", *TUNNEL, "-T", "up", "{v}/new", files=UP)
case("ftp, by no tunnel", *TUNNEL, "ftp://127.0.0.1:1/")
case("ftp, not by a tunnel", *TUNNEL, "--noproxy", "127.0.0.1", "{v}/a.txt")

# --- vsftpd with TLS ---

TRUST = ["--cacert", "{c}"]
case("ftp, TLS", "--ssl-reqd", *TRUST, "{t}/a.txt")
case("ftp, TLS if it is there", "--ssl", *TRUST, "{t}/a.txt")
case("ftp, TLS, list", "--ftp-ssl-reqd", *TRUST, "{t}/dir/")
case("ftp, TLS, not for data", "--ftp-ssl-control", *TRUST, "{t}/a.txt")
case("ftp, TLS, not trusted", "--ssl-reqd", "{t}/a.txt")
case("ftp, TLS, anything goes", "--ssl-reqd", "-k", "{t}/a.txt")
case("ftp, TLS, several", "--ssl-reqd", "-k", "{t}/a.txt", "{t}/dir/b.txt",
     but=["commands"])

# --- FTP servers that answer oddly ---

ONE = ["{f}/x"]
case("odd, all is well", *ONE)
case("odd, greeting refused", *ONE, odd={"": b"421 busy"})
case("odd, greeting is none", *ONE, odd={"": b"500 no"})
case("odd, nothing said", *ONE, odd={"": None})
case("odd, hung up after USER", *ONE, odd={"USER": None})
case("odd, in without password", *ONE, odd={"USER": b"230 in"})
case("odd, USER refused", *ONE, odd={"USER": b"530 no"})
case("odd, PASS refused", *ONE, odd={"PASS": b"530 no"})
case("odd, account", "--ftp-account", "acc", *ONE, odd={"PASS": b"332 account"})
case("odd, account refused", "--ftp-account", "acc", *ONE,
     odd={"PASS": b"332 account", "ACCT": b"530 no"})
case("odd, no account", *ONE, odd={"PASS": b"332 account"})
case("odd, instead of USER", "--ftp-alternative-to-user", "SITE AUTH", *ONE,
     odd={"USER": b"530 no", "SITE": b"230 in"})
RC = {"rc": b"machine 127.0.0.1 login amy password y\n"}
case("odd, netrc", "--netrc-file", "rc", *ONE, files=RC)
case("odd, -u", "-u", "amy:z", *ONE)
case("odd, user in the URL", "ftp://amy:z@{f}/x")
case("odd, EPSV refused", *ONE, odd={"EPSV": b"500 no"})
case("odd, EPSV and PASV refused", *ONE,
     odd={"EPSV": b"500 no", "PASV": b"500 no"}, but=["commands"])
case("odd, EPSV without port", *ONE, odd={"EPSV": b"229 here"},
     but=["commands"])
case("odd, PASV without port", "--disable-epsv", *ONE,
     odd={"PASV": b"227 here"}, but=["commands"])
case("odd, EPRT refused", "-P", "-", *ONE, odd={"EPRT": b"500 no"})
case("odd, PORT refused", "-P", "-", *ONE,
     odd={"EPRT": b"500 no", "PORT": b"500 no"}, but=["commands"])
case("odd, TYPE refused", *ONE, odd={"TYPE": b"500 no"}, but=["commands"])
case("odd, SIZE refused", *ONE, odd={"SIZE": b"500 no"})
case("odd, REST refused", "-r", "3-", *ONE, odd={"REST": b"500 no"})
case("odd, RETR refused", *ONE, odd={"RETR": b"550 no"})
case("odd, RETR refused otherwise", *ONE, odd={"RETR": b"451 no"})
case("odd, short", *ONE, odd={"data": b"0123"})
case("odd, no 226", *ONE, odd={"226": b"451 the disk"})
case("odd, hung up instead of 226", *ONE, odd={"226": None})
case("odd, LIST refused", "{f}/", odd={"LIST": b"500 no"})
case("odd, CWD refused", "{f}/a/", odd={"CWD": b"550 no"})
case("odd, STOR refused", "-T", "up", *ONE, files=UP, odd={"STOR": b"553 no"})
case("odd, no 226 for an upload", "-T", "up", *ONE, files=UP,
     odd={"226": b"451 the disk"})
case("odd, disk full", "-T", "up", *ONE, files=UP, odd={"226": b"552 full"})
case("odd, MKD refused", "-T", "up", "--ftp-create-dirs", "{f}/a/x", files=UP,
     odd={"CWD": b"550 no", "MKD": b"550 no"})

# --- SMTP ---

MAIL = ["--mail-from", "a@b.example", "--mail-rcpt", "c@d.example"]
UP = {"up": MESSAGE}
# The extensions that are used, and EHLO's name, differ.
case("smtp", *MAIL, "-T", "up", "{s}", files=UP, but=["commands"])
case("smtp, stdin", *MAIL, "-T", "-", "{s}", stdin=MESSAGE, but=["commands"])
case("smtp, brackets", "--mail-from", "<a@b.example>", "--mail-rcpt",
     "<c@d.example>", "-T", "up", "{s}", files=UP, but=["commands"])
case("smtp, greeting", *MAIL, "-T", "up", "{s}", files=UP, odd={"": b"554 no"})
case("smtp, EHLO and HELO refused", *MAIL, "-T", "up", "{s}", files=UP,
     odd={"EHLO": b"500 no", "HELO": b"500 no"})
case("smtp, TLS or nothing", "--ssl-reqd", *MAIL, "-T", "up", "{s}", files=UP)
case("smtp, login", "-u", "joe:x", *MAIL, "-T", "up", "{s}", files=UP,
     but=["commands"])
case("smtp, login refused", "-u", "joe:x", *MAIL, "-T", "up", "{s}", files=UP,
     odd={"AUTH": b"535 no"}, but=["commands"])
case("smtp, login by", "-u", "joe:x", "--login-options", "AUTH=PLAIN", *MAIL,
     "-T", "up", "{s}", files=UP, but=["commands"])
case("smtp, no such login", "-u", "joe:x", "--login-options", "AUTH=CRAM-MD5",
     *MAIL, "-T", "up", "{s}", files=UP)
case("smtp, bad login option", "-u", "joe:x", "--login-options", "X=PLAIN",
     *MAIL, "-T", "up", "{s}", files=UP, but=["commands"])
case("smtp, MAIL refused", *MAIL, "-T", "up", "{s}", files=UP,
     odd={"MAIL": b"550 no"}, but=["commands"])
case("smtp, RCPT refused", *MAIL, "-T", "up", "{s}", files=UP,
     odd={"RCPT": b"550 no"}, but=["commands"])
case("smtp, DATA refused", *MAIL, "-T", "up", "{s}", files=UP,
     odd={"DATA": b"554 no"}, but=["commands"])
case("smtp, message refused", *MAIL, "-T", "up", "{s}", files=UP,
     odd={".": b"554 no"}, but=["commands"])
case("smtp, VRFY", "--mail-rcpt", "joe", "{s}")
case("smtp, VRFY refused", "--mail-rcpt", "joe", "{s}",
     odd={"VRFY": b"550 no"})
case("smtp, HELP", "{s}")
case("smtp, nothing to send", *MAIL, "-T", "nix", "{s}", but=["commands"])

# --- POP3 ---

case("pop3, list", "{p}/")
case("pop3, message", "{p}/1")
case("pop3, no such message", "{p}/7")
case("pop3, login refused", "{p}/1", odd={"PASS": b"-ERR no"})
case("pop3, greeting", "{p}/1", odd={"": b"-ERR no"})
case("pop3, looked up", "-l", "{p}/1", but=["commands"])
case("pop3, TLS or nothing", "--ssl-reqd", "{p}/1")

# --- Dovecot ---

BOX = "pop3://joe:secret@{m}"
case("Dovecot, list", BOX + "/")
case("Dovecot, message", BOX + "/1")
case("Dovecot, -u", "-u", "joe:secret", "pop3://{m}/1")
case("Dovecot, to a file", "-o", "x", BOX + "/1")
case("Dovecot, no such message", BOX + "/7")
case("Dovecot, wrong password", "pop3://joe:x@{m}/1")
case("Dovecot, by a mechanism", "--login-options", "AUTH=CRAM-MD5", BOX + "/1")
case("Dovecot, APOP", "--login-options", "AUTH=+APOP", BOX + "/1")
case("Dovecot, by another", "--login-options", "AUTH=NTLM", BOX + "/1")
case("Dovecot, mechanism in the URL",
     "pop3://joe;AUTH=PLAIN:secret@{m}/1")
case("Dovecot, STLS", "--ssl-reqd", *TRUST, BOX + "/1")
case("Dovecot, by a tunnel", *TUNNEL, BOX + "/1")
case("Dovecot, STLS, not trusted", "--ssl-reqd", BOX + "/1")
case("Dovecot, TLS", *TRUST, "pop3s://joe:secret@{n}/1")
case("Dovecot, TLS, not trusted", "pop3s://joe:secret@{n}/1")

# --- Gopher ---

case("gopher, nobody there", "gopher://127.0.0.1:1/")
case("gopher, file", "{g}/9/a.txt")
case("gopher, text", "{g}/0/a.txt")
case("gopher, menu", "{g}/", but=["stdout"])  # the last dot
case("gopher, to a file", "-o", "x", "{g}/9/a.txt")
case("gopher, not there", "{g}/9/nix", but=["stdout"])


def run_all(ours, curl, names, world):
    bad = done = 0
    for name, args, more in CASES:
        if (names and name not in names) or world.lacks(args):
            continue
        done += 1
        theirs = run(curl, world, args, more)
        mine = run(ours, world, args, more)
        if "-v" in sys.argv:
            print(name, theirs, mine, sep="\n  ")
        bad += not compare(name, mine, theirs, more.get("but", []))
    return done, bad


def main():
    words = [a for a in sys.argv[1:] if a != "-v"]
    ours, names = os.path.abspath(words[0]), words[1:]
    curl = shutil.which("curl")
    if curl is None:
        print("skipped: no curl")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as d:
        os.chmod(d, 0o755)
        world = World(d)
        for name, there in (("vsftpd", world.vsftpd),
                            ("gophernicus", world.gopher),
                            ("Dovecot", world.dovecot)):
            if not there:
                print(f"skipped: what needs {name}")
        try:
            done, bad = run_all(ours, curl, names, world)
        finally:
            world.end()
    print(f"{done} of {len(CASES)} cases, {bad} bad")
    sys.exit(1 if bad else 0)


main()
