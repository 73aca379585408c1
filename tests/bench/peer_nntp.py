#!/usr/bin/env python3
"""peer_nntp.py JOB HOST PORT COUNT [SIZE] - the NNTP jobs by CPython's nntplib
(to Python 3.12)."""
import json
import resource
import sys
import time
import warnings

warnings.simplefilter("ignore", DeprecationWarning)
import nntplib  # noqa: E402


def used():
    r = resource.getrusage(resource.RUSAGE_SELF)
    return r.ru_utime, r.ru_stime


def peak():
    with open("/proc/self/status") as f:
        return next(int(x.split()[1]) for x in f if x.startswith("VmHWM:"))


def article(size):
    text = (b"From: sender@bench.example\r\nNewsgroups: bench.test\r\n"
            b"Subject: bench\r\n\r\n")
    lines = [b"." + b"abcdefghi" * 8 + b"\r\n"] + [b"abcdefghi" * 8 + b"\r\n"] * 7
    i = 0
    while len(text) < size:
        i += 1
        text += lines[i % 8]
    return text[:size - 2] + b"\r\n"


def run(s, job, n, size):
    if job == "N1":
        if len(s.over((1, n))[1]) != n:
            sys.exit("lines are missing")
        return 0
    if job == "N4":
        text = article(size)
        for _ in range(n):
            s.post(text)
        return n * size
    with open("/dev/null", "wb") as null:
        for i in range(1, n + 1):
            if job == "N2":
                s.article(i, file=null)
            else:
                s.body(i, file=null)
    return n * size


job, host, port, count = sys.argv[1:5]
size = int(sys.argv[5])
n = 1 if job == "N3" else int(count)
size = int(count) if job == "N3" else size
before, use, began = peak(), used(), time.monotonic()
s = nntplib.NNTP(host, int(port))
s.group("bench.test")
octets = run(s, job, n, size)
s.quit()
took, use2 = time.monotonic() - began, used()
print(json.dumps({
    "job": job, "who": "nntplib", "seconds": took, "n": n, "bytes": octets,
    "rate": (octets / 1e6 if job == "N3" else n) / took,
    "unit": "MB/s" if job == "N3" else "ops/s", "user": use2[0] - use[0],
    "sys": use2[1] - use[1], "rss_kb": peak(), "rss_before_kb": before}))
