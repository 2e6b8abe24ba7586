"""Drives the benchmark on the servers that `run`, beside this file, started. Standard library only."""

import argparse
import datetime
import filecmp
import json
import os
import pathlib
import platform
import subprocess
import sys
import time

from report import summarize, table

ROOT = pathlib.Path(__file__).resolve().parents[2]


def closed_day():
    """Yesterday in Tokyo (the pipeline's time zone; no summer time), some minutes after the day closed."""
    tokyo = datetime.timezone(datetime.timedelta(hours=9))
    now = datetime.datetime.now(tokyo) - datetime.timedelta(minutes=20)
    return now.date() - datetime.timedelta(days=1)


class Bench:
    def __init__(self, options):
        self.options = options
        self.programs = pathlib.Path(options.programs).resolve()
        self.work = pathlib.Path(options.work)
        self.date = closed_day()
        self.day = self.date.strftime("%Y%m%d")
        self.databases = 0

    def redis(self, *words):
        command = ["redis-cli", "-h", "127.0.0.1", "-p", os.environ["REDIS_PORT"], "--no-raw", *words]
        answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
        if answer.startswith("(error)"):
            sys.exit(f"bench: redis {' '.join(words)}: {answer}")
        return answer

    def psql(self, database, *arguments, **others):
        command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", database, *arguments]
        return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, **others).stdout.strip()

    def restore(self):
        """Both hashes, field by field, and nothing else in Redis.

        Written anew rather than copied inside Redis: a copy lies in memory in the order in which it will be
        read, which makes reading it about five times as fast as a hash that has grown by HINCRBY.
        """
        self.redis("FLUSHALL", "SYNC")
        port, count = os.environ["REDIS_PORT"], str(self.options.fields)
        subprocess.run([self.programs / "bench_fields", port, self.day, count], check=True)

    def fresh_target(self, table_script=None):
        self.databases += 1
        name = f"bench_{self.databases}"
        self.psql("postgres", "-c", f"CREATE DATABASE {name}")
        if table_script is not None:
            self.psql(name, "-f", "-", input=table_script)
        self.psql("postgres", "-c", "CHECKPOINT")
        return name

    def partitioned_target(self):
        """With the tables of daymill's sink: a database has them from its first day on."""
        scripts = ("schemas/sql/advertisement_analytics.sql", "plugins/postgres/sql/daymill.sql")
        return self.fresh_target("\n".join((ROOT / script).read_text() for script in scripts))

    def drop_target(self, name):
        self.psql("postgres", "-c", f"DROP DATABASE {name}")

    def timed(self, command, environment, log):
        """Wall and CPU seconds and peak memory of one program; what it says goes to `log` and `log`.errors."""
        errors = log.with_suffix(".errors")
        with open(log, "wb") as output, open(errors, "wb") as error_output:
            start = time.monotonic()
            process = subprocess.Popen(
                command, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, stdout=output, stderr=error_output
            )
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            said = log.read_text(errors="replace") + errors.read_text(errors="replace")
            sys.exit(f"bench: {command[0]} exited with {process.returncode}:\n{said}")
        return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "peak_mib": usage.ru_maxrss / 1024}

    def floor(self):
        self.restore()
        database = self.fresh_target()
        answer = subprocess.run(
            [self.programs / "bench_floor", os.environ["REDIS_PORT"], self.day, str(self.options.fields)],
            check=True, capture_output=True, text=True, env={**os.environ, "PGDATABASE": database},
        ).stdout
        self.drop_target(database)
        return json.loads(answer)

    def daymill(self, number):
        self.restore()
        database = self.partitioned_target()
        environment = {"POSTGRES_DB": database, "DAYMILL_HOME": str(self.work / f"daymill-{number}")}
        command = [str(self.programs / "daymill"), "run", str(ROOT / "pipelines/ad_ctr.json"), "--date", str(self.date)]
        command += ["--output", "json"]
        measured = self.timed(command, environment, self.work / "daymill.log")
        report = json.loads((self.work / "daymill.log").read_text())["result"]["runs"][0]
        measured["phases"] = {phase["phase"]: phase["seconds"] for phase in report["phases"]}
        left = self.redis("EXISTS", f"clicklog_keys:{self.day}", f"viewlog_keys:{self.day}")
        if left != "(integer) 0":
            sys.exit(f"bench: the run was to remove both hashes from Redis, found {left} of them")
        return measured, self.dump(database, "daymill")

    def plain(self):
        self.restore()
        database = self.partitioned_target()
        command = [str(self.programs / "bench_plain"), str(ROOT / "pipelines/ad_ctr.json"), str(self.date)]
        environment = {"POSTGRES_DB": database, "PGDATABASE": database}
        measured = self.timed(command, environment, self.work / "plain.log")
        measured["phases"] = json.loads((self.work / "plain.log").read_text())
        return measured, self.dump(database, "plain")

    def article(self):
        self.restore()
        script = (ROOT / "schemas/sql/advertisement_analytics.sql").read_text()
        database = self.fresh_target(script.replace(" PARTITION BY RANGE (date)", ""))
        command = ["/usr/bin/python3", str(ROOT / "tests/bench/article_batch.py"), self.day]
        measured = self.timed(command, {"POSTGRES_DB": database}, self.work / "article.log")
        return measured, self.dump(database, "article")

    def dump(self, database, name):
        """Writes every row of the target to a file, in order of the key, and drops the target."""
        path = self.work / f"{name}.rows"
        sql = "COPY (SELECT * FROM advertisement_analytics ORDER BY date, ad_id, search_word) TO STDOUT"
        with open(path, "wb") as output:
            subprocess.run(["psql", "-X", "-q", "-d", database, "-c", sql], check=True, stdout=output)
        self.drop_target(database)
        with open(path, "rb") as rows:
            count = sum(1 for _ in rows)
        if count != self.options.fields:
            sys.exit(f"bench: {name} made {count} rows, expected {self.options.fields}")
        return path

    def round(self, number):
        result = {"floor": self.floor()} if number <= self.options.floor_rounds else {}
        if number % 2 == 0:  # neither always comes first
            result["plain"], plain_rows = self.plain()
        result["run"], rows = self.daymill(number)
        if number % 2 == 1:
            result["plain"], plain_rows = self.plain()
        if not filecmp.cmp(rows, plain_rows, shallow=False):
            sys.exit(f"bench: the rows differ: diff {rows} {plain_rows}")
        if number <= self.options.article_rounds:
            result["article"], expected = self.article()
            if not filecmp.cmp(rows, expected, shallow=False):
                sys.exit(f"bench: the rows differ: diff {rows} {expected}")
        return result


