#!/usr/bin/env python3
"""like_curl.py HTTPGET [-v] [NAME...] - the same options for httpget and for
curl 7.88: the same bytes on the wire, exit code, stdout and files.

The peer is a listener that writes down each request and answers by its path.
Exit code 77: no curl. What may differ is put aside before comparing: the name in
User-Agent, boundaries of forms, random numbers of Digest."""
import base64
import gzip
import os
import re
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import zlib

CASES = []


def case(name, *args, **more):
    """ARGS: {u} is the server's URL, {p} its port, {t} that of TLS, {d} an own
    directory, {c} that of certificates."""
    CASES.append((name, list(args), more))


# --- the peer ---

def ok(body=b"ok", extra=b"", status=b"200 OK"):
    return (b"HTTP/1.1 " + status + b"\r\nContent-Length: %d\r\n" % len(body)
            + extra + b"\r\n" + body)


def moved(status, to, body=b""):
    return ok(body, b"Location: " + to + b"\r\n", status)


DATE = b"Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
FIXED = {
    "/empty": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "/chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
    "/204": b"HTTP/1.1 204 No Content\r\n\r\n",
    "/404": ok(b"lost", b"", b"404 Not Found"),
    "/503": ok(b"busy", b"", b"503 Busy"),
    "/500": ok(b"bad", b"", b"500 Bad"),
    "/301": moved(b"301 Moved", b"/there"),
    "/302": moved(b"302 Found", b"/there?x=y"),
    "/303": moved(b"303 See", b"there"),
    "/307": moved(b"307 Again", b"/there"),
    "/308": moved(b"308 Again", b"//127.0.0.1:%d/there"),
    "/cross": moved(b"302 Found", b"http://localhost:%d/there"),
    "/cross307": moved(b"307 Again", b"http://localhost:%d/there"),
    "/304": b"HTTP/1.1 304 Not Modified\r\n\r\n",
    "/gzip": ok(gzip.compress(b"hello", mtime=0),
                b"Content-Encoding: gzip\r\n"),
    "/codings": ok(b"x", b"Content-Encoding: gzip" + b", gzip" * 6 + b"\r\n"),
    "/same": ok(gzip.compress(b"0" * 10000000, mtime=0),
                b"Content-Encoding: gzip\r\n"),
    "/deflate": ok(zlib.compress(b"hello"), b"Content-Encoding: deflate\r\n"),
    "/unknown": ok(b"hello", b"Content-Encoding: nonsense\r\n"),
    "/frag": moved(b"302 Found", b"/there#part"),
    "/absolute": moved(b"302 Found", b"http://127.0.0.1:%d"),
    "/spaces": moved(b"302 Found", b"/a b"),
    "/nowhere": ok(b"x", b"", b"302 Found"),
    "/400": ok(b"x", b"", b"400 Bad"),
    "/loop": moved(b"302 Found", b"/loop"),
    "/tofile": moved(b"302 Found", b"file:///etc/passwd"),
    "/tononsense": moved(b"302 Found", b"foo://127.0.0.1/"),
    "/cookie": ok(b"ok", b"Set-Cookie: a=1; path=/\r\n"
                         b"Set-Cookie: b=2; path=/deep\r\n"),
    "/deep/setcookie": moved(b"302 Found", b"/deep/page") .replace(
        b"Location", b"Set-Cookie: x=y; path=/deep\r\nLocation"),
    "/date": ok(b"dated", DATE),
    "/etag": ok(b"tagged", b'ETag: "abc"\r\n'),
    "/disposition": ok(b"named", b"Content-Disposition: attachment; "
                                 b'filename="na me.txt"\r\n'),
    "/evil": ok(b"named", b"Content-Disposition: attachment; "
                          b'filename="../../up.txt"\r\n'),
    "/type": ok(b"<p>", b"Content-Type: text/html\r\nX-One: a\r\nX-One: b\r\n"),
    "/interim": b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + ok(),
    "/10": b"HTTP/1.0 200 OK\r\n\r\nold",
    "/206": ok(b"cde", b"Content-Range: bytes 2-4/5\r\n", b"206 Part"),
    "/416": ok(b"", b"Content-Range: bytes */5\r\n", b"416 No"),
}
# These end their connection.
BROKEN = {
    "/cut": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut",
    "/cutchunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    "/nothing": b"",
    "/text": b"go away\r\n",
    "/badchunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    "/badgzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
                b"Content-Length: 5\r\n\r\nhello",
    "/badlength": b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
    "/halfhead": b"HTTP/1.1 200 OK\r\nContent-",
    "/hundred": b"HTTP/1.1 100 Continue\r\n\r\n",
    "/big": b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 1000,
}


