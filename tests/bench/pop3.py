#!/usr/bin/env python3
"""pop3.py BUILD [JOB...] [--rounds N] [--scale F] [--dir DIR] - the POP3 jobs,
ours beside the limits and those of libetpan, libcurl, mpop, Go and poplib that
are installed, taking turns; prints medians and ratios.

BUILD is a meson build directory (--buildtype=release). Client and server both
have core 0, but in P2: across two cores one would measure how long one wakes
the other. In P5 they are where they like: the disk decides. DIR: where P5
writes its Maildirs; a disk, not a tmpfs."""
import argparse
import json
import os
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

from run import cpu, ratio, run_timed

HERE = os.path.dirname(os.path.abspath(__file__))
# job: (count, size, sessions, who takes part, what)
JOBS = {
    "P1": (20_000, 2048, 1, "limit ours limit_rtt retr libetpan libcurl mpop "
           "go poplib", "UIDL and RETR of 20,000 messages of 2 KB"),
    "P2": (1_000_000_000, 0, 1, "limit ours libetpan libcurl mpop go poplib",
           "one message of 1 GB, every eighth line dotted"),
    "P3": (20_000, 2048, 1, "limit ours limit_rtt top libetpan libcurl go "
           "poplib", "TOP n 0 of 20,000 messages"),
    "P4": (10, 2048, 1_000, "ours", "10 messages of each of 1,000 mailboxes"),
    "P5": (5_000, 2048, 1, "ours mpop", "5,000 messages into a Maildir"),
}
# who: (program, mode)
WHO = {
    "limit": ("limit_pop3", ""),
    "limit_rtt": ("limit_pop3", "rtt"),
    "ours": ("bench_pop3", ""),
    "retr": ("bench_pop3", "retr"),
    "top": ("bench_pop3", "top"),
    "libetpan": ("peer_etpan", ""),
    "libcurl": ("peer_curl", ""),
    "mpop": (None, ""),
    "go": ("peer_pop3.go", ""),
    "poplib": ("peer_pop3.py", ""),
}
OURS = ("ours", "retr", "top")
# Those that would take minutes do a part of it.
PART = {("P2", "go"): 0.25, ("P2", "poplib"): 0.1}


class Server:
    def __init__(self, build, cores, count, size):
        self.p = subprocess.Popen(
            ["taskset", "-c", cores,
             os.path.join(build, "tests/bench/bench_pop3_server"), str(count),
             str(size)], stdout=subprocess.PIPE, text=True)
        self.port = self.p.stdout.readline().split()[1]

    def stop(self):
        self.p.send_signal(signal.SIGTERM)
        return json.loads(self.p.communicate(timeout=30)[0])


def cores(job, server=False):
    if job == "P5":
        return f"0-{os.cpu_count() - 1}"
    return "1" if job == "P2" and server else "0"


def mpop(directory, job, port, n, size, to):
    """It prints nothing: the whole process is timed."""
    conf = os.path.join(directory, "mpoprc")
    with open(conf, "w") as f:
        f.write(f"account default\nhost 127.0.0.1\nport {port}\nuser bench\n"
                f"auth user\npassword bench\ntls off\n"
                f"uidls_file {directory}/uidls\nreceived_header off\n"
                f"keep {'off' if job == 'P5' else 'on'}\ndelivery {to}\n")
    os.chmod(conf, 0o600)
    if os.path.exists(os.path.join(directory, "uidls")):
        os.unlink(os.path.join(directory, "uidls"))
    began = time.monotonic()
    _, use = run_timed(["taskset", "-c", cores(job), "mpop", "-q", "-C", conf])
    took = time.monotonic() - began
    bulk = n * size if job != "P2" else size
    return {"n": n, "seconds": took, "bytes": bulk,
            "rate": bulk / 1e6 / took if job == "P2" else n / took,
            "unit": "MB/s" if job == "P2" else "ops/s", "user": use.ru_utime,
            "sys": use.ru_stime, "rss_kb": use.ru_maxrss, "rss_before_kb": 0}


