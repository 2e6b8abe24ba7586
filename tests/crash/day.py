"""One day of one pipeline: what was counted (the oracle), who counts it, and where it lies."""

import collections
import json
import os
import random
import shutil
import threading

import redis

from program import Program
from target import Locked, make_target

DAY = "2024-02-29"
MEASURES = ("clicks", "impressions")
FIELD_CHOICES = [f"{ad}:{word}" for ad in range(1, 9) for word in ("", "shoes", "red shoes", "a:b", "ü", "x\ty")]
UNREADABLE = "no ad:shoes"  # is rejected, and must be found among the rejects


class CrashError(Exception):
    """Something the promise forbids; the text says what."""


class Day:
    """A pipeline of its own: name, keys, table, home. shape: attach, insert or file."""

    def __init__(self, servers, binary, name, shape, rng, failpoint_log, redis_port=None, postgres_port=None,
                 fresh_database=False):
        self.name, self.shape, self.rng = name, shape, rng
        self.servers = servers
        self.folder = os.path.join(servers.folder, "work", name)
        os.makedirs(self.folder)
        self.redis = servers.redis()
        self.keys = {measure: f"{name}_{measure}:20240229" for measure in MEASURES}
        self.oracle = collections.Counter()
        self.lock = threading.Lock()
        self.deleted_by_hand = False  # somebody removed the keys, so that only a snapshot may hold the counts
        self.target = make_target(self, servers, fresh_database)
        self.program = Program(binary, self.folder, failpoint_log)
        self.runs = []
        self._write_pipeline(redis_port or servers.redis_port, postgres_port)

    def _write_pipeline(self, redis_port, postgres_port):
        pipeline = {
            "name": self.name,
            "partition": {"every": "day", "timezone": "Asia/Tokyo", "closed_after": "15m"},
            "source": {"plugin": "redis_hash", "config": {
                "host": "127.0.0.1", "port": redis_port, "field": "{ad_id:int64}:{search_word:text}",
                "measures": {m: f"{self.name}_{m}:{{date:%Y%m%d}}" for m in MEASURES},
                "remove": "after_load"}},
            "transforms": [{"plugin": "ctr", "config": {
                "clicks": "clicks", "impressions": "impressions", "as": "ctr"}}],
            "sink": self.target.config(postgres_port),
            "rejects": {"max_rows": 1000, "max_share": "100%"},
            "retry": {"attempts": 4, "backoff": "10ms..50ms"},
        }
        with open(os.path.join(self.folder, "pipeline.json"), "w", encoding="utf-8") as file:
            json.dump(pipeline, file)

    def close(self):
        self.redis.delete(*self.keys.values(), *map(self.record_key, MEASURES), f"daymill:{self.name}:sink")
        self.target.close()
        shutil.rmtree(self.folder)

    # --- counting ---------------------------------------------------------------------------------

    def count(self, measure, field, number=1):
        """Counts in Redis; the oracle learns of it when Redis has acknowledged it."""
        with self.lock:
            self.redis.hincrby(self.keys[measure], field, number)
            self.oracle[measure, field] += number

    def count_some(self, most=24):
        for measure in MEASURES:
            for field in self.rng.sample(FIELD_CHOICES, self.rng.randint(2, most)):
                self.count(measure, field, self.rng.randint(1, 9))

    def count_unreadable(self):
        self.count("clicks", UNREADABLE, 3)

    # --- running ----------------------------------------------------------------------------------

    def start(self, command="run", failpoints=""):
        arguments = [command, "pipeline.json", "--date", DAY]
        if command == "replay":
            arguments.append("--force")
        run = self.program.start(arguments, failpoints)
        self.runs.append(run)
        return run

    def run(self, command="run", failpoints="", on_stop=None):
        run = self.start(command, failpoints)
        run.wait(on_stop)
        if run.hung:
            raise CrashError(f"hung: daymill {run.command}")
        if run.exit_code < 0 and run.exit_code != -9 or "Sanitizer" in run.text():
            raise CrashError(f"daymill {run.command} crashed by itself: {run.exit_code}")
        return run

    def run_until_done(self, most=5):
        for _ in range(most):
            run = self.run()
            if run.exit_code == 0:
                return
        raise CrashError(f"not done after {most} runs, exit code {run.exit_code}: {run.text().strip()[-1500:]}")

    def delete_state(self):
        for name in ("state.db", "state.db-journal"):
            path = os.path.join(self.folder, "home", name)
            if os.path.exists(path):
                os.remove(path)

    # --- comparing --------------------------------------------------------------------------------

    def record_key(self, measure):
        return "{" + self.keys[measure] + "}:daymill"

    def _in_redis(self):
        found = collections.Counter()
        for measure, key in self.keys.items():
            for field, value in self.redis.hgetall(key).items():
                found[measure, field.decode()] = int(value)
        return found

    def _in_target(self):
        found = collections.Counter()
        for ad_id, word, clicks, impressions in self.target.rows():
            found["clicks", f"{ad_id}:{word}"] += clicks or 0
            found["impressions", f"{ad_id}:{word}"] += impressions or 0
        for split, raw in self.target.rejects():
            measure = next(m for m, key in self.keys.items() if key == split)
            field, _, value = bytes(raw).rpartition(b"\t")
            found[measure, field.decode()] += int(value)
        return found

    def delete_keys(self):
        self.redis.delete(*self.keys.values())
        self.deleted_by_hand = True

    def check_now(self):
        """At any moment: what was removed from Redis is in the table, what was not is in Redis."""
        if self.deleted_by_hand:
            return
        with self.lock:
            left = self._in_redis()
            try:
                held = self._in_target()
            except Locked:  # by a runner that is stopped: then nothing is committed now
                return
            removed = {m for m in MEASURES if self.redis.exists(self.record_key(m))}
            for (measure, field), number in self.oracle.items():
                there = left[measure, field] + (held[measure, field] if measure in removed else 0)
                if there < number:
                    raise CrashError(f"REMOVED EARLY: {measure} of {field!r}: counted {number}, in Redis "
                                     f"{left[measure, field]}, in the table {held[measure, field]}")

    def check_done(self):
        """After DONE: the table holds every acknowledged count, once; Redis none."""
        left = self._in_redis()
        held = self._in_target()
        lost = twice = 0
        example = ""
        for key in set(self.oracle) | set(left) | set(held):
            difference = held[key] + left[key] - self.oracle[key]
            lost += max(0, -difference)
            twice += max(0, difference)
            if difference:
                example = f"{key}: counted {self.oracle[key]}, table {held[key]}, Redis {left[key]}"
        if lost or twice:
            raise CrashError(f"LOST {lost}, COUNTED TWICE {twice}: {example}")
        if sum(left.values()):
            raise CrashError(f"DONE, but Redis still holds {sum(left.values())}")

    def evidence(self):
        """All that a run can write, with the versions of the rows: equal means nothing was written."""
        records = [self.redis.get(self.record_key(m)) for m in MEASURES]
        return records, self.target.evidence(), [self.redis.exists(key) for key in self.keys.values()]


class Writer:
    """Goes on counting until it is left; about one count in `pause` seconds."""

    def __init__(self, day, pause, enabled=True):
        self.day, self.pause = day, pause
        self.stop = threading.Event()
        self.rng = random.Random(day.rng.random())
        self.thread = threading.Thread(target=self._work) if enabled else None

    def __enter__(self):
        if self.thread:
            self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        if self.thread:
            self.thread.join()

    def _work(self):
        while not self.stop.wait(self.rng.expovariate(1 / self.pause)):
            try:
                self.day.count(self.rng.choice(MEASURES), self.rng.choice(FIELD_CHOICES))
            except redis.exceptions.ResponseError:  # maxmemory: refused, so not counted
                pass
