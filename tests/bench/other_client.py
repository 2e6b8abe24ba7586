"""How long another client of the same Redis waits: while nothing else happens, while `daymill run` reads the day, and
while HGETALL reads it.

The client (bench_client) counts in the hashes of the day after, as production does, and looks keys up, 200 commands a
second: as many as one connection can send, one after the other, while each waits for some pages. Its commands are
told apart by time afterwards.
"""

import json
import os
import subprocess
import sys
import time

COMMANDS_PER_SECOND = 200
IDLE_SECONDS = 2.0
SETTLE_SECONDS = 0.5  # after the day was written


class OtherClient:
    def __init__(self, stand, next_day):
        command = [stand.programs / "bench_client", os.environ["REDIS_PORT"], f"clicklog_keys:{next_day}"]
        command.append(str(COMMANDS_PER_SECOND))
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:  # it waits for Redis only, not for those with whom it shares a core
            os.sched_setscheduler(self.process.pid, os.SCHED_FIFO, os.sched_param(1))
        except PermissionError:
            pass
        time.sleep(SETTLE_SECONDS)

    def idle(self):
        """The window of some time in which nothing else happens."""
        begin = time.time()
        time.sleep(IDLE_SECONDS)
        return begin, time.time()

    def waits(self, **windows):
        """Ends the client; what its commands took in each of the windows."""
        asked = "".join(f"{begin:.6f} {end:.6f}\n" for begin, end in windows.values())
        answers, _ = self.process.communicate(asked)
        if self.process.returncode != 0:
            sys.exit("bench: the other client failed")
        return dict(zip(windows, map(json.loads, answers.splitlines())))


class RedisAlone:
    """Redis has the first core to itself while this lasts, as if it had a machine of its own: otherwise what is measured is
    how the kernel hands out too few cores. PostgreSQL and all that is started from here get the others. Without a second
    core nothing is changed.
    """

    def __init__(self, stand):
        self.redis = int(stand.redis("INFO", "server").split("process_id:")[1].split()[0])
        backend = int(stand.psql("postgres", "-c", "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'"))
        self.postgres = parent_of(backend)
        self.cores = os.sched_getaffinity(0)

    def __enter__(self):
        if len(self.cores) > 1:
            first = min(self.cores)
            self.pin({first}, self.cores - {first})

    def __exit__(self, *_):
        self.pin(self.cores, self.cores)

    def pin(self, redis, others):
        for thread in os.listdir(f"/proc/{self.redis}/task"):
            os.sched_setaffinity(int(thread), redis)
        for process in filter(str.isdigit, os.listdir("/proc")):
            try:
                if self.postgres in (int(process), parent_of(process)):
                    os.sched_setaffinity(int(process), others)
            except FileNotFoundError:
                pass  # it ended meanwhile
        os.sched_setaffinity(0, others)  # and what is started from here


def parent_of(process):
    with open(f"/proc/{process}/stat", encoding="utf-8") as stat:
        return int(stat.read().rsplit(")", 1)[1].split()[1])


def extract_window(snapshots, seconds):
    """From the extract phase of a run to its end: its last snapshot is renamed into place at the end of it."""
    end = max(file.stat().st_ctime for file in snapshots.rglob("*.snap"))
    return end - seconds, end


def hgetall_window(stand, day, shape):
    begin = time.time()
    stand.program("bench_floor", os.environ["REDIS_PORT"], day, shape.fields, shape.hashes, "read")
    return begin, time.time()
