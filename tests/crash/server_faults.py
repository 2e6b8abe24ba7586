"""The servers fail under a run: they die, forget, are full, are demoted, or are still loading."""

import time

from case import Case
from comparison import check_now, finish, in_redis
from situations import BY_NAME
from violation import Violation

SLOW_LOADING = ("--key-load-delay", "1000", "--loading-process-events-interval-bytes", "1024")  # microseconds a key
PADDING_KEYS = 500  # so that loading takes a while


# --- PostgreSQL ---------------------------------------------------------------------------------------


def postgres_killed(bench, case, rng):
    """Points: failpoint. The run stops there, the whole server dies and comes back, the run goes on."""
    with bench.prepared(case, rng) as day:
        def harm():
            bench.servers.postgres_server.kill()
            bench.servers.postgres_server.start_again()

        stop_at(bench, day, case, harm)
        check_now(day)
        finish(day)


def postgres_killed_at_random(bench, case, rng):
    """The whole server dies at any microsecond of a run: within COPY, an index, a commit; the run goes on without."""
    with bench.prepared(case, rng) as day:
        run = day.start(BY_NAME[case.situation].command)
        time.sleep(rng.uniform(0.2, 1) * bench.run_seconds)
        bench.servers.postgres_server.kill()
        day.end(run)
        bench.servers.postgres_server.start_again()
        check_now(day)
        finish(day)


# --- Redis --------------------------------------------------------------------------------------------


def redis_flushed(bench, case, rng):
    with bench.prepared(case, rng) as day:
        stop_at(bench, day, case, day.redis.flushall)
        finish(day)


def redis_full(bench, case, rng):
    with bench.prepared(case, rng) as day:
        stop_at(bench, day, case, lambda: day.redis.config_set("maxmemory", 1))
        check_now(day)
        day.redis.config_set("maxmemory", 0)
        finish(day)


def redis_killed(bench, case, rng):
    """It comes back with everything it had, so that nothing but connections is lost."""
    with bench.prepared(case, rng) as day:
        stop_at(bench, day, case, lambda: restart(bench))
        check_now(day)
        finish(day)


def redis_loading(bench, case, rng):
    """It comes back slowly: LOADING is not "there is nothing"."""
    with bench.prepared(case, rng) as day:
        padding = {f"padding:{number}": "x" * 200 for number in range(PADDING_KEYS)}
        day.redis.mset(padding)
        run = stop_at(bench, day, case, lambda: restart(bench, *SLOW_LOADING))
        bench.servers.redis_server.wait_loaded()
        if run.exit_code == 0 and in_redis(day):
            raise Violation(f"DONE while Redis was loading: {run.text().strip()[-1500:]}")
        check_now(day)
        day.redis.delete(*padding)
        finish(day)


def redis_demoted(bench, case, rng):
    """It becomes a replica, which answers READONLY, and later a master again."""
    with bench.prepared(case, rng) as day:
        run = stop_at(bench, day, case, lambda: day.redis.replicaof("127.0.0.1", "1"))
        again = day.run()
        check_now(day)
        for each in (run, again):
            if each.exit_code != 0 and not names_the_cause(each.text()):
                raise Violation(f"the failure does not tell of a replica: {each.text().strip()[-1500:]}")
        if again.exit_code == 0 and in_redis(day):
            raise Violation(f"DONE with a replica that still holds counts: {again.text().strip()[-1500:]}")
        day.redis.replicaof("NO", "ONE")
        finish(day)


def names_the_cause(text):
    return "READONLY" in text or "expected \"master\"" in text


def restart(bench, *options):
    bench.servers.redis_server.save("latest.rdb")
    bench.servers.redis_server.restore("latest.rdb", *options)


def stop_at(bench, day, case, harm):
    """The run stops at the case's failpoint, the harm is done, the run goes on to its end."""
    struck = []
    situation = BY_NAME[case.situation]

    def on_stop():
        struck.append(True)
        harm()

    run = day.run(situation.command, f"{case.points[0]}=stop", on_stop)
    if not struck:
        bench.missed()
    return run


POSTGRES_POINTS = ("pg.claim_sent", "pg.stage_created", "pg.copy_start", "pg.copy_data", "pg.copy_end", "pg.index",
                   "pg.stage_committed", "pg.epoch_checked", "pg.load_insert", "pg.commit_sent", "pg.commit_reply",
                   "pg.mark_removed")
REDIS_POINTS = ("redis.connect", "redis.watch", "redis.hscan_sent", "redis.hscan_page", "redis.confirm", "run.load",
                "run.commit", "run.remove", "redis.sink_read", "redis.record_read", "redis.multi", "redis.queue",
                "redis.exec_sent", "redis.exec_reply", "run.mark_removed")
FAULTS = [
    ("postgres_killed", POSTGRES_POINTS),
    ("redis_flushed", ("run.remove", "redis.exec_sent", "run.mark_removed")),
    ("redis_full", ("redis.connect", "run.remove", "redis.multi", "redis.queue", "redis.exec_sent")),
    ("redis_killed", REDIS_POINTS),
    ("redis_loading", ("redis.watch", "redis.hscan_page", "run.load", "run.remove", "redis.multi", "redis.exec_sent")),
    ("redis_demoted", REDIS_POINTS),
]
PLACES = [("attach", "first"), ("insert", "late"), ("attach", "grown")]


def cases(rng, number):
    """Each fault at so many of its failpoints; negative: at all of them, and also on other days."""
    chosen = []
    for kind, points in FAULTS:
        days = PLACES if number < 0 and kind != "redis_flushed" else PLACES[:1]
        for point in points if number < 0 else rng.sample(points, min(number, len(points))):
            chosen += [Case(kind, shape, situation, (point,)) for shape, situation in days]
    for shape, situation in PLACES if number < 0 else PLACES[:1]:
        chosen += [Case("postgres_killed_at_random", shape, situation, (), at)
                   for at in range(1, (10 if number < 0 else number) + 1)]
    return chosen


KINDS = {"postgres_killed": postgres_killed, "postgres_killed_at_random": postgres_killed_at_random,
         "redis_flushed": redis_flushed, "redis_full": redis_full, "redis_killed": redis_killed,
         "redis_loading": redis_loading, "redis_demoted": redis_demoted}