class Peer:
    def __init__(self, certs):
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(100)
        self.port = self.socket.getsockname()[1]
        self.requests = []
        self.certs = certs
        self.tries = 0
        self.tls = self.context(certs)
        self.secure = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.tls_port = self.secure.getsockname()[1]
        for s in self.socket, self.secure:
            threading.Thread(target=self.accept, args=(s,),
                             daemon=True).start()

    @staticmethod
    def context(certs):
        """A server's, for 127.0.0.1; certs: a directory that gets its files."""
        make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
                "-days", "2"]
        for name in "good", "other":
            subprocess.run(make + ["-subj", "/CN=" + name, "-addext",
                                   "subjectAltName=IP:127.0.0.1", "-keyout",
                                   f"{certs}/{name}.key", "-out",
                                   f"{certs}/{name}.pem"],
                           check=True, stderr=subprocess.DEVNULL)
        subprocess.run(["openssl", "x509", "-in", f"{certs}/good.pem", "-pubkey",
                        "-noout", "-out", f"{certs}/pin.pem"], check=True)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(f"{certs}/good.pem", f"{certs}/good.key")
        tls.load_verify_locations(f"{certs}/other.pem")
        tls.verify_mode = ssl.CERT_OPTIONAL
        return tls

    def accept(self, listener):
        while True:
            c, _ = listener.accept()
            threading.Thread(target=self.meet, args=(c, listener),
                             daemon=True).start()

    def meet(self, c, listener):
        c.settimeout(20)
        try:
            if listener is self.secure:
                c = self.tls.wrap_socket(c, server_side=True)
            self.talk(c)
        except OSError:
            c.close()

    def talk(self, c):
        left = b""
        try:
            while True:
                head, left = self.head(c, left)
                if head is None:
                    break
                body, left = self.body(c, head, left)
                self.requests.append(head + body)
                if not self.answer(c, head):
                    break
                if head.startswith(b"CONNECT ") and b".tls:" in head:
                    c = self.tls.wrap_socket(c, server_side=True)
        except OSError:
            pass
        c.close()

    @staticmethod
    def head(c, left):
        while b"\r\n\r\n" not in left:
            more = c.recv(65536)
            if more[:1] in (b"\x16", b"\x05"):  # TLS, SOCKS
                c.sendall(b"what?\r\n")
                return None, b""
            if not more:
                return None, b""
            left += more
        n = left.index(b"\r\n\r\n") + 4
        return left[:n], left[n:]

    @staticmethod
    def body(c, head, left):
        low = head.lower()
        if b"\r\nexpect: 100-continue\r\n" in low:
            c.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if b"\r\ntransfer-encoding: chunked\r\n" in low:
            while not left.endswith(b"0\r\n\r\n"):
                left += c.recv(65536)
            return Peer.joined(left), b""
        m = re.search(rb"\r\ncontent-length: (\d+)", low)
        n = int(m[1]) if m else 0
        while len(left) < n:
            more = c.recv(65536)
            if not more:
                break
            left += more
        return left[:n], left[n:]

    @staticmethod
    def joined(text):
        """Chunks: where they are cut is up to the sender."""
        out = b""
        while text:
            line, _, text = text.partition(b"\r\n")
            n = int(line, 16)
            out += text[:n]
            text = text[n + 2:]
        return b"(chunked)" + out

    def answer(self, c, head):
        method, target = head.split(b" ")[:2]
        path = re.sub(r"^http://[^/]*", "", target.decode("latin-1"))
        path = path.split("?")[0]
        if method == b"CONNECT" and b"refused.example" in target:
            c.sendall(ok(b"no", b"", b"403 No"))
            return False
        if method == b"CONNECT" and b"asks.example" in target:
            c.sendall(ok(b"who", b'Proxy-Authenticate: Basic realm="r"\r\n',
                         b"407 Who"))
            return False
        if method == b"CONNECT":
            c.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            return True
        if path == "/client":
            who = dict(x[0] for x in c.getpeercert().get("subject", ()))
            c.sendall(ok(who.get("commonName", "nobody").encode()))
            return True
        if path in BROKEN:
            c.sendall(BROKEN[path])
            return False
        if path == "/reset":
            c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                         struct.pack("ii", 1, 0))
            return False
        if path == "/silent":
            c.recv(1)
            return False
        text = self.text_of(path, head)
        if method == b"HEAD":
            text = text[:text.index(b"\r\n\r\n") + 4]
        c.sendall(text)
        return b" HTTP/1.0\r\n" not in head and path != "/10"

    def text_of(self, path, head):
        if path == "/flaky":
            self.tries += 1
            return FIXED["/503"] if self.tries % 3 else ok(b"at last")
        if path in ("/basic", "/digest", "/both"):
            return self.login(path, head)
        if path == "/proxyauth" and b"\r\nProxy-Authorization:" not in head:
            return ok(b"who", b'Proxy-Authenticate: Basic realm="r"\r\n',
                      b"407 Who")
        text = FIXED.get(path, ok())
        return text.replace(b"%d", b"%d" % self.port)

    @staticmethod
    def login(path, head):
        if b"\r\nAuthorization: Basic " in head and path != "/digest":
            good = base64.b64encode(b"joe:secret")
            return ok(b"in") if good in head else ok(b"no", b"", b"403 No")
        if b"\r\nAuthorization: Digest " in head and path != "/basic":
            return ok(b"in")
        ask = b""
        if path != "/digest":
            ask += b'WWW-Authenticate: Basic realm="r"\r\n'
        if path != "/basic":
            ask += (b'WWW-Authenticate: Digest realm="r", nonce="n", '
                    b'qop="auth", algorithm=MD5\r\n')
        return ok(b"who", ask, b"401 Who")


# --- what is compared ---

def plain(data):
    """Without what may differ."""
    data = re.sub(rb"User-Agent: (curl|httpget|urlget)/[0-9.]+\r\n",
                  b"User-Agent: X\r\n", data)
    data = re.sub(rb"-{20,}[0-9a-zA-Z]{8,}", b"BOUNDARY", data)
    data = re.sub(rb'(cnonce|response)="[^"]*"', rb'\1=""', data)
    return data


def files_of(d):
    got = {}
    for top, _, names in os.walk(d):
        for n in names:
            path = os.path.join(top, n)
            with open(path, "rb") as f:
                got[os.path.relpath(path, d)] = f.read()
    return got


