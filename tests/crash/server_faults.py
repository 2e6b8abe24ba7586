"""The servers fail under a run. One case at a time, as all cases share the servers."""

import random
import traceback

from day import CrashError
from scenarios import Case, finish
from situations import BY_NAME


def postgres_killed(bench, day):
    day.target.connection.close()
    bench.servers.kill_postgres_and_restart()


def redis_flushed(_bench, day):
    day.redis.flushall()


def memory_full(_bench, day):
    day.redis.config_set("maxmemory", 1)


def memory_enough(day):
    day.redis.config_set("maxmemory", 0)


def nothing(_day):
    pass


# At which failpoint the run is stopped, what happens to the server, and what is done before the resume.
FAULTS = [
    ("postgres killed", "pg.copy_data", postgres_killed, nothing),
    ("postgres killed", "pg.commit_sent", postgres_killed, nothing),
    ("postgres killed", "pg.commit_reply", postgres_killed, nothing),
    ("postgres killed", "pg.mark_removed", postgres_killed, nothing),
    ("redis flushed", "run.remove", redis_flushed, nothing),
    ("redis flushed", "redis.exec_sent", redis_flushed, nothing),
    ("redis flushed", "run.mark_removed", redis_flushed, nothing),
    ("redis full", "redis.multi", memory_full, memory_enough),
    ("redis full", "run.remove", memory_full, memory_enough),
]


def cases(bench):
    return [(case, lambda case=case, fault=fault: run(bench, case, *fault)) for fault in FAULTS
            for case in [Case("server", "attach", "first", (fault[0], fault[1]))]]


def run(bench, case, _name, point, harm, heal):
    try:
        day = bench.day(case, random.Random(f"{bench.seed} {case.text}"))
        BY_NAME[case.situation].prepare(day)
        day.run(failpoints=f"{point}=stop", on_stop=lambda: harm(bench, day))
        heal(day)
        finish(day)
        day.close()
        return None
    except CrashError as error:
        return error
    except Exception:  # a fault of the harness must not look like a success
        return CrashError(traceback.format_exc())
