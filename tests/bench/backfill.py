"""Drives the measurement of many days on the servers that `backfill`, beside this file, started."""

import argparse
import datetime
import json
import pathlib
import statistics
import sys

from batches import BATCHES
from shape import Shape
from stand import PIPELINE, Stand, closed_day, expect_equal

BATCHES_COMPARED = ("article", "python")


class Backfill:
    def __init__(self, options):
        self.stand = Stand(options.programs, options.work)
        self.shape = Shape(2, options.fields)
        last = closed_day()
        self.dates = [last - datetime.timedelta(days=before) for before in reversed(range(options.days))]

    def restore(self):
        """All days, written anew, and nothing else in Redis."""
        self.stand.forget_everything()
        for date in self.dates:
            self.stand.write_day(date, self.shape)

    def finish(self, database, name):
        for date in self.dates:
            self.stand.expect_removed(date, self.shape)
        return self.stand.dump(database, name, len(self.dates) * self.shape.rows)

    def daymill(self, jobs, number):
        self.restore()
        database = self.stand.partitioned_target()
        home = self.stand.work / f"daymill-{jobs}-{number}"
        command = [str(self.stand.programs / "daymill"), "run", str(PIPELINE), "--jobs", str(jobs)]
        command += ["--from", str(self.dates[0]), "--to", str(self.dates[-1])]
        log = self.stand.work / "daymill.log"
        measured = self.stand.timed(command, {"POSTGRES_DB": database, "DAYMILL_HOME": str(home)}, log)
        return measured, self.finish(database, f"daymill-{jobs}")

    def batch(self, name):
        """One run of the batch for each day, one after the other."""
        self.restore()
        database = self.stand.whole_target()
        runs = [self.stand.batch(BATCHES[name], date, database) for date in self.dates]
        measured = {key: sum(run[key] for run in runs) for key in ("wall", "cpu")}
        measured["peak_mib"] = max(run["peak_mib"] for run in runs)
        return measured, self.finish(database, name)

    def round(self, number, jobs):
        result = {}
        order = [jobs, 1] if number % 2 else [1, jobs]  # neither always comes first
        rows = {}
        for count in order:
            result[f"jobs_{count}"], rows[count] = self.daymill(count, number)
        expect_equal(rows[1], rows[jobs])
        for name in BATCHES_COMPARED:
            result[name], batch_rows = self.batch(name)
            expect_equal(rows[1], batch_rows)
        return result


def table(options, rounds, machine):
    whole = "daymill run --from --to --jobs"
    names = {
        f"jobs_{options.jobs}": f"**{whole} {options.jobs}**",
        "jobs_1": f"{whole} 1",
        "article": f"the article's Python batch, {options.days} runs",
        "python": f"a Python batch written well, {options.days} runs",
    }
    lines = [
        f"{options.days} days of {options.fields:,} fields in each of two hashes, {len(rounds)} rounds; "
        f"{machine['processor']}, {machine['cores']} cores; Redis {machine['redis']}, PostgreSQL {machine['postgresql']}",
        "",
        f"| medians | wall | a day | ÷ --jobs {options.jobs} | own CPU | peak memory |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for key, what in names.items():
        median = {
            measure: statistics.median(r[key][measure] for r in rounds) for measure in ("wall", "cpu", "peak_mib")
        }
        ratio = statistics.median(r[key]["wall"] / r[f"jobs_{options.jobs}"]["wall"] for r in rounds)
        lines.append(
            f"| {what} | {median['wall']:.2f} s | {1000 * median['wall'] / options.days:.0f} ms | {ratio:.2f} "
            f"| {median['cpu']:.2f} s | {median['peak_mib']:.0f} MiB |"
        )
    return "\n".join([*lines, "", "In every round the tables of all were compared row by row: equal."])


def parse_options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--fields", type=int, default=100_000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--json")
    options = parser.parse_args()
    if options.jobs < 2:
        parser.error("--jobs: expected 2 or more; one is measured anyway")
    return options


def main():
    options = parse_options()
    backfill = Backfill(options)
    rounds = []
    for number in range(1, options.rounds + 1):
        rounds.append(backfill.round(number, options.jobs))
        print(f"bench: round {number}: {json.dumps(rounds[-1])}", file=sys.stderr)
    machine = backfill.stand.machine()
    print(table(options, rounds, machine))
    if options.json:
        content = {"days": options.days, "fields": options.fields, "machine": machine, "rounds": rounds}
        pathlib.Path(options.json).write_text(json.dumps(content, indent=2) + "\n")


if __name__ == "__main__":
    main()