def run(program, peer, args, more):
    with tempfile.TemporaryDirectory() as d:
        for name, text in more.get("files", {}).items():
            with open(os.path.join(d, name), "wb") as f:
                f.write(text.replace(b"{u}", b"http://127.0.0.1:%d"
                                     % peer.port))
        os.utime(d)
        for name in more.get("files", {}):
            os.utime(os.path.join(d, name), (784111777, 784111777))
        put = {"{t}": str(peer.tls_port), "{c}": peer.certs, "{u}": f"http://127.0.0.1:{peer.port}",
               "{p}": str(peer.port), "{d}": d}
        words = []
        for a in args:
            for k, v in put.items():
                a = a.replace(k, v)
            words.append(a)
        peer.requests, peer.tries = [], 0
        env = dict(os.environ, HOME=d, LC_ALL="C")
        for k, v in more.get("env", {}).items():
            env[k] = v.replace("{p}", str(peer.port))
        for k in [k for k in env if k.lower().endswith("_proxy")]:
            if k not in more.get("env", {}):
                del env[k]
        r = subprocess.run([program, "-s"] + words, cwd=d, env=env,
                           input=more.get("stdin", b""), timeout=30,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           check=False)
        return {"exit code": r.returncode, "stdout": r.stdout,
                "requests": [plain(q) for q in peer.requests],
                "files": {k: plain(v).replace(d.encode(), b"DIR")
                          for k, v in files_of(d).items()}}


def compare(name, mine, theirs, but):
    bad = [k for k in theirs if k not in but and mine[k] != theirs[k]]
    for k in bad:
        print(f"{name}: {k} differ")
        for who, got in (("curl", theirs[k]), ("httpget", mine[k])):
            text = got if isinstance(got, list) else [got]
            for t in text or ["(none)"]:
                print(f"  {who}: {t!r}")
    return not bad


# --- the cases: requests ---

case("get", "{u}/a")
case("head", "-I", "{u}/a")
case("no path", "{u}")
case("query only", "{u}?a=b")
case("fragment", "{u}/a#b")
case("dots", "{u}/a/./b/../c?d=/../e")
case("dots at the end", "{u}/a/..")
case("path as is", "--path-as-is", "{u}/a/../b")
case("method", "-X", "OPTIONS", "{u}/a")
case("request target", "--request-target", "*", "-X", "OPTIONS", "{u}/")
case("header", "-H", "X: y", "{u}/")
case("header empty", "-H", "X;", "{u}/")
case("header removed", "-H", "Accept:", "-H", "User-Agent:", "{u}/")
case("header replaced", "-H", "Accept: text/html", "-H", "X: y", "{u}/")
case("header twice", "-H", "X: 1", "-H", "X: 2", "{u}/")
case("host", "-H", "Host: example.org", "-H", "X: y", "{u}/")
case("header file", "-H", "@h", "{u}/", files={"h": b"A: b\r\nC: d\n\nE: f\n"})
case("own user agent", "-A", "me/1", "{u}/")
case("several user agents", "-A", "me", "{u}/a", "--next", "{u}/b", "--next",
     "-A", "you", "{u}/c", "--next", "-A", "", "{u}/d", "--next", "-H",
     "User-Agent: field", "{u}/e", "--next", "-A", "me", "{u}/f")
case("no user agent", "-A", "", "{u}/")
case("referer", "-e", "http://r/x", "{u}/")
case("range", "-r", "0-99,200-", "{u}/")
case("range to the end", "-r", "-5", "{u}/")
case("compressed", "--compressed", "{u}/")
case("http 1.0", "-0", "{u}/")
case("time condition", "-z", "Sun, 06 Nov 1994 08:49:37 GMT", "{u}/")
case("time condition in words", "-z", "6 Nov 1994 08:49", "{u}/")
case("time condition digits", "-z", "19941106", "{u}/")
case("time condition older", "-z", "-6 Nov 1994", "{u}/")
case("time condition file", "-z", "f", "{u}/", files={"f": b"x"})
case("time condition not newer", "-z", "6 Nov 2004", "{u}/date")
case("cookies by hand", "-b", "a=b; c=d", "-H", "X: y", "{u}/")
case("cookies twice by hand", "-b", "a=b", "-b", "c=d", "{u}/")
case("basic", "-u", "joe:secret", "{u}/basic")
case("login in the url", "http://joe:secret@127.0.0.1:{p}/basic")
case("basic asked for", "--anyauth", "-u", "joe:secret", "{u}/basic")
case("digest", "--digest", "-u", "joe:secret", "{u}/digest")
case("any login", "--anyauth", "-u", "joe:secret", "{u}/both")
case("digest of a body", "--digest", "-u", "joe:secret", "-d", "a=b",
     "{u}/digest")
case("any login of a body", "--anyauth", "-u", "joe:secret", "-d", "a=b",
     "{u}/both")
case("any login of an upload", "--anyauth", "-u", "joe:secret", "-T", "f",
     "{u}/basic", files={"f": b"put me"})
case("digest of an upload", "--digest", "-u", "joe:secret", "-T", "f",
     "{u}/digest", files={"f": b"put me"})
case("digest and basic", "--digest", "--basic", "-u", "joe:secret", "{u}/both")
case("login not asked for", "--anyauth", "-u", "joe:secret", "{u}/a")
case("any login without one", "--anyauth", "{u}/both")
case("bearer", "--oauth2-bearer", "tok", "{u}/")
case("many at once", "-u", "u:p", "-r", "0-5", "--compressed", "-e", "http://r/",
     "-b", "c=d", "-z", "Sun, 06 Nov 1994 08:49:37 GMT", "-H", "X: 1", "{u}/")

# --- bodies ---