def parse_options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--fields", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--floor-rounds", type=int)
    parser.add_argument("--article-rounds", type=int)
    parser.add_argument("--json")
    options = parser.parse_args()
    if options.floor_rounds is None:
        options.floor_rounds = options.rounds
    if options.article_rounds is None:
        options.article_rounds = options.rounds if options.fields <= 1_000_000 else 0
    return options


def processor():
    for line in open("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def main():
    options = parse_options()
    bench = Bench(options)
    print(f"bench: {options.fields} fields in each of two hashes, {options.rounds} rounds", file=sys.stderr)
    rounds = []
    for number in range(1, options.rounds + 1):
        rounds.append(bench.round(number))
        print(f"bench: round {number}: {json.dumps(rounds[-1])}", file=sys.stderr)
    machine = {
        "processor": processor(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "redis": bench.redis("INFO", "server").split("redis_version:")[1].split()[0],
        "postgresql": bench.psql("postgres", "-c", "SHOW server_version"),
    }
    summary = summarize(options.fields, rounds)
    print(table(options.fields, rounds, summary, machine))
    if options.json:
        content = {"fields": options.fields, "machine": machine, "rounds": rounds, "summary": summary}
        pathlib.Path(options.json).write_text(json.dumps(content, indent=2) + "\n")


if __name__ == "__main__":
    main()
