"""The crash harness. tests/crash/run starts this.

Every case has a day of its own: counts in Redis, a pipeline, a table. The program is killed, stopped,
slowed down or made to fail, or its servers and connections are; it is resumed until it says DONE, and
then every acknowledged count must be in the table (or among its rejects) exactly once and nothing be
left in Redis; at every halt nothing may have been removed from Redis that the table does not hold; a
second run must write nothing; a replay must give the same rows.
"""

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time

from case import Case
from kinds import KINDS
from plan import Plan, discovery
from private_postgres import make_template
from report import Report
from workers import Workers

HERE = os.path.dirname(os.path.abspath(__file__))
MEMORY_FOLDER = "/dev/shm"
BYTES_A_WORKER = 400 << 20  # of servers and days
PLUGINS = ("redis_hash", "ctr", "postgres", "sqlite")


def arguments():
    parser = argparse.ArgumentParser(prog="tests/crash/run", description=__doc__.split("\n\n")[1])
    build = os.path.join(HERE, "..", "..", "build", "dev", "bin", "daymill")
    parser.add_argument("--binary", default=build, help="a daymill with failpoints (default: build/dev/bin/daymill)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="cases at a time (default: processors)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same cases")
    parser.add_argument("--only", default="", help="only the case of this name, or all whose name holds this text")
    parser.add_argument("--repeat", type=int, default=1, help="each case so many times")
    parser.add_argument("--fail-fast", nargs="?", const="any", choices=["any", "loss"], help="end at the first "
                        "violation; loss: at the first count that is lost, counted twice or removed early")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="end after so many seconds")
    parser.add_argument("--cycles", type=int, default=100, help="random kills, each resumed and compared")
    parser.add_argument("--pairs", type=int, default=40, help="die at i, the resume dies at j; -1 all")
    parser.add_argument("--long", action="store_true",
                        help="every failpoint in every situation that leads over it, error and delay as well")
    parser.add_argument("--others", type=int, default=8, help="errors and delays each, without --long")
    parser.add_argument("--stops", type=int, default=10, help="one stopped while another finishes; -1 all")
    parser.add_argument("--messages", type=int, default=1,
                        help="messages at which a connection is cut, stalls or trickles, for each of these, each "
                        "direction, protocol and situation; -1 every message")
    parser.add_argument("--servers", type=int, default=3, help="failpoints at which each fault of a server strikes; -1 all")
    parser.add_argument("--disk", type=int, default=2, help="places where the disk is full, for each file; -1 all")
    parser.add_argument("--summary", default="", help="file for the figures as JSON")
    parser.add_argument("--keep", action="store_true", help="keep the files of failed cases")
    return parser.parse_args()


def listed_failpoints():
    with open(os.path.join(HERE, "failpoints.txt"), encoding="utf-8") as file:
        return [line.strip() for line in file if line.strip() and not line.startswith("#")]


def program_files(binary):
    """{path in a build: file}: the program and the plugins that the pipelines name."""
    build = os.path.dirname(os.path.dirname(os.path.abspath(binary)))
    return {"bin/daymill": binary} | {f"plugins/{name}.so": f"{build}/plugins/{name}.so" for name in PLUGINS}


def copy_program(binary, folder):
    """So that a build meanwhile changes nothing, and no other plugin is loaded."""
    for path, file in program_files(binary).items():
        os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
        shutil.copy(file, os.path.join(folder, path))
    return os.path.join(folder, "bin", "daymill")


def work_folder(options):
    """In memory where there is room: processes die here, never the machine, so nothing is the worse for it."""
    needed = options.jobs * BYTES_A_WORKER + sum(map(os.path.getsize, program_files(options.binary).values()))
    try:
        state = os.statvfs(MEMORY_FOLDER)
        in_memory = os.access(MEMORY_FOLDER, os.W_OK) and state.f_bavail * state.f_frsize > needed
    except OSError:
        in_memory = False
    folder = tempfile.mkdtemp(prefix="daymill-crash-", dir=MEMORY_FOLDER if in_memory else None)
    os.chmod(folder, 0o755)  # PostgreSQL runs as another user when we are root
    return folder


def chosen(options, workers, report):
    """What to do. The exact name of a case needs no discovery, and no list that it would have to be in."""
    case = Case.parse(options.only)
    if case and case.kind in KINDS:
        return [case] * options.repeat
    results = []
    first = discovery()
    report.expected = len(first)
    for result in workers.do(first):
        report.add(result)
        results.append(result)
        if report.is_over:
            return []
    results.sort(key=lambda result: first.index(result.case))
    cases = Plan(results, options, random.Random(options.seed)).cases()
    return [case for case in cases if options.only in case.text] * options.repeat


def session(options, folder):
    report = Report(options, time.monotonic())
    binary = copy_program(options.binary, os.path.join(folder, "program"))
    workers = Workers(options, binary, folder, make_template(os.path.join(folder, "template")))
    try:
        cases = chosen(options, workers, report)
        report.expected += len(cases)
        for result in workers.do(cases):
            report.add(result)
            if report.is_over:
                break
    finally:
        workers.stop()
    return report.print(listed_failpoints())


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = work_folder(options)
    try:
        return session(options, folder)
    finally:
        if options.keep:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