case("data", "-d", "a=b", "-d", "c=d", "{u}/")
case("data with all", "-d", "a=b", "-H", "X: y", "-b", "c=d", "-e", "r", "{u}/")
case("data file", "-d", "@f", "{u}/", files={"f": b"a=b\nc\r\n=d\n"})
case("data stdin", "-d", "@-", "{u}/", stdin=b"from\nstdin")
case("data binary", "--data-binary", "@f", "{u}/", files={"f": b"a\nb\0c\n"})
case("data raw", "--data-raw", "@f", "{u}/")
case("data empty", "-d", "", "{u}/")
case("data urlencode", "--data-urlencode", "a b&c", "--data-urlencode", "=d=e",
     "--data-urlencode", "n=v w", "--data-urlencode", "m@f",
     "--data-urlencode", "@f", "{u}/", files={"f": b"x y\n\xff"})
case("data type", "-d", "x", "-H", "Content-Type: text/plain", "{u}/")
case("data without type", "-d", "x", "-H", "Content-Type:", "{u}/")
case("data with another method", "-X", "PATCH", "-d", "x", "{u}/")
case("get with data", "-G", "-d", "a=b", "--data-urlencode", "c=d e",
     "{u}/?x=y#z")
case("get with data, no path", "-G", "-d", "a=b", "{u}")
case("head with data", "-I", "-G", "-d", "a=b", "{u}/")
case("url query", "--url-query", "a=b c", "--url-query", "+d=%20", "{u}/?x")
case("json", "--json", "[1,", "--json", "2]", "{u}/")
case("json with own", "--json", "{}", "-H", "Accept: x/y", "-H", "Z: 1", "{u}/")
case("large data", "--data-binary", "@f", "{u}/", files={"f": b"x" * 1100000})
case("large data, no expect", "--data-binary", "@f", "-H", "Expect:", "{u}/",
     files={"f": b"x" * 1100000})
case("form", "-F", "a=b", "-F", "c=d e;type=text/x", "{u}/")
case("form file", "-F", "f=@up.txt", "-F", "g=@x.bin;type=a/b;filename=n.q",
     "-F", "h=<up.txt", "{u}/", files={"up.txt": b"text\n", "x.bin": b"\0\1"})
case("form types", "-F", "a=@a.html", "-F", "b=@b.jpg", "-F", "c=@c.pdf", "-F",
     "d=@d.xml", "-F", "e=@e.gif", "-F", "f=@f.png", "-F", "g=@g.svg", "-F",
     "h=@h.xyz", "{u}/", files={"a.html": b"", "b.jpg": b"", "c.pdf": b"",
                                "d.xml": b"", "e.gif": b"", "f.png": b"",
                                "g.svg": b"", "h.xyz": b""})
case("form twice", "-F", "f=@up.txt", "-F", "a=b", "{u}/a", "{u}/b",
     files={"up.txt": b"text"})
case("form again", "-L", "-F", "f=@up.txt", "{u}/307", files={"up.txt": b"text"})
case("form string", "--form-string", "a=@b;type=c", "{u}/")
case("form types with parameters", "-F", "a=@f;type=text/plain; charset=utf-8",
     "-F", "b=c; type=text/x;  a=b; c=d;filename=q", "-F",
     'd=e;type="text/plain; a=b"', "{u}/", files={"f": b"text"})
case("form type without a slash", "-F", "a=b;type=text", "{u}/")
case("form attributes that nobody knows", "-F", "a=b;c=d", "-F", "e=f;", "-F",
     "g=h;;=i", "{u}/")
case("form quotes", "-F", 'a="b;c";type=x/y', "-F", 'n"m=v', "{u}/")
case("form headers", "-F", 'a=b;headers="X-Y: z"', "{u}/")
case("put", "-T", "f", "{u}/x", files={"f": b"put me"})
case("put into a folder", "-T", "f", "{u}/dir/", files={"f": b"put me"})
case("put without path", "-T", "f", "{u}", files={"f": b"put me"})
case("put empty", "-T", "f", "{u}/x", files={"f": b""})
case("put stdin", "-T", "-", "{u}/x", stdin=b"some bytes")
case("put dot", "-T", ".", "{u}/x", stdin=b"some bytes")
case("put 1.0", "-0", "-T", "f", "{u}/x", files={"f": b"put me"})
case("put several", "-T", "{a,b}", "{u}/", files={"a": b"1", "b": b"2"})
case("put by post", "-X", "POST", "-T", "f", "{u}/x", files={"f": b"put me"})
case("put without expect", "-H", "Expect:", "-T", "f", "{u}/x",
     files={"f": b"put me"})

for words in (["-d", "a"], ["-G", "-d", "a"], ["-F", "a=b"], ["-I"],
              ["--json", "{}"]):
    case("put and " + " ".join(words), "-T", "f", *words, "{u}/",
         files={"f": b"x"})
case("put nothing and data", "-T", "", "-d", "a", "{u}/")
case("put stdin 1.0", "-0", "-T", "-", "{u}/x", stdin=b"some bytes")

# --- redirects ---

for status in ("301", "302", "303", "307", "308"):
    case("not followed " + status, "-i", "{u}/" + status)
    case("followed " + status, "-L", "{u}/" + status)
    case("post " + status, "-L", "-d", "a=b", "{u}/" + status)
case("post stays 301", "-L", "--post301", "-d", "a=b", "{u}/301")
case("post stays 302", "-L", "--post302", "-d", "a=b", "{u}/302")
case("post stays 303", "-L", "--post303", "-d", "a=b", "{u}/303")
case("head followed", "-LI", "{u}/302")
case("too many", "-L", "--max-redirs", "3", "{u}/loop")
case("none at all", "-L", "--max-redirs", "0", "{u}/loop")
case("referer auto", "-L", "-e", ";auto", "{u}/302")
case("referer and auto", "-L", "-e", "http://r/;auto", "{u}/302")
case("redirect to file", "-L", "{u}/tofile")
case("redirect to nonsense", "-L", "{u}/tononsense")
case("proto-redir", "-L", "--proto-redir", "=https", "{u}/302")
case("login followed", "-L", "-u", "joe:secret", "{u}/302")

