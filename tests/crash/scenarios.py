"""The harm that is done to the program itself: at a failpoint, at any microsecond, or by another runner."""

import os
import signal
import threading

from comparison import check_done, check_now, finish, in_redis
from situations import BY_NAME
from violation import Violation
from writer import Writer

CYCLES_A_DAY = 3  # random kills share a day: the end of one is what the next one is late for


def step(point, action):
    name, _, hit = point.partition("@")
    return f"{name}={action}" + (f"@{hit}" if hit else "")


def run_once(day, situation, failpoints):
    on_stop = (lambda: situation.on_stop(day)) if situation.on_stop else None
    return day.run(situation.command, situation.failpoints_for(failpoints), on_stop)


def plain(bench, case, rng):
    """Nothing is harmed; tells which failpoints the situation leads over."""
    with bench.prepared(case, rng) as day:
        day.program.log = os.path.join(day.folder, "failpoints.log")
        run = run_once(day, BY_NAME[case.situation], "")
        if not os.path.exists(day.program.log):
            raise Violation(f"no failpoint was hit, exit code {run.exit_code}: {run.text()}")
        with open(day.program.log, encoding="utf-8") as file:
            bench.result.reached = frozenset(file.read().split())
        day.program.log = ""
        finish(day)


def harm(bench, case, rng):
    """Kinds kill, error, delay: once at a failpoint. Kind pair: die at the first, the resume at the second."""
    action = {"kill": "kill", "error": "error", "delay": "delay:300", "pair": "kill"}[case.kind]
    situation = BY_NAME[case.situation]
    with bench.prepared(case, rng) as day:
        before = in_redis(day)
        counts_on = situation.may_count and rng.random() < 0.6
        with Writer(day, counts_on):
            run = run_once(day, situation, step(case.points[0], action))
            if action == "kill" and run.exit_code != -9:
                bench.missed()
            check_now(day)
            if not case.keep_state:
                day.delete_state()
            for point in case.points[1:]:
                day.run(failpoints=step(point, "kill"))
                check_now(day)
            if not case.keep_state:
                day.delete_state()
        if situation.may_count and rng.random() < 0.7:
            day.count_the_same_again(before)
        finish(day)


def random_kill(bench, case, rng):
    """Up to three runs in a row die at any microsecond, now and then two at once, while clients count."""
    situation = BY_NAME[case.situation]
    with bench.prepared(case, rng) as day:
        bench.result.cycles = CYCLES_A_DAY
        for cycle in range(CYCLES_A_DAY):
            if cycle:
                day.count_some(6)
            command = "run" if cycle else situation.command
            before = in_redis(day)
            with Writer(day, cycle > 0 or situation.may_count):
                for _ in range(rng.randint(1, 3)):
                    kill_at_random(bench, day, [command] * (2 if rng.random() < 0.2 else 1), rng)
                    check_now(day)
                if rng.random() < 0.3:
                    day.delete_state()
            if situation.may_count and rng.random() < 0.3:
                day.count_the_same_again(before)
            if cycle < CYCLES_A_DAY - 1:
                day.run_until_done()
                check_done(day)
        finish(day)


def kill_at_random(bench, day, commands, rng):
    runs = [day.start(command) for command in commands]
    timers = [threading.Timer(rng.uniform(0, 1.2 * bench.run_seconds), run.signal, [signal.SIGKILL]) for run in runs]
    for timer in timers:
        timer.start()
    for run, timer in zip(runs, timers):
        day.end(run)
        timer.cancel()
        timer.join()


def two_runners(bench, case, rng):
    """Two on one date at once, and clients that count."""
    situation = BY_NAME[case.situation]
    with bench.prepared(case, rng) as day:
        with Writer(day, situation.may_count):
            for run in [day.start(situation.command), day.start()]:
                day.end(run)
            check_now(day)
        finish(day)


def stopped(bench, case, rng):
    """SIGSTOP of one at a failpoint, counts come in, another one finishes, then the first one wakes."""
    situation = BY_NAME[case.situation]
    with bench.prepared(case, rng) as day:
        def meanwhile():
            if situation.may_count and rng.random() < 0.7:
                day.count_some(4)
            day.run()
            check_now(day)
            if situation.may_count and rng.random() < 0.3:
                day.count_some(4)

        day.run(situation.command, situation.failpoints_for(step(case.points[0], "stop")), meanwhile)
        check_now(day)
        finish(day)


KINDS = {"plain": plain, "kill": harm, "error": harm, "delay": harm, "pair": harm, "random": random_kill,
         "two": two_runners, "stop": stopped}