class Bench:
    def __init__(self, build, directory, scale, disk):
        self.build, self.dir, self.scale = build, directory, scale
        self.disk, self.go = disk, None
        if shutil.which("go"):
            self.go = os.path.join(directory, "peer_pop3")
            env = dict(os.environ, GO111MODULE="off")
            subprocess.run(["go", "build", "-o", self.go,
                            os.path.join(HERE, "peer_pop3.go")], env=env,
                           check=True)

    def program(self, who):
        """None: not installed. [] : no program of ours."""
        name = WHO[who][0]
        if name is None:
            return [] if shutil.which(who) else None
        if name.endswith(".go"):
            return [self.go] if self.go else None
        if name.endswith(".py"):
            return [sys.executable, os.path.join(HERE, name)]
        path = os.path.join(self.build, "tests/bench", name)
        return [path] if os.path.exists(path) else None

    def command(self, job, who, port, n, env):
        _, size, conns = JOBS[job][:3]
        to = "mbox /dev/null"
        if job == "P5":
            path = tempfile.mkdtemp(dir=self.disk)
            for folder in ("cur", "new", "tmp"):
                os.mkdir(os.path.join(path, folder))
            env["BENCH_FILE"], to = path, f"maildir {path}"
        if WHO[who][0] is None:
            return mpop(self.dir, job, port, n if job != "P2" else 1,
                        size if job != "P2" else n, to)
        out, _ = run_timed(
            ["taskset", "-c", cores(job), *self.program(who), job, "127.0.0.1", port,
             str(n), str(size), str(conns), WHO[who][1]], env)
        return json.loads(out)

    def once(self, job, who):
        n, size, conns = JOBS[job][:3]
        part = PART.get((job, who), 1)
        n = n if job == "P4" else max(1, int(n * self.scale * part))
        server = Server(self.build, cores(job, True),
                        1 if job == "P2" else n, n if job == "P2" else size)
        env = dict(os.environ)
        try:
            r = self.command(job, who, server.port, n, env)
        finally:
            counts = server.stop()
        self.check(job, who, counts, 1 if job == "P2" else n * conns, env)
        for key in "seconds", "user", "sys", "bytes":
            r[key] /= part
        return r

    @staticmethod
    def check(job, who, counts, wanted, env):
        """Nobody may win by doing less."""
        asked = counts["top" if job == "P3" else "retr"]
        if asked != wanted:
            print(f"  {job} {who}: {asked} messages, not {wanted}")
        if job == "P5":
            path = env["BENCH_FILE"]
            found = len(os.listdir(os.path.join(path, "new")))
            if found != wanted or counts["dele"] != wanted:
                print(f"  P5 {who}: {found} stored, {counts['dele']} deleted")
            shutil.rmtree(path)


def report(job, runs):
    print(f"{job}: {JOBS[job][4]}")
    for who, rs in runs.items():
        c, rate = [cpu(r) for r in rs], [r["rate"] for r in rs]
        grown = max(r["rss_kb"] - r["rss_before_kb"] for r in rs)
        print(f"  {who:9} {statistics.median(rate):10.0f} {rs[0]['unit']:5}"
              f" (best {max(rate):.0f}) CPU {statistics.median(c):7.4f} s (best "
              f"{min(c):.4f}; user {statistics.median(r['user'] for r in rs):.4f})"
              f" RSS +{grown} KB")
    for who in OURS:
        for other in runs:
            if who not in runs or other in OURS:
                continue
            c = ratio(runs[who], runs[other], cpu)
            t = ratio(runs[other], runs[who], lambda r: r["seconds"])
            print(f"  {who} / {other}: CPU {c[0]:.2f} (best {c[1]:.2f}), "
                  f"rate {t[0]:.2f} (best {t[1]:.2f})")
    sys.stdout.flush()


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("build")
    a.add_argument("jobs", nargs="*")
    a.add_argument("--rounds", type=int, default=5)
    a.add_argument("--scale", type=float, default=1)
    a.add_argument("--who", help="only these, separated by commas")
    a.add_argument("--dir", help="for the Maildirs of P5", default=".")
    a = a.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(20_000, hard), hard))
    with tempfile.TemporaryDirectory() as directory, \
            tempfile.TemporaryDirectory(dir=a.dir) as disk:
        b = Bench(a.build, directory, a.scale, disk)
        for job in a.jobs or JOBS:
            who = [w for w in JOBS[job][3].split() if b.program(w) is not None]
            if a.who:
                who = [w for w in who if w in a.who.split(",")]
            runs = {w: [] for w in who}
            for _ in range(a.rounds):
                for w in runs:
                    runs[w].append(b.once(job, w))
            report(job, runs)


if __name__ == "__main__":
    main()
