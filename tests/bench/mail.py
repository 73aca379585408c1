#!/usr/bin/env python3
"""mail.py BUILD [JOB...] [--rounds N] [--scale F] [--who A,B] - the mail jobs,
ours beside the limits, libcurl, libetpan, Go's net/smtp and smtp-source, taking
turns; prints medians and ratios, and who is not here.

BUILD is a meson build directory (--buildtype=release). Client and server both
have core 0, but in S2: across two cores one would measure how long one wakes
the other. Where both have it, the CPU time of both tells what the rate would be
if nobody else had it; other programs disturb the rate more."""
import argparse
import json
import os
import re
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

from run import cpu, ratio, run_timed

# job: (count, size, recipients or sessions, who takes part, what)
JOBS = {
    "S1": (20_000, 1024, 1,
           "limit batch limit_pipe batch_pipe limit_rtt send send_pipe "
           "libcurl libetpan go smtp-source", "20,000 messages of 1 KB"),
    "S2": (1_000_000_000, 0, 1,
           "limit ours limit_pipe ours_pipe libcurl libetpan go",
           "one message of 1 GB from a file"),
    "S3": (2_000, 1024, 50, "limit batch limit_pipe batch_pipe libcurl "
           "libetpan go smtp-source", "2,000 messages of 1 KB to 50 recipients"),
    "S4": (10, 1024, 1_000, "sessions smtp-sink",
           "1,000 sessions, 10 messages in each"),
}
# who: (program, mode, what the server offers)
WHO = {
    "limit": ("limit_smtp", "", "full"),
    "limit_pipe": ("limit_smtp", "pipe", "pipe"),
    "limit_rtt": ("limit_smtp", "rtt", "pipe"),
    "batch": ("bench_smtp", "", "full"),
    "batch_pipe": ("bench_smtp", "", "pipe"),
    "send": ("bench_smtp", "send", "full"),
    "send_pipe": ("bench_smtp", "send", "pipe"),
    "ours": ("bench_smtp", "", "full"),
    "ours_pipe": ("bench_smtp", "", "pipe"),
    "sessions": ("bench_smtp", "", "full"),
    "smtp-sink": ("bench_smtp", "", "smtp-sink"),
    "libcurl": ("peer_curl", "", "pipe"),
    "libetpan": ("peer_etpan", "", "pipe"),
    "go": ("peer_smtp.go", "", "pipe"),
    "smtp-source": (None, "", "pipe"),
}
OURS = "batch batch_pipe send send_pipe ours ours_pipe sessions smtp-sink".split()


class Server:
    def __init__(self, build, core, mode):
        self.p = subprocess.Popen(
            ["taskset", "-c", str(core),
             os.path.join(build, "tests/bench/bench_smtp_server"), mode],
            stdout=subprocess.PIPE, text=True)
        self.port = self.p.stdout.readline().split()[1]

    def stop(self):
        self.p.send_signal(signal.SIGTERM)
        return json.loads(self.p.communicate(timeout=30)[0])


