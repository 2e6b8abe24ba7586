"""The cases: prepare a day, harm the program, resume it, compare."""

import dataclasses
import os
import random
import signal
import threading

from day import CrashError, Day, Writer
from fault_proxy import COMMIT, EXEC, FaultProxy
from situations import BY_NAME

WRITER_PAUSE = 0.05  # seconds between two counts of late clients, on average


@dataclasses.dataclass(frozen=True)
class Case:
    """One case; `text` is its name in reports and for --only."""
    kind: str
    shape: str
    situation: str
    points: tuple = ()  # "name@hit" each
    number: int = 0  # tells cases apart that are otherwise equal
    keep_state: bool = True

    @property
    def text(self):
        parts = [self.kind, f"{self.situation}/{self.shape}", *self.points]
        if self.number:
            parts.append(f"#{self.number}")
        if not self.keep_state:
            parts.append("state.db deleted")
        return " ".join(parts)


class Bench:
    """Runs cases; several threads may, as every case has a day of its own."""

    def __init__(self, servers, binary, seed, log):
        self.servers, self.binary, self.seed, self.log = servers, binary, seed, log
        self.missed = []  # kills whose failpoint was not reached, as clients' counts led another way
        self.lock = threading.Lock()
        self.numbers = 0
        self.typical_seconds = 0.5

    def day(self, case, rng, **options):
        with self.lock:
            self.numbers += 1
            name = f"crash_{self.numbers}"
        situation = BY_NAME[case.situation]
        return Day(self.servers, self.binary, name, case.shape, rng, self.log,
                   fresh_database=situation.fresh_database, **options)

    def reached_log(self, case):
        return os.path.join(self.servers.folder, f"{case.situation}.{case.shape}.log")

    def run(self, case):
        """Raises CrashError when the promise is broken."""
        rng = random.Random(f"{self.seed} {case.text}")
        situation = BY_NAME[case.situation]
        proxy = FaultProxy(self.servers.redis_port, EXEC, "after") if situation.eat_exec else None
        options = {}
        if proxy:
            options["redis_port"] = proxy.port
        elif case.kind in ("eat_commit", "eat_exec"):
            proxy, options = self._proxy(case)
        day = self.day(case, rng, **options)
        try:
            situation.prepare(day)
            KINDS[case.kind](self, case, day, situation, proxy)
            finish(day)
            day.close()
        finally:
            if proxy:
                proxy.close()

    def _proxy(self, case):
        mode, at = case.points[0].split("@")
        if case.kind == "eat_commit":
            proxy = FaultProxy(self.servers.postgres_port, COMMIT, mode, int(at))
            return proxy, {"postgres_port": proxy.port}
        proxy = FaultProxy(self.servers.redis_port, EXEC, mode, int(at))
        return proxy, {"redis_port": proxy.port}


def finish(day):
    """Resume until done, compare; a second run writes nothing; a replay gives the same rows."""
    day.run_until_done()
    day.check_done()
    written = day.evidence()
    if day.run().exit_code != 0 or day.evidence() != written:
        raise CrashError("the second run wrote something")
    rows = day.target.all_rows()
    replay = day.run("replay")
    if replay.exit_code != 0:
        raise CrashError(f"the replay failed: {replay.text().strip()[-1500:]}")
    if day.target.all_rows() != rows:
        raise CrashError("the replay gave other rows")
    day.check_done()


def step(point, action):
    name, _, hit = point.partition("@")
    return f"{name}={action}" + (f"@{hit}" if hit else "")


def run_once(day, situation, failpoints):
    on_stop = (lambda: situation.on_stop(day)) if situation.on_stop else None
    return day.run(situation.command, situation.failpoints_for(failpoints), on_stop)


def writes_late(case, day, situation):
    return situation.may_count and day.rng.random() < 0.5


def plain(bench, case, day, situation, _proxy):
    """Nothing is harmed; tells which failpoints the situation leads over, and how long it takes."""
    day.program.log = bench.reached_log(case)
    run_once(day, situation, "")
    day.program.log = bench.log


def harm(bench, case, day, situation, _proxy):
    """Kinds kill, error, delay: once at a failpoint. Kind pair: die at the first, the resume at the second."""
    action = {"kill": "kill", "error": "error", "delay": "delay:300", "pair": "kill"}[case.kind]
    with Writer(day, WRITER_PAUSE, writes_late(case, day, situation)):
        run = run_once(day, situation, step(case.points[0], action))
        if action == "kill" and run.exit_code != -9:
            bench.missed.append(case)
        day.check_now()
        if not case.keep_state:
            day.delete_state()
        for point in case.points[1:]:
            day.run(failpoints=step(point, "kill"))
            day.check_now()
        if not case.keep_state:
            day.delete_state()


def random_kill(bench, case, day, situation, _proxy):
    """Up to three runs in a row die at any microsecond, while clients count."""
    with Writer(day, WRITER_PAUSE, situation.may_count):
        for _ in range(day.rng.randint(1, 3)):
            run = day.start(situation.command)
            timer = threading.Timer(day.rng.uniform(0, bench.typical_seconds), run.signal, [signal.SIGKILL])
            timer.start()
            run.wait()
            timer.cancel()
            timer.join()
            day.check_now()
        if day.rng.random() < 0.3:
            day.delete_state()


def two_runners(_bench, case, day, situation, _proxy):
    """Two on one date at once, and clients that count."""
    with Writer(day, WRITER_PAUSE, situation.may_count):
        runs = [day.start(situation.command), day.start()]
        for run in runs:
            run.wait()
        day.check_now()


def stopped(_bench, case, day, situation, _proxy):
    """SIGSTOP of one at a failpoint, counts come in, another one finishes, then the first one wakes."""
    run = day.start(situation.command, situation.failpoints_for(step(case.points[0], "stop")))

    def meanwhile():
        if situation.may_count and day.rng.random() < 0.7:
            day.count_some(4)
        day.run()
        day.check_now()
        if situation.may_count and day.rng.random() < 0.3:
            day.count_some(4)

    run.wait(meanwhile)
    day.check_now()


def eaten(_bench, case, day, situation, proxy):
    """The answer to COMMIT or EXEC does not arrive. With stall the program dies waiting for it."""
    run = day.start(situation.command)
    if case.points[0].startswith("stall"):
        while not proxy.struck.wait(0.02) and not _has_ended(run):
            pass
        run.signal(signal.SIGKILL)
        proxy.release()
    run.wait()
    day.check_now()


def _has_ended(run):
    with open(f"/proc/{run.process.pid}/stat", encoding="ascii") as file:
        return file.read().rpartition(")")[2].split()[0] == "Z"


KINDS = {"plain": plain, "kill": harm, "error": harm, "delay": harm, "pair": harm, "random": random_kill, "two": two_runners,
         "stop": stopped, "eat_commit": eaten, "eat_exec": eaten}
