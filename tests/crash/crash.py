"""The crash harness. tests/crash/run starts the servers and this.

Every case has a day of its own: counts in Redis, a pipeline, a table. The program is killed, stopped,
slowed down or made to fail, resumed until it says DONE, and then every acknowledged count must be in
the table (or among its rejects) exactly once and nothing be left in Redis; at every halt nothing may
have been removed from Redis that the table does not hold; a second run must write nothing; a replay
must give the same rows.
"""

import argparse
import collections
import concurrent.futures
import os
import random
import sys
import time
import traceback

import server_faults
from day import CrashError
from scenarios import Bench, Case
from servers import Servers
from situations import SITUATIONS

HERE = os.path.dirname(os.path.abspath(__file__))


def arguments():
    parser = argparse.ArgumentParser(prog="tests/crash/run", description=__doc__.split("\n\n")[1])
    build = os.path.join(HERE, "..", "..", "build", "dev", "bin", "daymill")
    parser.add_argument("--binary", default=build, help="a daymill with failpoints (default: build/dev/bin/daymill)")
    parser.add_argument("--cycles", type=int, default=40, help="random kills")
    parser.add_argument("--pairs", type=int, default=20, help="pairs: die at i, the resume dies at j; 0 none, -1 all")
    parser.add_argument("--stops", type=int, default=10, help="one stopped while another finishes; -1 all")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same cases")
    parser.add_argument("--long", action="store_true",
                        help="every failpoint in every situation that reaches it, error and delay as well")
    parser.add_argument("--only", default="", help="only cases whose name holds this text")
    parser.add_argument("--jobs", type=int, default=3, help="cases at a time")
    return parser.parse_args()


def listed_failpoints():
    with open(os.path.join(HERE, "failpoints.txt"), encoding="utf-8") as file:
        return [line.strip() for line in file if line.strip() and not line.startswith("#")]


def names_in(path):
    if not os.path.exists(path):
        return set()
    with open(path, encoding="utf-8") as file:
        return set(file.read().split())


# Stopped there, a runner holds the lock of state.db, and every step of another one waits ten seconds for it.
STOPS_EVERYBODY = ("state.step_before_commit",)


class Session:
    def __init__(self, options):
        self.options = options
        self.servers = Servers()
        self.log = os.path.join(self.servers.folder, "failpoints.log")
        self.bench = Bench(self.servers, os.path.abspath(options.binary), options.seed, self.log)
        self.done = collections.Counter()
        self.failures = []

    def run_all(self, cases):
        cases = [case for case in cases if self.options.only in case.text]
        with concurrent.futures.ThreadPoolExecutor(self.options.jobs) as pool:
            for case, error in zip(cases, pool.map(self._try, cases)):
                self.note(case, error)

    def _try(self, case):
        try:
            self.bench.run(case)
            return None
        except CrashError as error:
            return error
        except Exception:  # a fault of the harness must not look like a success
            return CrashError(traceback.format_exc())

    def note(self, case, error):
        self.done[case.kind] += 1
        if error:
            self.failures.append((case, error))
            print(f"FAILED {case.text}: {error}\n  again: tests/crash/run --binary {self.options.binary} "
                  f"--seed {self.options.seed}{' --long' if self.options.long else ''} --only '{case.text}'", flush=True)

    def reached(self):
        """Which failpoints each situation leads over: {name: [(situation, shape)]}, cheapest first."""
        reached = collections.defaultdict(list)
        cases = [Case("plain", shape, s.name) for s in SITUATIONS for shape in s.shapes]
        started = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(self.options.jobs) as pool:
            for case, error in zip(cases, pool.map(self._try, cases)):
                self.note(case, error)
                for name in names_in(self.bench.reached_log(case)):
                    reached[name].append(case)
        runs = 5 * len(cases) / self.options.jobs
        self.bench.typical_seconds = (time.monotonic() - started) / runs
        return reached


