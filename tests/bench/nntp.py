#!/usr/bin/env python3
"""nntp.py BUILD [JOB...] [--rounds N] [--scale F] - the NNTP jobs, ours beside
the limits and those of libetpan, Go and nntplib that are installed, taking
turns; prints medians and ratios.

BUILD is a meson build directory (--buildtype=release). Client and server both
have core 0, but in N1 and N3: across two cores one would measure how long one
wakes the other. Elsewhere the CPU time of both tells what the rate would be
if nobody else used the core."""
import argparse
import importlib.util
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile

from run import cpu, make_certificate, ratio, run_timed

HERE = os.path.dirname(os.path.abspath(__file__))
LARGE = 500_000_000
# job: (count, size, who takes part, what)
JOBS = {
    "N1": (1_000_000, 2048, "limit ours libetpan go nntplib",
           "OVER of 1M articles, 170 bytes a line"),
    "N2": (50_000, 2048, "limit ours limit_rtt article libetpan go nntplib",
           "ARTICLE of 50,000 articles of 2 KB"),
    "N2z": (50_000, 2048, "limit_deflate deflate", "N2 over COMPRESS DEFLATE"),
    "N2t": (50_000, 2048, "limit_tls tls", "N2 over TLS 1.3"),
    "N3": (LARGE, 0, "limit ours libetpan go nntplib",
           "one BODY of 500 MB, every eighth line dotted"),
    "N3y": (LARGE, 0, "limit ours", "one BODY of 500 MB of yEnc, decoded"),
    "N4": (5_000, 2048, "limit ours send libetpan go nntplib",
           "POST of 5,000 articles of 2 KB"),
}
# who: (program, mode)
WHO = {
    "limit": ("limit_nntp", ""),
    "limit_rtt": ("limit_nntp", "rtt"),
    "limit_deflate": ("limit_nntp", "deflate"),
    "limit_tls": ("limit_nntp", "tls"),
    "ours": ("bench_nntp", ""),
    "article": ("bench_nntp", "article"),
    "deflate": ("bench_nntp", "deflate"),
    "tls": ("bench_nntp", "tls"),
    "send": ("bench_nntp", "send"),
    "libetpan": ("peer_etpan", ""),
    "go": ("peer_nntp.go", ""),
    "nntplib": ("peer_nntp.py", ""),
}
TWO_CORES = ("N1", "N3", "N3y")
OURS = ("ours", "article", "deflate", "tls", "send")
# Those that would take long do a part of it.
PART = {("N1", "nntplib"): 0.1, ("N2", "nntplib"): 0.2, ("N3", "go"): 0.25,
        ("N3", "nntplib"): 0.1}


class Server:
    def __init__(self, build, core, count, size, cert):
        self.p = subprocess.Popen(
            ["taskset", "-c", core,
             os.path.join(build, "tests/bench/bench_nntp_server"), str(count),
             str(size), *cert], stdout=subprocess.PIPE, text=True)
        self.port = self.p.stdout.readline().split()[1]

    def stop(self):
        self.p.send_signal(signal.SIGTERM)
        return json.loads(self.p.communicate(timeout=30)[0])


class Bench:
    def __init__(self, build, directory, scale):
        self.build, self.scale, self.go = build, scale, None
        self.cert = make_certificate(directory)
        if shutil.which("go"):
            self.go = os.path.join(directory, "peer_nntp")
            env = dict(os.environ, GO111MODULE="off")
            subprocess.run(["go", "build", "-o", self.go,
                            os.path.join(HERE, "peer_nntp.go")], env=env,
                           check=True)

    def program(self, who):
        """None: not installed."""
        name = WHO[who][0]
        if name.endswith(".go"):
            return [self.go] if self.go else None
        if name.endswith(".py"):
            there = importlib.util.find_spec("nntplib")
            return [sys.executable, os.path.join(HERE, name)] if there else None
        path = os.path.join(self.build, "tests/bench", name)
        return [path] if os.path.exists(path) else None

    def once(self, job, who):
        count, size = JOBS[job][:2]
        part = PART.get((job, who), 1)
        n = max(1, int(count * self.scale * part))
        server = Server(self.build, "1" if job in TWO_CORES else "0",
                        2 if size == 0 else n, n if size == 0 else size,
                        self.cert if job == "N2t" else ())
        env = dict(os.environ, BENCH_CA=self.cert[0])
        try:
            out, _ = run_timed(
                ["taskset", "-c", "0", *self.program(who), job, "127.0.0.1",
                 server.port, str(n), str(size), "1", WHO[who][1]], env)
        finally:
            counts = server.stop()
        self.check(job, who, counts, n)
        r = json.loads(out)
        r["both"] = cpu(r) + counts["cpu"]
        for key in "seconds", "user", "sys", "bytes", "both":
            r[key] /= part
        return r

    @staticmethod
    def check(job, who, counts, n):
        """Nobody may win by doing less."""
        what, wanted = {"1": ("over", 1), "2": ("article", n),
                        "3": ("body", 1), "4": ("post", n)}[job[1]]
        if counts[what] != wanted:
            print(f"  {job} {who}: {what} {counts[what]}, not {wanted}")


def report(job, runs):
    print(f"{job}: {JOBS[job][3]}")
    for who, rs in runs.items():
        c, rate = [cpu(r) for r in rs], [r["rate"] for r in rs]
        grown = max(r["rss_kb"] - r["rss_before_kb"] for r in rs)
        speed = ""
        if rs[0]["unit"] == "MB/s":
            bulk = statistics.median(r["bytes"] / 1e6 / cpu(r) for r in rs)
            speed = f"; {bulk:.0f} MB for each second of it"
        print(f"  {who:13} {statistics.median(rate):10.0f} {rs[0]['unit']:5}"
              f" (best {max(rate):.0f}) CPU {statistics.median(c):7.4f} s (best "
              f"{min(c):.4f}; user {statistics.median(r['user'] for r in rs):.4f}"
              f"{speed}) RSS +{grown} KB")
    for who in OURS:
        for other in runs:
            if who not in runs or other in OURS:
                continue
            c = ratio(runs[who], runs[other], cpu)
            t = ratio(runs[other], runs[who], lambda r: r["seconds"])
            b = ratio(runs[other], runs[who], lambda r: r["both"])
            both = "" if job in TWO_CORES else f", by CPU of both {b[0]:.2f}"
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
    with tempfile.TemporaryDirectory() as directory:
        b = Bench(a.build, directory, a.scale)
        for job in a.jobs or JOBS:
            who = [w for w in JOBS[job][2].split() if b.program(w) is not None]
            if a.who:
                who = [w for w in who if w in a.who.split(",")]
            runs = {w: [] for w in who}
            for _ in range(a.rounds):
                for w in runs:
                    runs[w].append(b.once(job, w))
            report(job, runs)


if __name__ == "__main__":
    main()