# --- cookies ---

case("cookies kept", "-b", "", "{u}/cookie", "{u}/deep/x")
case("cookies not kept", "{u}/cookie", "{u}/x")
case("cookies followed", "-L", "-b", "", "{u}/deep/setcookie")
case("cookies from a file", "-b", "jar", "{u}/x", files={
    "jar": b"# Netscape HTTP Cookie File\n"
           b"127.0.0.1\tFALSE\t/\tFALSE\t0\tn\tv\n"
           b"127.0.0.1\tFALSE\t/else\tFALSE\t0\tm\tw\n"})
case("session cookies forgotten", "-j", "-b", "jar", "{u}/x", files={
    "jar": b"127.0.0.1\tFALSE\t/\tFALSE\t0\tn\tv\n"
           b"127.0.0.1\tFALSE\t/\tFALSE\t4000000000\tm\tw\n"})
case("cookie file of fields", "-b", "jar", "{u}/x",
     files={"jar": b"Set-Cookie: n=v; domain=127.0.0.1; path=/\r\n"})
case("no cookie file", "-b", "none", "{u}/x")

# --- several URLs, patterns, groups ---

case("two urls", "{u}/a", "{u}/b")
case("set", "{u}/{a,b}x{c,d}")
case("range", "{u}/[1-3]")
case("range with step", "{u}/[1-10:4]")
case("range with zeros", "{u}/[008-010]")
case("letters", "{u}/[a-e:2]")
case("pattern off", "-g", "{u}/%7Ba,b%7D")
case("pattern names", "-o", "f_#1_#2", "{u}/{a,b}/[1-2]")
case("bad pattern", "{u}/[3-1]")
case("open brace", "{u}/{a,b")
case("next", "-d", "x", "{u}/a", "--next", "-H", "X: y", "{u}/b")
case("options behind", "{u}/a", "-d", "x", "-o", "f")
case("output and url out of order", "-o", "1", "-o", "2", "{u}/a", "{u}/b")
case("double dash", "--", "{u}/a")
case("abbreviation", "--heade", "X: y", "{u}/")
case("letters together", "-sSLo", "f", "{u}/302")
case("letter with its value", "-of", "-HX: y", "{u}/")
case("config", "-K", "c", files={
    "c": b'# comment\nurl = "{u}/cfg"\nheader: "X: a\\"b"\n-d x\n'
         b"--user-agent me\noutput=f\nget\n"})
case("config stdin", "-K", "-", stdin=b"-X DELETE\n", env={})

# --- output ---

case("output", "-o", "f", "{u}/")
case("output name", "-O", "{u}/dir/name.txt?x=y")
case("output names", "--remote-name-all", "{u}/a", "{u}/b")
case("output without name", "-O", "{u}/")
case("output dir", "--output-dir", "sub", "--create-dirs", "-o", "x/f", "{u}/")
case("no such dir", "-o", "sub/f", "{u}/")
case("include", "-i", "{u}/type")
case("include redirects", "-iL", "{u}/302")
case("include interim", "-i", "{u}/interim")
case("include into file", "-i", "-o", "f", "{u}/type")
case("dump header", "-D", "h", "{u}/type")
case("dump header of two", "-D", "h", "{u}/type", "{u}/etag")
case("dump header to stdout", "-D", "-", "{u}/type")
case("disposition", "-OJ", "{u}/disposition")
case("evil disposition", "-OJ", "{u}/evil")
case("disposition exists", "-OJ", "{u}/disposition",
     files={"na me.txt": b"mine"})
case("no clobber", "--no-clobber", "-o", "f", "{u}/", files={"f": b"mine"})
case("etag save", "--etag-save", "t", "{u}/etag")
case("etag compare", "--etag-compare", "t", "{u}/etag", files={"t": b'"abc"\n'})
case("etag compare empty", "--etag-compare", "t", "{u}/etag",
     files={"t": b""})
case("chunked", "{u}/chunked")
case("old server", "{u}/10")
case("no content", "-o", "f", "{u}/204")
case("empty", "-o", "f", "{u}/empty")
case("resume", "-C", "-", "-o", "f", "{u}/206", files={"f": b"ab"})
for path in ("/404", "/503", "/302", "/"):
    case("resume by " + path, "-C", "-", "-o", "f", "{u}" + path,
         files={"f": b"ab"}, but=["files", "exit code"] if path == "/" else [])
case("resume by number", "-C", "2", "-o", "f", "{u}/206", files={"f": b"ab"})
case("resume nothing", "-C", "-", "-o", "f", "{u}/")
case("resume whole", "-C", "-", "-o", "f", "{u}/416", files={"f": b"abcde"})
case("resume to stdout refused", "-C", "1", "{u}/")

# --- write-out ---

case("write-out", "-w", "%{http_code} %{response_code} %{method} %{scheme} "
     "%{url} %{url_effective} %{num_redirects} %{num_connects} %{num_headers} "
     "%{size_download} %{size_header} %{size_upload} %{http_version} "
     "%{content_type} %{remote_ip} %{remote_port} %{local_ip} %{exitcode} "
     "%{urlnum} %{errormsg} %{redirect_url} %{referer} %{filename_effective} "
     "%{http_connect} %{ssl_verify_result} %{num_certs} %% %x \\n\\t\\r\\x",
     "{u}/type")
case("write-out redirect", "-w", "%{redirect_url}|%{num_redirects}|%{http_code}",
     "{u}/302")
case("write-out followed", "-L", "-w", "%{url_effective}|%{num_redirects}|"
     "%{size_header}|%{size_download}|%{num_connects}", "{u}/302")