def harmed(reached, options, rng):
    """Each failpoint is killed at where it is reached; with --long everywhere, and with error and delay."""
    cases = []
    for index, (name, places) in enumerate(sorted(reached.items())):
        chosen = places if options.long else [places[0]]
        for number, place in enumerate(chosen):
            keeps = [True, False] if options.long else [(index + number) % 2 == 0]
            for keep in keeps:
                cases.append(Case("kill", place.shape, place.situation, (name,), 0, keep))
            if options.long:
                cases += [Case("kill", place.shape, place.situation, (f"{name}@{hit}",)) for hit in (2, 3)]
                cases += [Case(kind, place.shape, place.situation, (name,)) for kind in ("error", "delay")]
    everywhere = sorted(((name, place.shape, place.situation) for name, places in reached.items() for place in places))
    stops = everywhere if options.stops < 0 else rng.sample(everywhere, min(options.stops, len(everywhere)))
    cases += [Case("stop", shape, situation, (name,)) for name, shape, situation in stops
              if situation != "counted_at_removal" and name not in STOPS_EVERYBODY]
    names = sorted(reached)
    pairs = [(name, shape, situation, other) for name, shape, situation in everywhere for other in names]
    if options.pairs >= 0:
        pairs = rng.sample(pairs, min(options.pairs, len(pairs)))
    cases += [Case("pair", shape, situation, (name, other), 0, rng.random() < 0.7)
              for name, shape, situation, other in pairs]
    return cases


def unharmed_at_points(options, rng):
    """Random kills, two runners at once, eaten answers."""
    cases = []
    for number in range(1, options.cycles + 1):
        situation = rng.choice([s for s in SITUATIONS if not s.failpoints and not s.eat_exec])
        cases.append(Case("random", rng.choice(situation.shapes), situation.name, (), number))
    for number in range(1, max(4, options.cycles // 10) + 1):
        situation = rng.choice(["first", "late", "grown"])
        cases.append(Case("two", rng.choice(["attach", "insert", "file"]), situation, (), number))
    places = [("attach", "first"), ("insert", "late"), ("attach", "grown")]
    for mode in ("after", "before", "stall", "cut"):
        for number, (shape, situation) in enumerate(places if options.long else places[:1]):
            commits = range(1, 6) if options.long or mode == "after" else (4,)
            cases += [Case("eat_commit", shape, situation, (f"{mode}@{at}",)) for at in commits]
            cases += [Case("eat_exec", shape, situation, (f"{mode}@{at}",)) for at in (1, 2)]
    return cases


def report(session, reached, started):
    listed = listed_failpoints()
    hit = names_in(session.log) | set(reached)
    never = [name for name in listed if name not in hit]
    done = ", ".join(f"{kind} {number}" for kind, number in sorted(session.done.items()))
    texts = [str(error) for _, error in session.failures]
    total = {word: sum(word in text for text in texts) for word in ("LOST", "COUNTED TWICE", "REMOVED EARLY")}
    lost = sum("LOST " in text and "LOST 0" not in text for text in texts)
    twice = sum("COUNTED TWICE " in text and "COUNTED TWICE 0" not in text for text in texts)
    print(f"failpoints hit {len(listed) - len(never)}/{len(listed)}"
          f"{' (never: ' + ', '.join(never) + ')' if never else ''}\n"
          f"scenarios {sum(session.done.values())} ({done}), failpoint not reached in {len(session.bench.missed)}\n"
          f"lost {lost}, counted twice {twice}, removed early {total['REMOVED EARLY']}, "
          f"other failures {len(texts) - sum(any(w in t for w in total) for t in texts)}\n"
          f"seed {session.options.seed}, {time.monotonic() - started:.0f} s", flush=True)
    return 1 if session.failures or (never and not session.options.only) else 0


def main():
    options = arguments()
    started = time.monotonic()
    rng = random.Random(options.seed)
    session = Session(options)
    try:
        reached = session.reached()
        session.run_all(harmed(reached, options, rng) + unharmed_at_points(options, rng))
        for case, fault in server_faults.cases(session.bench):  # one at a time: they are everybody's servers
            if options.only in case.text:
                session.note(case, fault())
        return report(session, reached, started)
    finally:
        session.servers.stop_restarted()


if __name__ == "__main__":
    sys.exit(main())
