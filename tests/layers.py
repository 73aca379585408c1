#!/usr/bin/env python3
"""layers.py - includes point downward.

Fails when a file includes something of a folder with a larger number, of a
sibling with the same number, a third-party header that has another door, or
(clients, docs) a header that is not installed."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIB = ROOT / 'lib'

# A file may include its own folder and folders with a smaller number.
LEVEL = {
    'core': 0, 'run': 1,
    'stream': 2, 'uri': 2, 'sasl': 2, 'mail': 2,
    'client': 3,
    'http': 4, 'smtp': 4, 'pop3': 4, 'nntp': 4, 'ftp': 4, 'gopher': 4,
    'url': 5,
}
# Level 2 but for these is not allowed to wait, nor to know the runtime.
COMPUTES = {'uri': {'core'}, 'sasl': {'core'}, 'mail': {'core', 'run'}}
# The only file that names all protocols.
EXEMPT = {'url/schemes.c'}

# The public headers: lowest level whose files may include them.
PUBLIC = {
    'error.h': 0, 'buf.h': 0, 'field.h': 0, 'options.h': 0,
    'task.h': 1,
    'stream.h': 1,  # run/wait.h needs struct sc_wait
    'udp.h': 2, 'uri.h': 0, 'script.h': 2,
    'class.h': 2,   # both tables: stream_class is level 2's
    'sasl.h': 2, 'mail.h': 2,
    'client.h': 3, 'simpleclient.h': 3,
    'http.h': 4, 'httplib.h': 4, 'http_session.h': 4, 'http_form.h': 4,
    'smtp.h': 4, 'pop3.h': 4, 'nntp.h': 4,
    'ftp.h': 4, 'gopher.h': 4, 'url.h': 5, 'scheme.h': 5,
}
# A user header of a lower layer never includes one of a higher.
HEADER = {
    'error.h': 0, 'buf.h': 1, 'field.h': 2, 'uri.h': 2, 'task.h': 2,
    'options.h': 2, 'stream.h': 3, 'udp.h': 4, 'script.h': 4, 'sasl.h': 3,
    'mail.h': 3, 'client.h': 4, 'class.h': 5, 'simpleclient.h': 6,
    'scheme.h': 9, 'http.h': 6, 'httplib.h': 7, 'http_session.h': 7,
    'http_form.h': 7, 'smtp.h': 6, 'pop3.h': 6,
    'nntp.h': 6, 'ftp.h': 6, 'gopher.h': 6, 'url.h': 8,
}

# Third-party headers, and the files that may include them.
DOORS = [
    (r'uv\.h|uv/.*',
     r'run/.*|stream/(watch|sock|listen|udp|resolve|connect|file)\.[ch]'),
    (r'openssl/.*', r'stream/tls[a-z_]*\.[ch]|sasl/digest\.c'),
    (r'uriparser/.*', r'uri/uri\.c'),
    (r'zlib\.h|zconf\.h', r'stream/coding_zlib\.c'),
    (r'brotli/.*', r'stream/coding_brotli\.c'),
    (r'zstd.*\.h', r'stream/coding_zstd\.c'),
    (r'idn2\.h', r'uri/idn\.c'),
    (r'libpsl\.h', r'http/http_cookie_domain\.c'),
    (r'valgrind/.*|sanitizer/.*', r'run/.*|core/mem\.[ch]'),
    (r'cmocka\.h', r'$nobody'),
]

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
problems = []


def complain(path, what):
    problems.append(f'{path.relative_to(ROOT)}: {what}')


def includes(path):
    return INCLUDE.findall(path.read_text())


def check_door(path, name, inside):
    for header, door in DOORS:
        if re.fullmatch(header, name) and not re.fullmatch(door, inside):
            complain(path, f'<{name}> comes in by another door')


def check_private(path, folder, name):
    parts = name.split('/')
    if len(parts) != 2 or not (LIB / name).is_file():
        complain(path, f'"{name}" is not written from lib/')
        return
    other = parts[0]
    if other not in LEVEL:
        complain(path, f'"{name}": folder {other} has no number')
    elif other != folder and LEVEL[other] >= LEVEL[folder]:
        complain(path, f'"{name}" is not below {folder}/')
    elif other != folder and other not in COMPUTES.get(folder, LEVEL):
        complain(path, f'"{name}": {folder}/ only computes')


def check_lib(path):
    inside = path.relative_to(LIB).as_posix()
    folder = inside.split('/')[0]
    if folder not in LEVEL:
        complain(path, f'folder {folder} has no number in layers.py')
        return
    if inside in EXEMPT:
        return
    for kind, name in includes(path):
        if kind == '"':
            check_private(path, folder, name)
        elif name.startswith('simpleclient/'):
            name = name.split('/')[1]
            if PUBLIC.get(name, 99) > LEVEL[folder]:
                complain(path, f'<{name}> is above {folder}/')
        else:
            check_door(path, name, inside)
            if name.split('/')[0] in LEVEL:
                complain(path, f'<{name}>: private headers take quotes')


def check_public(path):
    if path.name not in HEADER or path.name not in PUBLIC:
        complain(path, 'has no number in layers.py')
        return
    for kind, name in includes(path):
        if kind == '"':
            complain(path, f'"{name}": installed headers take <>')
        elif name.startswith('simpleclient/'):
            if HEADER.get(name.split('/')[1], 99) >= HEADER[path.name]:
                if path.name != 'simpleclient.h':
                    complain(path, f'<{name}> is not below it')
        else:
            check_door(path, name, 'simpleclient/' + path.name)


def check_user(path):
    """Programs outside the library see what is installed."""
    for kind, name in includes(path):
        if kind == '"' and not (path.parent / name).is_file() \
                and not (ROOT / 'clients' / name).is_file():
            complain(path, f'"{name}" is not installed')
        elif kind == '<' and name.split('/')[0] in LEVEL:
            complain(path, f'<{name}> is not installed')


def main():
    seen = {}
    for path in sorted(LIB.rglob('*.[ch]')):
        if path.parent.name == 'simpleclient':
            check_public(path)
            continue
        # A stack trace must say which file.
        if path.name in seen:
            complain(path, f'its name is taken by {seen[path.name]}')
        seen[path.name] = path.relative_to(ROOT)
        check_lib(path)
    for top in ('clients', 'docs'):
        for path in sorted((ROOT / top).rglob('*.[ch]')):
            check_user(path)
    for p in problems:
        print(p)
    return 1 if problems else 0


sys.exit(main())