case("write-out post", "-d", "abc", "-w",
     "%{size_upload} %{method} %{size_download}", "{u}/chunked")
case("write-out header", "-w", "%header{x-one}|%header{none}|%header{Content-Type}",
     "{u}/type")
case("write-out heads", "-w", "%{header_json}", "{u}/type")
case("write-out on error", "-w", "a%{onerror}b", "{u}/")
case("write-out stderr", "-w", "%{stderr}x%{stdout}y", "{u}/")
case("write-out file", "-w", "@w", "{u}/", files={"w": b"%{http_code}\n"})
case("write-out unknown", "-w", "[%{nonsense}]", "{u}/")
case("write-out name", "-O", "-w", "%{filename_effective}", "{u}/name")
case("write-out failed", "-w", "%{http_code} %{exitcode} %{size_download}",
     "{u}/nothing")
case("write-out after another", "-w", "%{http_code} %{num_headers} %{errormsg}|",
     "{u}/type", "-T", "f", "--url", "foo://x/", files={"f": b""}, but=["stdout"])
case("write-out several", "-w", "%{urlnum}\n", "{u}/[1-3]")

# --- failures ---

case("fail", "-f", "{u}/404")
case("fail and file", "-f", "-o", "f", "{u}/404")
case("fail include", "-fi", "{u}/404")
case("fail with body", "--fail-with-body", "{u}/404")
case("fail with body and file", "--fail-with-body", "-o", "f", "{u}/404")
case("not found is an answer", "{u}/404")
case("last one counts", "{u}/nothing", "{u}/a")
case("last one failed", "{u}/a", "{u}/nothing")
case("fail early", "--fail-early", "-f", "{u}/404", "{u}/a")
case("parallel, one failed", "-Z", "--parallel-max", "1", "-f", "{u}/404",
     "{u}/a", "-o", "x", "-o", "y")
case("cut", "{u}/cut", but=["stdout"])
case("cut chunk", "{u}/cutchunk", but=["stdout"])
case("empty reply", "{u}/nothing")
case("empty reply to post", "-d", "x", "{u}/nothing")
case("reset", "{u}/reset")
case("reset of post", "-d", "x", "{u}/reset")
case("no http", "{u}/text")
case("bad chunk", "{u}/badchunk", but=["stdout"])
case("100, then closed", "{u}/hundred")
case("100, then closed, after a body", "-d", "x", "{u}/hundred")
case("bad gzip", "--compressed", "{u}/badgzip")
case("bad length", "{u}/badlength")
case("half a head", "{u}/halfhead", but=["stdout", "exit code"])
case("too big", "--max-filesize", "100", "{u}/big")
case("time is over", "-m", "0.3", "{u}/silent")
case("too slow", "-y", "1", "-Y", "1000", "{u}/silent")
case("refused", "http://127.0.0.1:1/")
case("no such name", "http://" + "a" * 70 + "/")
case("no such proxy", "-x", "a" * 70 + ":1", "{u}/")
case("refused by the proxy's host", "-x", "127.0.0.1:1", "{u}/")
case("bad url", "http://[::1/")
case("space in the url", "{u}/a b")
case("bad port", "http://127.0.0.1:99999/")
case("scheme", "nonsense://127.0.0.1/")
case("scheme not allowed", "--proto", "=https", "{u}/")
case("user not allowed", "--disallow-username-in-url",
     "http://joe@127.0.0.1:{p}/")
case("no such option", "--nonsense", "{u}/")
case("ambiguous option", "--proxy-c", "{u}/")
case("no value", "{u}/", "-o")
case("no url", "-L")
case("next before any url", "-I", "--next", "{u}/a")
case("bad number", "--max-redirs", "many", "{u}/")
case("no such upload", "-T", "none", "{u}/x")
case("no such data", "-d", "@none", "{u}/",
     but=["exit code", "stdout", "requests"])
case("no such form file", "-F", "f=@none", "{u}/")
case("no such config", "-K", "none", "{u}/")
case("full disk", "-o", "/dev/full", "{u}/")
case("no such ca file", "--cacert", "none", "https://127.0.0.1:{p}/")
case("no such certificate", "--cert", "none", "https://127.0.0.1:{p}/")
case("no such revocations", "--crlfile", "none", "https://127.0.0.1:{p}/")
case("no such cipher", "--ciphers", "FOO", "https://127.0.0.1:{p}/")
case("no tls there", "https://127.0.0.1:{p}/text")
case("unix socket that is not there", "--unix-socket", "none", "{u}/")
case("interface that is not there", "--interface", "nonsense9", "{u}/")

# --- proxies, addresses, retries ---

case("proxy", "-x", "{u}", "http://example.org/x?y")
case("proxy by environment", "http://example.org/x",
     env={"http_proxy": "http://127.0.0.1:{p}"})
case("proxy with login", "-x", "{u}", "-U", "a:b", "http://example.org/")
case("proxy login in the url", "-x", "http://a:b@127.0.0.1:{p}",
     "http://example.org/")
case("proxy asks", "-x", "{u}", "--proxy-anyauth", "-U", "a:b",
     "http://example.org/proxyauth")
case("proxy and server login", "-x", "{u}", "-U", "a:b", "-u", "c:d", "-H",
     "X: y", "http://example.org/")
case("proxy with post", "-x", "{u}", "-d", "a=b", "http://example.org/")
case("proxy asks for digest", "-x", "{u}", "--proxy-digest", "-U", "a:b",
     "http://example.org/proxyauth")
case("proxy put", "-x", "{u}", "-T", "f", "http://example.org/x",
     files={"f": b"x"})
