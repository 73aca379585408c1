#!/usr/bin/env python3
"""httpget.py BUILD [page] [many] [--times N] [--urls N] [--rounds N]
[--program urlget] - whole processes: httpget, or another, beside the curl
program, taking turns.

page: one small page, N times (50): the median of the wall time.
many: N URLs (10,000) with -Z --parallel-max 100: CPU and wall time.
BUILD is a meson build directory (--buildtype=release). What is run has core
0, the server core 1."""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time

from run import Server


def once(cmd, null):
    """(wall, CPU) seconds of one process."""
    actions = [(os.POSIX_SPAWN_DUP2, null.fileno(), 1)]
    start = time.monotonic()
    pid = os.posix_spawn(cmd[0], cmd, os.environ, file_actions=actions)
    _, status, use = os.wait4(pid, 0)
    took = time.monotonic() - start
    if status:
        sys.exit(f"{cmd[0]}: exit code {os.waitstatus_to_exitcode(status)}")
    return took, use.ru_utime + use.ru_stime


def take_turns(cmds, times):
    """For each command the walls and the CPU times of so many runs."""
    got = [([], []) for _ in cmds]
    with open(os.devnull, "wb") as null:
        for cmd in cmds:
            once(cmd, null)  # warms the page cache
        for _ in range(times):
            for cmd, (wall, cpu) in zip(cmds, got):
                w, c = once(cmd, null)
                wall.append(w)
                cpu.append(c)
    return got


def report(names, got):
    for name, (wall, cpu) in zip(names, got):
        print(f"  {name:8} wall {statistics.median(wall) * 1e3:9.2f} ms "
              f"(best {min(wall) * 1e3:.2f})  CPU "
              f"{statistics.median(cpu) * 1e3:9.2f} ms "
              f"(best {min(cpu) * 1e3:.2f})")
    for what, i in (("wall", 0), ("CPU", 1)):
        mine, theirs = got[0][i], got[1][i]
        print(f"  {names[0]} / {names[1]}: {what} "
              f"{statistics.median(mine) / statistics.median(theirs):.2f} "
              f"(best {min(mine) / min(theirs):.2f})")
    sys.stdout.flush()


def page(ours, curl, base, times):
    print(f"one small page, {times} times")
    url = base + "/1024"
    report((os.path.basename(ours), "curl"),
           take_turns([[ours, url], [curl, "-s", url]], times))


def many(ours, curl, base, urls, rounds):
    print(f"{urls} URLs, -Z --parallel-max 100")
    text = subprocess.run([ours, "--help"], capture_output=True,
                          text=True, check=True).stdout
    if "--parallel-max" not in text:
        print("  skipped: httpget has no -Z --parallel-max yet")
        return
    rest = ["-Z", "--parallel-max", "100", *[base + "/1024"] * urls]
    quiet = ["-s"] if "--silent" in text else []
    report((os.path.basename(ours), "curl"),
           take_turns([[ours, *quiet, *rest],
                       [curl, "--no-progress-meter", *rest]], rounds))


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("build")
    a.add_argument("jobs", nargs="*")
    a.add_argument("--times", type=int, default=50)
    a.add_argument("--urls", type=int, default=10_000)
    a.add_argument("--rounds", type=int, default=3)
    a.add_argument("--program", default="httpget")
    a = a.parse_args()
    ours = os.path.join(a.build, "clients", a.program)
    curl = shutil.which("curl")
    if not curl:
        print("skipped: no curl program")
        sys.exit(77)
    server = Server(a.build, 1, [])
    base = f"http://127.0.0.1:{server.port}"
    os.sched_setaffinity(0, {0})
    try:
        if "page" in a.jobs or not a.jobs:
            page(ours, curl, base, a.times)
        if "many" in a.jobs or not a.jobs:
            many(ours, curl, base, a.urls, a.rounds)
    finally:
        server.stop()


if __name__ == "__main__":
    main()
