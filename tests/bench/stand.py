"""The servers that a script beside this file started, and what every measurement needs of them.

Fresh hashes, a fresh database, one program measured from start to exit, its rows in a file.
"""

import datetime
import filecmp
import itertools
import json
import os
import pathlib
import platform
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BENCH = ROOT / "tests/bench"
PIPELINE = ROOT / "pipelines/ad_ctr.json"


def closed_day():
    """Yesterday in Tokyo (the pipeline's time zone; no summer time), some minutes after the day closed."""
    tokyo = datetime.timezone(datetime.timedelta(hours=9))
    now = datetime.datetime.now(tokyo) - datetime.timedelta(minutes=20)
    return now.date() - datetime.timedelta(days=1)


def key_day(date):
    """The day as keys have it."""
    return date.strftime("%Y%m%d")


def expect_equal(rows, others):
    if filecmp.cmp(rows, others, shallow=False):
        return
    with open(rows, "rb") as left, open(others, "rb") as right:
        for line, other in itertools.zip_longest(left, right, fillvalue=b""):
            if line != other:
                sys.exit(f"bench: the rows of {rows.stem} and {others.stem} differ, first in\n{line!r}\n{other!r}")


def processor():
    for line in open("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


class Stand:
    def __init__(self, programs, work):
        self.programs = pathlib.Path(programs).resolve()
        self.work = pathlib.Path(work)
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

    def program(self, name, *arguments, **environment):
        """What one of the benchmark's own programs prints."""
        command = [self.programs / name, *map(str, arguments)]
        return subprocess.run(
            command, check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}
        ).stdout

    def forget_everything(self):
        self.redis("FLUSHALL", "SYNC")

    def write_day(self, date, shape):
        """The hashes of a day, field by field; returns the rows and sums that a load of them must have.

        Written anew rather than copied inside Redis: a copy lies in memory in the order in which it will be
        read, which makes reading it about five times as fast as a hash that has grown by HINCRBY.
        """
        port = os.environ["REDIS_PORT"]
        return json.loads(self.program("bench_fields", port, key_day(date), shape.fields, shape.hashes))

    def expect_removed(self, date, shape):
        left = self.redis("EXISTS", *shape.keys(key_day(date)))
        if left != "(integer) 0":
            sys.exit(f"bench: the hashes of {date} were to be removed from Redis, found {left} of them")

    def expect_sums(self, database, written):
        """What is in the target must be what `write_day` wrote."""
        sql = "SELECT json_build_object('rows', count(*), 'clicks', sum(clicks), 'impressions', sum(impressions))"
        found = json.loads(self.psql(database, "-c", f"{sql} FROM advertisement_analytics"))
        if found != written:
            sys.exit(f"bench: the target holds {found}, expected {written}")

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

    def whole_target(self):
        """The same table, not partitioned, as the batches know it."""
        script = (ROOT / "schemas/sql/advertisement_analytics.sql").read_text()
        return self.fresh_target(script.replace(" PARTITION BY RANGE (date)", ""))

    def drop_target(self, name):
        self.psql("postgres", "-c", f"DROP DATABASE {name}")

    def timed(self, command, environment, log):
        """Wall and CPU seconds and peak memory of one program; what it says goes to `log` and `log`.errors.

        CPU and memory are the program's own and its children's that it waited for; memory is the largest process's.
        """
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

    def batch(self, command, date, database):
        """One run of a batch that is not daymill's."""
        environment = {"POSTGRES_DB": database, "PGDATABASE": database}
        return self.timed([*command, key_day(date)], environment, self.work / "batch.log")

    def dump(self, database, name, expected_rows):
        """Writes every row of the target to a file, in order of the key, and drops the target."""
        path = self.work / f"{name}.rows"
        sql = "COPY (SELECT * FROM advertisement_analytics ORDER BY date, ad_id, search_word) TO STDOUT"
        with open(path, "wb") as output:
            subprocess.run(["psql", "-X", "-q", "-d", database, "-c", sql], check=True, stdout=output)
        self.drop_target(database)
        with open(path, "rb") as rows:
            count = sum(1 for _ in rows)
        if count != expected_rows:
            sys.exit(f"bench: {name} made {count} rows, expected {expected_rows}")
        return path

    def machine(self):
        return {
            "processor": processor(),
            "cores": os.cpu_count(),
            "system": platform.platform(),
            "redis": self.redis("INFO", "server").split("redis_version:")[1].split()[0],
            "postgresql": self.psql("postgres", "-c", "SHOW server_version"),
        }