case("proxy twice", "-x", "{u}", "http://example.org/a", "http://example.net/b")
case("proxy follows", "-x", "{u}", "-L", "http://example.org/302")
case("tunnel", "-p", "-x", "{u}", "http://example.org/")
case("tunnel with fields", "-p", "-x", "{u}", "--proxy-header", "P: q", "-H",
     "X: y", "-A", "me", "http://example.org/")
case("tunnel with login", "-p", "-x", "{u}", "-U", "a:b",
     "http://example.org:8080/")
case("no proxy", "-x", "{u}", "--noproxy", "127.0.0.1", "{u}/direct")
case("resolve", "--resolve", "example.org:{p}:127.0.0.1",
     "http://example.org:{p}/")
case("connect to", "--connect-to", "example.org:80:127.0.0.1:{p}",
     "http://example.org/")
for words in ("::", ":", "bad", "a:1:b"):
    case("connect to " + words, "--connect-to", words, "{u}/")
case("connect to without a port", "--connect-to",
     "example.org:{p}:127.0.0.1", "http://example.org:{p}/")
for words in ("bad", "a:b:c", "h:1:nonsense"):
    case("resolve " + words, "--resolve", words, "{u}/")
case("tunnel refused, fail", "-f", "-p", "-x", "{u}", "http://refused.example/")
case("tunnel asks", "-p", "-x", "{u}", "http://asks.example/")
case("tunnel asks, fail", "-f", "-p", "-x", "{u}", "http://asks.example/")
case("retry of a post", "--retry", "2", "--retry-delay", "1", "-d", "x",
     "{u}/flaky", but=["stdout"])
case("retry", "--retry", "3", "--retry-delay", "1", "{u}/flaky", but=["stdout"])
case("retry in vain", "--retry", "1", "--retry-delay", "1", "-f", "{u}/503")
case("netrc", "--netrc-file", "n", "{u}/basic",
     files={"n": b"machine 127.0.0.1 login joe password secret\n"})
case("netrc of another", "-n", "{u}/basic",
     files={".netrc": b"machine example.org login joe password secret\n"})
case("parallel", "-Z", "--parallel-max", "1", "{u}/[1-3]", "-o", "f#1")

# --- more requests ---

case("netrc is not there", "-n", "{u}/basic")
case("netrc file is not there", "--netrc-file", "none", "{u}/basic")
case("netrc optional", "--netrc-optional", "http://joe:secret@127.0.0.1:{p}/basic",
     files={".netrc": b"machine 127.0.0.1 login other password wrong\n"})
case("netrc before the url", "-n", "http://joe@127.0.0.1:{p}/basic",
     files={".netrc": b"machine 127.0.0.1 login joe password secret\n"})
case("login goes to its origin only", "-L", "-u", "joe:secret", "{u}/cross")
case("login goes anywhere", "--location-trusted", "-u", "joe:secret", "{u}/cross")
case("own fields of a login", "-L", "-H", "Authorization: x", "-H", "Cookie: y",
     "-H", "X: z", "{u}/cross")
case("cookies kept elsewhere", "-L", "-b", "", "{u}/cookie", "{u}/cross")
case("post elsewhere", "-L", "-d", "a=b", "{u}/cross307")
case("upload elsewhere", "-L", "-T", "f", "{u}/cross307", files={"f": b"x"})
case("no scheme", "127.0.0.1:{p}/x")
case("upper case", "HTTP://127.0.0.1:{p}/X")
case("default scheme", "--proto-default", "http", "127.0.0.1:{p}/x")
case("name", "http://localhost:{p}/")
case("coded login", "http://j%6fe:s%65cret@127.0.0.1:{p}/basic")
case("login without password", "-u", "joe:", "{u}/basic")
case("login with colons", "-u", "joe:a:b", "{u}/")
case("wrong password", "--digest", "-u", "joe:wrong", "{u}/basic")
case("own login", "-H", "Authorization: mine", "-u", "joe:secret", "{u}/")
case("cookie field and cookies", "-H", "Cookie: x=y", "-b", "a=b", "{u}/")
case("put with data", "-X", "PUT", "-d", "x", "{u}/")
case("chunked data", "-H", "Transfer-Encoding: chunked", "-d", "abc", "{u}/")
case("chunked file", "-H", "Transfer-Encoding: chunked", "-T", "f", "{u}/x",
     files={"f": b"abc"})
case("close", "-H", "Connection: close", "{u}/", "{u}/")
case("expect asked for", "-H", "Expect: 100-continue", "-d", "x", "{u}/")
case("gzip", "--compressed", "{u}/gzip")
case("gzip that packs very much", "--compressed", "{u}/same")
case("too many codings", "--compressed", "{u}/codings")
case("deflate", "--compressed", "{u}/deflate")
case("gzip not asked for", "{u}/gzip")
case("get without data", "-G", "{u}/x")
case("name of the server only", "-J", "{u}/disposition")
case("more outputs than urls", "-o", "a", "-o", "b", "{u}/")
case("urls by name", "--url", "{u}/a", "--url", "{u}/b")
case("cookies both ways", "-b", "a=b", "-b", "jar", "{u}/",
     files={"jar": b"127.0.0.1\tFALSE\t/\tFALSE\t0\tn\tv\n"})
case("jar and next", "-c", "jar", "{u}/cookie", "--next", "-b", "jar", "{u}/x",
     but=["files"])
case("etag compare not there", "--etag-compare", "none", "{u}/etag")
case("etag both", "--etag-compare", "t", "--etag-save", "t", "{u}/etag",
     files={"t": b'"old"\n'})
