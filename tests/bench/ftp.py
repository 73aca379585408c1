#!/usr/bin/env python3
"""ftp.py BUILD [--times N] [--files N] [--megabytes N] - urlget beside the curl
program (and lftp, where it is installed) with vsftpd, taking turns: one small
file, many small files by one process, one large file.

BUILD is a meson build directory (--buildtype=release)."""
import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from httpget import report, take_turns

CONF = """listen=YES
listen_address=127.0.0.1
listen_port={port}
background=NO
anonymous_enable=YES
run_as_launching_user=YES
anon_root={dir}/root
allow_writeable_chroot=YES
seccomp_sandbox=NO
xferlog_enable=NO
secure_chroot_dir={dir}/empty
ftp_username={user}
no_anon_password=YES
"""


def start(d, files, megabytes):
    os.makedirs(d + "/root/many")
    os.mkdir(d + "/empty")
    for i in range(1, files + 1):
        with open(f"{d}/root/many/f{i}", "wb") as f:
            f.write(b"x" * 1024)
    with open(d + "/root/large", "wb") as f:
        for _ in range(megabytes):
            f.write(bytes(1 << 20))
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    user = subprocess.run(["id", "-un"], stdout=subprocess.PIPE,
                          check=True).stdout.decode().strip()
    with open(d + "/conf", "w", encoding="ascii") as f:
        f.write(CONF.format(port=port, dir=d, user=user))
    program = shutil.which("vsftpd", path="/usr/sbin:" + os.environ["PATH"])
    if program is None:
        print("skipped: no vsftpd")
        sys.exit(77)
    server = subprocess.Popen([program, d + "/conf"])
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            time.sleep(0.05)
    return server, f"ftp://127.0.0.1:{port}"


def beside(ours, curl, words, times):
    report(("urlget", "curl"), take_turns([[ours, "-s", *words],
                                           [curl, "-s", *words]], times))


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("build")
    a.add_argument("--times", type=int, default=50)
    a.add_argument("--files", type=int, default=1000)
    a.add_argument("--megabytes", type=int, default=1000)
    a = a.parse_args()
    ours = os.path.join(a.build, "clients", "urlget")
    curl = shutil.which("curl")
    if curl is None:
        print("skipped: no curl program")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as d:
        server, base = start(d, a.files, a.megabytes)
        try:
            print(f"one small file, {a.times} times")
            beside(ours, curl, [base + "/many/f1"], a.times)
            print(f"{a.files} small files, one process")
            beside(ours, curl, [f"{base}/many/f[1-{a.files}]"], 2)
            print(f"one file of {a.megabytes} MiB")
            beside(ours, curl, [base + "/large"], 5)
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