class Sink:
    """Postfix's, with its counters on. It cannot choose a port by itself."""

    def __init__(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = str(s.getsockname()[1])
        self.out = tempfile.TemporaryFile()
        user = ["-u", "nobody"] if os.geteuid() == 0 else []
        self.p = subprocess.Popen(
            ["taskset", "-c", "0", "smtp-sink", *user, "-c", "-m", "2000",
             f"127.0.0.1:{self.port}", "2000"], stdout=self.out)
        self.wait()

    def wait(self):
        until = time.monotonic() + 10
        while time.monotonic() < until:
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", int(self.port))) == 0:
                    return
            time.sleep(0.01)
        sys.exit("smtp-sink does not listen")

    def stop(self):
        self.p.send_signal(signal.SIGTERM)
        self.p.wait(30)
        self.out.seek(0)
        found = re.findall(rb"mesg=(\d+)", self.out.read()) or [b"0"]
        self.out.close()
        return {"messages": int(found[-1]), "cpu": 0}


def make_mail(directory, size):
    """Lines of 74 with their CRLF, a dot before each eighth; in the page
    cache."""
    path = os.path.join(directory, "mail")
    line = b"abcdefghijklmnopqrstuvwxyz" * 3
    block = (line[:72] + b"\r\n") * 7 + b"." + line[:71] + b"\r\n"
    block *= 16 * 128
    with open(path, "wb") as f:
        left = size - f.write(b"Subject: bench\r\n\r\n") - 2
        while left > 0:
            left -= f.write(block[:left])
        f.write(b"\r\n")
    with open(path, "rb") as f:
        while f.read(16 << 20):
            pass
    return path


def smtp_source(port, n, size, recipients):
    """It prints nothing: the whole process is timed."""
    began = time.monotonic()
    _, use = run_timed(
        ["taskset", "-c", "0", "smtp-source", "-d", "-m", str(n), "-l",
         str(size), "-r", str(recipients), "-s", "1", f"127.0.0.1:{port}"])
    took = time.monotonic() - began
    return {"n": n, "rate": n / took, "unit": "ops/s", "seconds": took,
            "user": use.ru_utime, "sys": use.ru_stime, "rss_kb": 0,
            "rss_before_kb": 0}


class Bench:
    def __init__(self, build, directory, scale):
        self.build, self.dir, self.scale, self.file = build, directory, scale, None
        self.go = self.build_go()

    def build_go(self):
        program = os.path.join(self.dir, "peer_smtp")
        source = os.path.join(os.path.dirname(__file__), "peer_smtp.go")
        if shutil.which("go") is None:
            return None
        env = dict(os.environ, GO111MODULE="off", GOPROXY="off")
        p = subprocess.run(["go", "build", "-o", program, source], env=env)
        return program if p.returncode == 0 else None

    def path(self, who):
        program = WHO[who][0]
        if who == "smtp-sink" and shutil.which("smtp-sink") is None:
            return None
        if program is None:
            return shutil.which(who)
        if who == "go":
            return self.go
        path = os.path.join(self.build, "tests/bench", program)
        return path if os.path.exists(path) else None

    def entrants(self, job, wanted):
        names = JOBS[job][3].split()
        missing = [w for w in names if self.path(w) is None]
        if missing:
            print(f"{job}: not here: {', '.join(missing)}")
        return [w for w in names if w not in missing and
                (not wanted or w in wanted.split(","))]

    def once(self, job, who):
        n, size, conns = JOBS[job][:3]
        n = n if job == "S4" else max(1, int(n * self.scale))
        program, mode, offers = WHO[who]
        if offers == "smtp-sink":
            server = Sink()
        else:
            server = Server(self.build, 1 if job == "S2" else 0, offers)
        env = dict(os.environ)
        if job == "S2":
            self.file = self.file or make_mail(self.dir, n)
            env["BENCH_FILE"] = self.file
        try:
            if program is None:
                r = smtp_source(server.port, n, size, conns)
            else:
                out, _ = run_timed(
                    ["taskset", "-c", "0", self.path(who), job, "127.0.0.1", 
                     server.port, str(n), str(size), str(conns), mode], env)
                r = json.loads(out)
        finally:
            counts = server.stop()
        wanted = 1 if job == "S2" else n * (conns if job == "S4" else 1)
        if counts["messages"] != wanted:
            print(f"  {job} {who}: {counts['messages']} messages arrived")
        return dict(r, both=cpu(r) + counts["cpu"])


def report(job, runs):
    print(f"{job}: {JOBS[job][4]}")
    for who, rs in runs.items():
        c, rate = [cpu(r) for r in rs], [r["rate"] for r in rs]
        grown = max(r["rss_kb"] - r["rss_before_kb"] for r in rs)
        each = f", {grown / JOBS[job][2]:.0f} KB a session" if job == "S4" else ""
        print(f"  {who:11} {statistics.median(rate):10.0f} {rs[0]['unit']:5}"
              f" CPU {statistics.median(c):7.3f} s (best {min(c):.3f}; user "
              f"{statistics.median(r['user'] for r in rs):.3f})"
              f" RSS +{grown} KB{each}")
    for who in OURS:
        for other in runs:
            if who not in runs or other in OURS:
                continue
            c = ratio(runs[who], runs[other], cpu)
            t = ratio(runs[other], runs[who], lambda r: r["seconds"])
            b = ratio(runs[other], runs[who], lambda r: r["both"])
            both = "" if job == "S2" else f", by CPU of both {b[0]:.2f}"
            print(f"  {who} / {other}: CPU {c[0]:.2f} (best {c[1]:.2f}), "
                  f"rate {t[0]:.2f} (best {t[1]:.2f}){both}")
    sys.stdout.flush()


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("build")
    a.add_argument("jobs", nargs="*")
    a.add_argument("--rounds", type=int, default=5)
    a.add_argument("--scale", type=float, default=1)
    a.add_argument("--who", help="only these, separated by commas")
    a = a.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(20_000, hard), hard))
    with tempfile.TemporaryDirectory() as directory:
        b = Bench(a.build, directory, a.scale)
        for job in a.jobs or JOBS:
            runs = {w: [] for w in b.entrants(job, a.who)}
            for _ in range(a.rounds):
                for w in runs:
                    runs[w].append(b.once(job, w))
            report(job, runs)


if __name__ == "__main__":
    main()
