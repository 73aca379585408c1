"""small_site.py DIR - a small site for what nginx and lighttpd do not do by
themselves, made of Python's own parsers: forms, cookies, Digest with nonces
that grow old, trailers, events, interim answers, HTTP/1.0. Its ports are told
in DIR/ports: HTTP/1.1, HTTP/1.0.

    POST /form       what a form says, a line for each field; files are stored
    /cookie?set=...  sets a cookie for each set=; says which ones came
    /digest/ALG/QOP  for joe, secret; a nonce serves twice, then it is stale
    /sum             method, length and SHA-256 of the body that came
    /trailers        chunks, with a trailer that has their SHA-256
    /events          four events, half of a fifth, and the end
    /quiet           an event, and then nothing
    /hints           103, 103, and the answer
    /seen            how many requests came, and on how many connections
"""
import email.parser
import email.policy
import hashlib
import http.cookies
import http.server
import os
import sys
import threading
import time
import urllib.parse
import urllib.request

folder = sys.argv[1]
counts = {'requests': 0, 'connections': 0, 'nonces': {}}


def digest_of(text, algorithm):
    name = 'sha256' if algorithm.startswith('SHA-256') else 'md5'
    return hashlib.new(name, text.encode()).hexdigest()


class Site(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def setup(self):
        counts['connections'] += 1
        super().setup()

    def log_message(self, *args):
        pass

    # --- what came ---

    def chunks(self):
        while True:
            size = int(self.rfile.readline().split(b';')[0], 16)
            data = self.rfile.read(size)
            self.rfile.readline()
            if size == 0:
                return
            yield data

    def body(self):
        if self.headers.get('Transfer-Encoding') == 'chunked':
            return b''.join(self.chunks())
        return self.rfile.read(int(self.headers.get('Content-Length', 0)))

    # --- what goes ---

    def answer(self, text, status=200, fields=()):
        data = text if isinstance(text, bytes) else text.encode()
        self.send_response(status)
        for name, value in fields:
            self.send_header(name, value)
        self.send_header('Content-Length', str(len(data)))
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(data)

    def form(self):
        kind = self.headers.get('Content-Type', '')
        body = self.body()
        if not kind.startswith('multipart/form-data'):
            pairs = urllib.parse.parse_qsl(body.decode(), True, True)
            return self.answer(''.join(f'{n}={v}\n' for n, v in pairs))
        head = f'Content-Type: {kind}\r\n\r\n'.encode()
        message = email.parser.BytesParser(
            policy=email.policy.HTTP).parsebytes(head + body)
        lines = []
        for part in message.iter_parts():
            name = part.get_param('name', header='content-disposition')
            data = part.get_payload(decode=True)
            if part.get_filename() is None:
                lines.append(f'{name}={data.decode()}\n')
                continue
            stored = f'file{len(lines)}'
            with open(os.path.join(folder, stored), 'wb') as f:
                f.write(data)
            lines.append(f'{name}: {part.get_filename()}'
                         f' {part.get_content_type()} {stored}\n')
        return self.answer(''.join(lines))

    def cookie(self):
        query = urllib.parse.urlsplit(self.path).query
        wishes = urllib.parse.parse_qs(query).get('set', [])
        jar = http.cookies.SimpleCookie(self.headers.get('Cookie', ''))
        self.answer(''.join(f'{n}={jar[n].value}\n' for n in sorted(jar)),
                    fields=[('Set-Cookie', w) for w in wishes])

    def digest(self):
        self.body()  # or what comes next would begin with it
        _, _, algorithm, qop = self.path.split('/')
        given = self.headers.get('Authorization', '')
        stale = False
        if given.startswith('Digest '):
            p = urllib.request.parse_keqv_list(
                urllib.request.parse_http_list(given[7:]))
            if self.digest_fits(p, algorithm, qop):
                used = counts['nonces'].get(p['nonce'], 99) + 1
                counts['nonces'][p['nonce']] = used
                if used <= 2 and int(p.get('nc', '1'), 16) == used:
                    return self.answer('come in')
                stale = True
        nonce = os.urandom(16).hex()
        counts['nonces'][nonce] = 0
        words = (f'Digest realm="staff", nonce="{nonce}", opaque="o=,1",'
                 f' algorithm={algorithm}' +
                 (f', qop="{qop}"' if qop != 'none' else '') +
                 (', stale=true' if stale else ''))
        return self.answer('', 401, [('WWW-Authenticate', words)])

    def digest_fits(self, p, algorithm, qop):
        """RFC 7616 section 3.4.1."""
        one = digest_of(f'{p["username"]}:staff:secret', algorithm)
        if algorithm.endswith('-sess'):
            one = digest_of(f'{one}:{p["nonce"]}:{p["cnonce"]}', algorithm)
        two = digest_of(f'{self.command}:{self.path}', algorithm)
        middle = (p['nonce'] if qop == 'none' else
                  f'{p["nonce"]}:{p["nc"]}:{p["cnonce"]}:{p["qop"]}')
        return (p['username'] == 'joe' and p['uri'] == self.path and
                p['opaque'] == 'o=,1' and
                p['response'] == digest_of(f'{one}:{middle}:{two}', algorithm))

    def sum(self):
        data = self.body()
        self.answer(f'{self.command} {len(data)}'
                    f' {hashlib.sha256(data).hexdigest()}\n')

    def trailers(self):
        self.send_response(200)
        self.send_header('Transfer-Encoding', 'chunked')
        self.send_header('Trailer', 'Sum')
        self.end_headers()
        whole = hashlib.sha256()
        for i in range(100):
            data = b'x' * (i * 7 + 1)
            whole.update(data)
            self.wfile.write(b'%x\r\n%s\r\n' % (len(data), data))
        self.wfile.write(b'0\r\nSum: %s\r\n\r\n' % whole.hexdigest().encode())

    def events(self):
        self.send_response(200)
        self.send_header('Content-Type', 'text/event-stream')
        self.send_header('Connection', 'close')
        self.end_headers()
        for part in (b': hello\n\nretry: 70\ndata: one\n\n',
                     b'id: 2\nevent: news\ndata: two\nda', b'ta: lines\n\n',
                     b'data\n\nid: 4\ndata:last\r\n\r\n', b'data: half'):
            self.wfile.write(part)
            self.wfile.flush()
            time.sleep(0.02)
        self.close_connection = True

    def quiet(self):
        self.send_response(200)
        self.send_header('Content-Type', 'text/event-stream; charset=utf-8')
        self.end_headers()
        self.wfile.write(b'data: one\n\n')
        self.wfile.flush()
        self.rfile.read(1)  # until the client goes

    def hints(self):
        for _ in range(2):
            self.send_response_only(103)
            self.send_header('Link', '</style.css>; rel=preload')
            self.end_headers()
        self.answer('after hints')

    def seen(self):
        self.answer(f'{counts["requests"]} {counts["connections"]}\n')

    def any(self):
        counts['requests'] += 1
        place = self.path.split('?')[0].split('/')[1]
        known = ('form', 'cookie', 'digest', 'sum', 'trailers', 'events',
                 'quiet', 'hints', 'seen')
        if place in known:
            getattr(self, place)()
        else:
            self.answer('no such place\n', 404)

    do_GET = do_HEAD = do_POST = do_PUT = any


class Old(Site):
    protocol_version = 'HTTP/1.0'


servers = [http.server.ThreadingHTTPServer(('127.0.0.1', 0), kind)
           for kind in (Site, Old)]
with open(os.path.join(folder, 'ports.new'), 'w') as f:
    f.write(' '.join(str(s.server_port) for s in servers))
os.rename(os.path.join(folder, 'ports.new'), os.path.join(folder, 'ports'))
for s in servers[1:]:
    threading.Thread(target=s.serve_forever, daemon=True).start()
servers[0].serve_forever()
