#!/usr/bin/env python3
"""run.py BUILD [JOB...] [--rounds N] [--scale F] - the HTTP jobs,
ours beside the limit, libcurl and wrk, taking turns; prints medians and ratios.

BUILD is a meson build directory (--buildtype=release). Without JOB: all.
--scale 0.1 does a tenth of each job. Two cores at least: the client has core
0, the server core 1; in jobs of round trips both have core 0."""
import argparse
import json
import os
import re
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile

MB = 1_000_000
# job: (count, size, connections, both on one core, who takes part, what)
JOBS = {
    "H1": (100_000, 1024, 1, True, "limit ours url libcurl",
           "GETs of 1 KB on one connection"),
    "H2": (200_000, 1024, 100, False, "limit ours wrk",
           "GETs of 1 KB, 100 connections"),
    "H2k": (200_000, 1024, 1000, False, "limit ours wrk",
            "GETs of 1 KB, 1,000 connections"),
    "H3": (10, 1024, 9900, False, "limit ours wrk",
           "10 GETs on each of 9,900 connections"),
    "H4": (4000 * MB, 0, 1, False, "limit ours libcurl", "4 GB download"),
    "H5": (2000, 1024, 1, True, "limit ours libcurl",
           "GETs of 1 KB, a new connection each"),
    "H6": (1000 * MB, 0, 1, False, "limit ours libcurl",
           "1 GB download in chunks"),
    "T1": (20_000, 1024, 1, True, "limit ours url libcurl",
           "TLS: GETs of 1 KB on one connection"),
    "T4": (2000 * MB, 0, 1, False, "limit ours libcurl", "TLS: 2 GB download"),
    "T5": (500, 1024, 1, True, "limit ours libcurl",
           "TLS: new connections, resumed"),
    "U4": (4000 * MB, 0, 1, False, "limit ours libcurl",
           "4 GB upload from a file"),
}


class Server:
    """bench_server on a free port; its counters when it ends."""

    def __init__(self, build, core, args):
        self.p = subprocess.Popen(
            ["taskset", "-c", str(core),
             os.path.join(build, "tests/bench/bench_server"), *args],
            stdout=subprocess.PIPE, text=True)
        self.port = self.p.stdout.readline().split()[1]

    def stop(self):
        self.p.send_signal(signal.SIGTERM)
        out = self.p.communicate(timeout=30)[0]
        return json.loads(out)


def make_certificate(directory):
    cert, key = (os.path.join(directory, n) for n in ("cert.pem", "key.pem"))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
         "/CN=bench", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", key, "-out", cert], check=True, capture_output=True)
    return cert, key


def make_file(directory, size):
    """Zeros, read once, so that they come out of the page cache."""
    path = os.path.join(directory, "upload")
    with open(path, "wb") as f:
        f.truncate(size)
    with open(path, "rb") as f:
        while f.read(16 << 20):
            pass
    return path


def run_timed(cmd, env=None):
    """Output and (user + system) seconds of a command."""
    p = subprocess.Popen(cmd, stdout=subprocess.PIPE, env=env)
    out = p.stdout.read()
    _, status, use = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    if p.returncode:
        sys.exit(f"{cmd[0]}: exit code {p.returncode}")
    return out, use


def run_wrk(job, port, total, conns):
    """wrk ends by the clock: its CPU time is scaled to TOTAL requests."""
    out, use = run_timed(
        ["taskset", "-c", "0", "wrk", "-t1", f"-c{conns}", "-d2s",
         f"http://127.0.0.1:{port}/1024"])
    done = int(re.search(rb"(\d+) requests in", out)[1])
    took = float(re.search(rb"requests in ([\d.]+)s", out)[1])
    return {"job": job, "who": "wrk", "n": total, "rate": done / took,
            "unit": "ops/s", "seconds": took * total / done,
            "user": use.ru_utime * total / done,
            "sys": use.ru_stime * total / done, "rss_kb": 0}  # not told