case("head into a file", "-I", "-o", "f", "{u}/type")
case("head of nothing", "-If", "{u}/404")
case("head and dump", "-I", "-D", "h", "{u}/type")
case("dump of redirects", "-L", "-D", "h", "{u}/302")
case("not modified", "-z", "6 Nov 1994", "-o", "f", "{u}/304")
case("fail and redirect", "-f", "{u}/302")
case("fail and follow", "-fL", "{u}/302")
case("redirect with a fragment", "-L", "-w", "%{url_effective}", "{u}/frag")
case("redirect to the root", "-L", "{u}/absolute")
case("redirect to spaces", "-L", "{u}/spaces")
case("redirect to nowhere", "-L", "{u}/nowhere")
case("custom method follows", "-L", "-X", "DELETE", "{u}/307")
case("fail with 400", "-f", "{u}/400")
case("two fails", "-f", "{u}/404", "{u}/400")
case("refused, tried again", "--retry", "1", "--retry-delay", "1",
     "--retry-connrefused", "http://127.0.0.1:1/")
case("tunnel refused", "-p", "-x", "{u}", "http://refused.example/")
case("socks where there is none", "--socks5", "127.0.0.1:{p}", "{u}/")
case("write-out of a url", "-w", "%{url}", "127.0.0.1:{p}/x#y")
case("write-out json keys", "-w", "%{stderr}%{json}", "{u}/type")
case("write-out effective", "-w", "%{url_effective}", "127.0.0.1:{p}")
case("write-out effective query", "-w", "%{url_effective}", "-G", "-d", "a=b",
     "http://127.0.0.1:{p}/x/../y")
case("unix socket is one", "--unix-socket", "f", "{u}/", files={"f": b""})

# --- TLS ---

case("tls", "--cacert", "{c}/good.pem", "https://127.0.0.1:{t}/a")
case("tls not trusted", "https://127.0.0.1:{t}/a")
case("tls not of this authority", "--cacert", "{c}/other.pem",
     "https://127.0.0.1:{t}/a")
case("tls insecure", "-k", "https://127.0.0.1:{t}/a")
case("tls of another name", "--cacert", "{c}/good.pem",
     "https://localhost:{t}/a")
case("tls twice", "-k", "https://127.0.0.1:{t}/a", "https://127.0.0.1:{t}/b")
case("tls post", "-k", "-d", "a=b", "https://127.0.0.1:{t}/a")
case("tls put", "-k", "-T", "f", "https://127.0.0.1:{t}/a",
     files={"f": b"x" * 200000})
case("tls 1.2", "-k", "--tls-max", "1.2", "--ciphers",
     "ECDHE-RSA-AES128-GCM-SHA256", "https://127.0.0.1:{t}/a")
case("tls 1.3", "-k", "--tlsv1.3", "https://127.0.0.1:{t}/a")
case("tls client", "-k", "--cert", "{c}/other.pem", "--key", "{c}/other.key",
     "https://127.0.0.1:{t}/client")
case("tls without client", "-k", "https://127.0.0.1:{t}/a")
case("tls key of another", "-k", "--cert", "{c}/other.pem", "--key",
     "{c}/good.key", "https://127.0.0.1:{t}/a")
case("tls without key", "-k", "--cert", "{c}/other.pem",
     "https://127.0.0.1:{t}/a")
case("tls pin", "-k", "--pinnedpubkey", "{c}/pin.pem",
     "https://127.0.0.1:{t}/a")
case("tls pin of another", "-k", "--pinnedpubkey", "sha256//" + "A" * 43 + "=",
     "https://127.0.0.1:{t}/a")
case("tls cut", "-k", "https://127.0.0.1:{t}/cut", but=["stdout"])
case("tls nothing", "-k", "https://127.0.0.1:{t}/nothing")
case("tls through a proxy", "-k", "-x", "{u}", "https://example.tls/a")
case("tls through a proxy with logins", "-k", "-x", "{u}", "-U", "a:b", "-u",
     "c:d", "https://example.tls:8443/a")
case("tls to plain", "-k", "https://127.0.0.1:{p}/a")
case("plain to tls", "http://127.0.0.1:{t}/a", but=["stdout"])
case("tls write-out", "-k", "-w", "%{scheme} %{http_code} %{num_connects}",
     "https://127.0.0.1:{t}/a")


def features(program):
    """Those that change what a request or an answer is."""
    text = subprocess.run([program, "-V"], capture_output=True, text=True,
                          check=True).stdout
    m = re.search(r"^Features:(.*)$", text, re.M)
    return set(m[1].split()) & {"libz", "brotli", "zstd", "IDN", "PSL"}


def main():
    words = [w for w in sys.argv[1:] if not w.startswith("-")]
    curl = shutil.which("curl")
    if not curl:
        print("no curl")
        sys.exit(77)
    version = subprocess.run([curl, "-V"], capture_output=True, text=True,
                             check=True).stdout.split()[1]
    if not version.startswith("7.88."):
        print(f"curl {version} is not 7.88")
        sys.exit(77)
    missing = features(curl) - features(words[0])
    if missing:
        print("httpget was built without", *sorted(missing))
        sys.exit(77)
    ours, names = os.path.abspath(words[0]), words[1:]
    if not shutil.which("openssl"):
        print("no openssl")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as certs:
        bad = run_all(ours, curl, names, Peer(certs))
    print(f"{len(CASES)} cases, {bad} bad")
    sys.exit(1 if bad else 0)


def run_all(ours, curl, names, peer):
    bad = 0
    for name, args, more in CASES:
        if names and name not in names:
            continue
        theirs = run(curl, peer, args, more)
        mine = run(ours, peer, args, more)
        if "-v" in sys.argv:
            print(name, theirs, mine, sep="\n  ")
        bad += not compare(name, mine, theirs, more.get("but", []))
    return bad


main()
