"""One day of one pipeline: what was counted (the oracle), where it lies, and how it is run."""

import collections
import json
import os
import shutil
import threading
import zlib

from program import Program
from target import make_target
from violation import Violation

DAY = "2024-02-29"
MEASURES = ("clicks", "impressions")
FIELD_CHOICES = [f"{ad}:{word}" for ad in range(1, 9) for word in ("", "shoes", "red shoes", "a:b", "ü", "x\ty")]
UNREADABLE = "no ad:shoes"  # is rejected, and must be found among the rejects


ON_THE_DAY = ("pipeline.json", "--date", DAY)
DECIDE = ("decide", "pipeline.json", DAY, "--reason", "the source was reset")
COMMANDS = {
    "run": ("run", *ON_THE_DAY),
    "replay": ("replay", *ON_THE_DAY, "--force"),
    "replay --diff": ("replay", *ON_THE_DAY, "--diff"),
    "resume": ("resume", "pipeline.json"),
    "decide --as-new": (*DECIDE, "--as-new"),
    "decide --replace": (*DECIDE, "--replace"),
    "decide --discard": (*DECIDE, "--discard"),
    "adopt": ("adopt", "pipeline.json", DAY, "--reason", "corrected by hand"),
    "rejects show": ("rejects", "show", "pipeline.json", DAY),
    "state rebuild": ("state", "rebuild", "pipeline.json"),
}


class Day:
    """A pipeline of its own: name, keys, table, home. shape: attach, insert or file. shards: of each measure."""

    def __init__(self, servers, binary, name, shape, rng, redis_port=None, postgres_port=None,
                 redis_timeout_ms=30000, fresh_database=False, shards=1):
        self.name, self.shape, self.rng = name, shape, rng
        self.folder = os.path.join(servers.folder, "work", name)
        os.makedirs(self.folder)
        self.redis = servers.redis
        self.shards = [f":{shard}" for shard in range(shards)] if shards > 1 else [""]
        self.measure_of = {f"{name}_{measure}:20240229{shard}": measure
                           for measure in MEASURES for shard in self.shards}  # by key
        self.oracle = collections.Counter()
        self.lock = threading.Lock()
        self.deleted_by_hand = False  # somebody removed the keys, so that only a snapshot may hold the counts
        self.corrected_by_hand = False  # rows of the target
        self.target = make_target(self, servers, fresh_database)
        self.program = Program(binary, self.folder)
        self.kills = 0  # of runs that lived
        self.run_seconds = 0  # of the last run that was done
        self.until_done = "run"
        self._write_pipeline(redis_port or servers.redis_port, redis_timeout_ms, postgres_port)

    @property
    def home(self):
        return self.program.home

    @property
    def keys(self):
        return list(self.measure_of)

    def key(self, measure, field):
        """Where the counts of the field lie."""
        shard = self.shards[zlib.crc32(field.encode()) % len(self.shards)]
        return f"{self.name}_{measure}:20240229{shard}"

    def _write_pipeline(self, redis_port, redis_timeout_ms, postgres_port):
        shards = f":{{0..{len(self.shards) - 1}}}" if len(self.shards) > 1 else ""
        pipeline = {
            "name": self.name,
            "partition": {"every": "day", "timezone": "Asia/Tokyo", "closed_after": "15m"},
            "source": {"plugin": "redis_hash", "config": {
                "host": "127.0.0.1", "port": redis_port, "field": "{ad_id:int64}:{search_word:text}",
                "measures": {m: f"{self.name}_{m}:{{date:%Y%m%d}}{shards}" for m in MEASURES},
                "remove": "after_load", "timeout_ms": redis_timeout_ms}},
            "transforms": [{"plugin": "ctr", "config": {
                "clicks": "clicks", "impressions": "impressions", "as": "ctr"}}],
            "sink": self.target.config(postgres_port),
            "rejects": {"max_rows": 1000, "max_share": "100%"},
            "retry": {"attempts": 4, "backoff": "10ms..50ms"},
        }
        with open(os.path.join(self.folder, "pipeline.json"), "w", encoding="utf-8") as file:
            json.dump(pipeline, file)

    def close(self):
        self.delete_records()
        self.redis.delete(*self.keys, f"daymill:{self.name}:sink")
        self.target.close()
        shutil.rmtree(self.folder)

    # --- counting ---------------------------------------------------------------------------------

    @staticmethod
    def record_key(key):
        return "{" + key + "}:daymill"

    def count(self, measure, field, number=1):
        self.count_all([(measure, field, number)])

    def count_all(self, counts):
        """Counts in Redis; the oracle learns of it when Redis has acknowledged it."""
        with self.lock:
            commands = self.redis.pipeline(transaction=False)
            for measure, field, number in counts:
                commands.hincrby(self.key(measure, field), field, number)
            answers = commands.execute(raise_on_error=False)
            for (measure, field, number), answer in zip(counts, answers):
                if isinstance(answer, Exception):
                    raise answer
                self.oracle[measure, field] += number

    def count_some(self, most=24):
        self.count_all([(measure, field, self.rng.randint(1, 9)) for measure in MEASURES
                        for field in self.rng.sample(FIELD_CHOICES, self.rng.randint(2, most))])

    def count_unreadable(self):
        self.count("clicks", UNREADABLE, 3)

    def count_the_same_again(self, before):
        """Where the key was removed, exactly what it held `before` is counted anew: no rest of the old one."""
        removed = {key for key in self.keys if not self.redis.exists(key)}
        counts = [(m, field, number) for (m, field), number in before.items()
                  if self.key(m, field) in removed and number]
        if counts:
            self.count_all(counts)

    def delete_keys(self):
        self.redis.delete(*self.keys)
        self.deleted_by_hand = True

    def delete_records(self):
        self.redis.delete(*map(self.record_key, self.keys))

    # --- running ----------------------------------------------------------------------------------

    def start(self, command="run", failpoints=""):
        return self.program.start(COMMANDS[command], failpoints)

    def run(self, command="run", failpoints="", on_stop=None):
        return self.end(self.start(command, failpoints), on_stop)

    def end(self, run, on_stop=None):
        """Waits for a run. Being killed is in order, crashing is not."""
        run.wait(on_stop)
        self.kills += run.exit_code == -9
        if run.hung:
            raise Violation(f"hung: daymill {run.command}")
        if run.exit_code < 0 and run.exit_code != -9 or "Sanitizer" in run.text():
            raise Violation(f"daymill {run.command} crashed by itself: {run.exit_code}: {run.text().strip()[-1500:]}")
        return run

    def run_until_done(self, most=5):
        """By the command that was interrupted; for the days after, by run."""
        for _ in range(most):
            run = self.run()  # before an answer is given, this asks
            if run.exit_code != 0 and self.until_done != "run":
                run = self.run(self.until_done)
            if run.exit_code == 0:
                self.run_seconds = run.seconds
                self.until_done = "run"
                return
        raise Violation(f"not done after {most} runs, exit code {run.exit_code}: {run.text().strip()[-1500:]}")

    def delete_state(self):
        for name in ("state.db", "state.db-journal"):
            path = os.path.join(self.home, name)
            if os.path.exists(path):
                os.remove(path)