class Bench:
    def __init__(self, build, directory, scale):
        self.build, self.scale = build, scale
        self.cert = make_certificate(directory) if shutil.which("openssl") \
            else None
        self.dir, self.file = directory, None
        self.have = {"limit": "limit_http", "ours": "bench_http",
                     "url": "bench_http"}
        if os.path.exists(os.path.join(build, "tests/bench/peer_curl")):
            self.have["libcurl"] = "peer_curl"
        if shutil.which("wrk"):
            self.have["wrk"] = "wrk"

    def entrants(self, job):
        return [w for w in JOBS[job][4].split() if w in self.have]

    def count(self, job):
        """H3 counts for each connection: that is not made smaller."""
        n = JOBS[job][0]
        return n if job == "H3" else max(1, int(n * self.scale))

    def command(self, job, who, port):
        _, size, conns = JOBS[job][:3]
        cmd = ["taskset", "-c", "0",
               os.path.join(self.build, "tests/bench", self.have[who]),
               job[:2], "127.0.0.1", port, str(self.count(job)), str(size),
               str(conns)]
        return cmd + (["url"] if who == "url" else [])

    def once(self, job, who):
        _, _, conns, one_core = JOBS[job][:4]
        n = self.count(job) * (conns if job == "H3" else 1)
        server = Server(self.build, 0 if one_core else 1,
                        self.cert if job[0] == "T" else [])
        env = dict(os.environ)
        if self.cert:
            env["BENCH_CA"] = self.cert[0]
        if job[0] == "U":
            self.file = self.file or make_file(self.dir, self.count(job))
            env["BENCH_FILE"] = self.file
        try:
            if who == "wrk":
                return run_wrk(job, server.port, n, conns)
            out, _ = run_timed(self.command(job, who, server.port), env)
        finally:
            counts = server.stop()
        result = dict(json.loads(out), who=who)
        self.check(job, result, counts)
        return result

    @staticmethod
    def check(job, result, counts):
        """Nobody may win by doing less."""
        wanted = {"requests": result["n"]}
        if job[1] == "5":
            wanted["connections"] = result["n"]
        if job == "T5":
            wanted["resumed"] = result["n"] - 1
        for k, v in wanted.items():
            if counts[k] != v:
                print(f"  {job} {result['who']}: {k} {counts[k]}, not {v}")


def cpu(r):
    return r["user"] + r["sys"]


def ratio(mine, theirs, key):
    """Median over the rounds (each beside its own neighbour), and best by
    best."""
    pairs = [key(a) / max(key(b), 1e-6) for a, b in zip(mine, theirs)]
    best = min(map(key, mine)) / max(min(map(key, theirs)), 1e-6)
    return statistics.median(pairs), best


def report(job, runs):
    print(f"{job}: {JOBS[job][5]}")
    for who, rs in runs.items():
        c, rate = [cpu(r) for r in rs], [r["rate"] for r in rs]
        print(f"  {who:8} {statistics.median(rate):10.0f} {rs[0]['unit']:5}"
              f" CPU {statistics.median(c):7.3f} s (best {min(c):.3f}; "
              f"user {statistics.median(r['user'] for r in rs):.3f})"
              f" RSS {max(r['rss_kb'] for r in rs) / 1024:.1f} MB")
    for who in ("ours", "url"):
        for other in ("limit", "libcurl", "wrk"):
            if who in runs and other in runs:
                c = ratio(runs[who], runs[other], cpu)
                t = ratio(runs[who], runs[other], lambda r: r["seconds"])
                print(f"  {who} / {other}: CPU {c[0]:.2f} (best {c[1]:.2f}), "
                      f"wall {t[0]:.2f} (best {t[1]:.2f})")
    sys.stdout.flush()


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("build")
    a.add_argument("jobs", nargs="*")
    a.add_argument("--rounds", type=int, default=5)
    a.add_argument("--scale", type=float, default=1)
    a = a.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(20_000, hard), hard))
    with tempfile.TemporaryDirectory() as directory:
        b = Bench(a.build, directory, a.scale)
        for job in a.jobs or JOBS:
            if job[0] == "T" and not b.cert:
                print(f"{job}: skipped, no openssl program")
                continue
            runs = {w: [] for w in b.entrants(job)}
            for _ in range(a.rounds):
                for who in runs:
                    runs[who].append(b.once(job, who))
            report(job, runs)


if __name__ == "__main__":
    main()
