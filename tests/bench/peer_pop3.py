#!/usr/bin/env python3
"""peer_pop3.py JOB HOST PORT COUNT - the POP3 jobs by CPython's poplib."""
import json
import poplib
import resource
import sys
import time

poplib._MAXLINE = 1 << 20


def used():
    r = resource.getrusage(resource.RUSAGE_SELF)
    return r.ru_utime, r.ru_stime


def peak():
    with open("/proc/self/status") as f:
        return next(int(x.split()[1]) for x in f if x.startswith("VmHWM:"))


job, host, port, count = sys.argv[1:5]
n = 1 if job == "P2" else int(count)
before, use, began = peak(), used(), time.monotonic()
p = poplib.POP3(host, int(port))
p.user("bench")
p.pass_("bench")
if job == "P1":
    p.uidl()
octets = 0
for i in range(1, n + 1):
    octets += (p.top(i, 0) if job == "P3" else p.retr(i))[2]
p.quit()
took, use2 = time.monotonic() - began, used()
print(json.dumps({
    "job": job, "who": "poplib", "seconds": took, "n": n, "bytes": octets,
    "rate": (octets / 1e6 if job == "P2" else n) / took,
    "unit": "MB/s" if job == "P2" else "ops/s", "user": use2[0] - use[0],
    "sys": use2[1] - use[1], "rss_kb": peak(), "rss_before_kb": before}))
