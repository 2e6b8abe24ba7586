"""Drives the benchmark on the servers that `run`, beside this file, started. Standard library only."""

import argparse
import datetime
import json
import os
import pathlib
import sys

from batches import BATCHES
from other_client import OtherClient, RedisAlone, extract_window, hgetall_window
from report import summarize, table
from shape import Shape
from small_day import SMALL_DAY, count_syncs
from stand import PIPELINE, Stand, closed_day, expect_equal, key_day

BATCHES_UP_TO = 1_000_000  # fields; above, the batches only run when asked to


class Bench:
    def __init__(self, options):
        self.options = options
        self.shape = Shape(options.hashes, options.fields)
        self.stand = Stand(options.programs, options.work)
        self.date = closed_day()

    def restore(self):
        """The day's hashes, written anew, and nothing else in Redis."""
        self.stand.forget_everything()
        return self.stand.write_day(self.date, self.shape)

    def floor(self):
        self.restore()
        database = self.stand.fresh_target()
        day = [os.environ["REDIS_PORT"], key_day(self.date), self.shape.fields, self.shape.hashes]
        floor = json.loads(self.stand.program("bench_floor", *day, PGDATABASE=database))
        pages = json.loads(self.stand.program("bench_floor", *day, "pages"))
        self.stand.drop_target(database)
        return {"floor": floor, **pages}

    def run_command(self, database, home):
        """`daymill run` on the day, and its environment; its journal and snapshots lie in `home` afterwards."""
        pipeline = self.shape.pipeline(self.stand.work)
        command = [str(self.stand.programs / "daymill"), "run", str(pipeline), "--date", str(self.date)]
        return [*command, "--output", "json"], {"POSTGRES_DB": database, "DAYMILL_HOME": str(home)}

    def run_daymill(self, database, home, before=()):
        log = self.stand.work / "daymill.log"
        command, environment = self.run_command(database, home)
        measured = self.stand.timed([*before, *command], environment, log)
        report = json.loads(log.read_text())["result"]["runs"][0]
        measured["phases"] = {phase["phase"]: phase["seconds"] for phase in report["phases"]}
        self.stand.expect_removed(self.date, self.shape)
        return measured

    def daymill(self, number):
        written = self.restore()
        database = self.stand.partitioned_target()
        measured = self.run_daymill(database, self.stand.work / f"daymill-{number}")
        self.stand.expect_sums(database, written)
        return measured, self.stand.dump(database, "daymill", self.shape.rows)

    def other_client(self, number):
        """What another client waits while nobody, daymill and HGETALL read the day."""
        home = self.stand.work / f"daymill-client-{number}"
        next_day = key_day(self.date + datetime.timedelta(days=1))
        written = self.restore()
        database = self.stand.partitioned_target()
        with RedisAlone(self.stand):
            client = OtherClient(self.stand, next_day)
            idle = client.idle()
            # The client goes first on the core that it shares with daymill.
            run = self.run_daymill(database, home, before=("nice", "-n", "19"))
            waits = client.waits(idle=idle, extract=extract_window(home / "snapshots", run["phases"]["extract"]))
        self.stand.expect_sums(database, written)
        self.stand.drop_target(database)
        self.restore()
        with RedisAlone(self.stand):
            client = OtherClient(self.stand, next_day)
            return waits | client.waits(hgetall=hgetall_window(self.stand, key_day(self.date), self.shape))

    def start(self):
        """What starting the program costs before it does anything."""
        return self.stand.timed([str(self.stand.programs / "daymill"), "--version"], {}, self.stand.work / "start.log")

    def syncs(self):
        self.restore()
        database = self.stand.partitioned_target()
        counted = count_syncs(*self.run_command(database, self.stand.work / "daymill-syncs"), self.stand.work)
        self.stand.drop_target(database)
        return counted

    def plain(self):
        self.restore()
        database = self.stand.partitioned_target()
        command = [str(self.stand.programs / "bench_plain"), str(PIPELINE), str(self.date)]
        environment = {"POSTGRES_DB": database, "PGDATABASE": database}
        log = self.stand.work / "plain.log"
        measured = self.stand.timed(command, environment, log)
        measured["phases"] = json.loads(log.read_text())
        return measured, self.stand.dump(database, "plain", self.shape.rows)

    def batch(self, name):
        self.restore()
        database = self.stand.whole_target()
        measured = self.stand.batch(BATCHES[name], self.date, database)
        self.stand.expect_removed(self.date, self.shape)
        return measured, self.stand.dump(database, name, self.shape.rows)

    def round(self, number):
        result = self.floor() if number <= self.options.floor_rounds else {}
        if self.shape.fields <= SMALL_DAY:
            result["start"] = self.start()
            if number == 1:
                result["syncs"] = self.syncs()
        if self.options.client:
            result["client"] = self.other_client(number)
        if not self.shape.is_plain():
            result["run"], _ = self.daymill(number)
            return result
        with_plain = number <= self.options.plain_rounds
        if with_plain and number % 2 == 0:  # neither always comes first
            result["plain"], plain_rows = self.plain()
        result["run"], rows = self.daymill(number)
        if with_plain and number % 2 == 1:
            result["plain"], plain_rows = self.plain()
        if with_plain:
            expect_equal(rows, plain_rows)
        for name in BATCHES:
            if number <= getattr(self.options, f"{name}_rounds"):
                result[name], batch_rows = self.batch(name)
                expect_equal(rows, batch_rows)
        return result


def parse_options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--fields", type=int, default=1_000_000)
    parser.add_argument("--hashes", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--floor-rounds", type=int)
    parser.add_argument("--plain-rounds", type=int)
    for name in BATCHES:
        parser.add_argument(f"--{name}-rounds", type=int)
    parser.add_argument("--client", action="store_true")
    parser.add_argument("--json")
    options = parser.parse_args()
    if options.hashes < 2 or options.hashes % 2:
        parser.error("--hashes: expected an even number, half of them of clicks")
    few = options.fields <= BATCHES_UP_TO
    defaults = {"floor": options.rounds, "plain": options.rounds, "article": options.rounds, "python": 1, "shell": 1}
    for name, rounds in defaults.items():
        if getattr(options, f"{name}_rounds") is None:
            setattr(options, f"{name}_rounds", 0 if name in BATCHES and not few else rounds)
    return options


def main():
    options = parse_options()
    bench = Bench(options)
    print(f"bench: {bench.shape}, {options.rounds} rounds", file=sys.stderr)
    rounds = []
    for number in range(1, options.rounds + 1):
        rounds.append(bench.round(number))
        print(f"bench: round {number}: {json.dumps(rounds[-1])}", file=sys.stderr)
    machine = bench.stand.machine()
    summary = summarize(bench.shape, rounds)
    print(table(bench.shape, rounds, summary, machine))
    if options.json:
        content = {
            "fields": options.fields,
            "hashes": options.hashes,
            "machine": machine,
            "rounds": rounds,
            "summary": summary,
        }
        pathlib.Path(options.json).write_text(json.dumps(content, indent=2) + "\n")


if __name__ == "__main__":
    main()
