"""Redis comes back with an older file. What it lost is its own; what it still holds is lost or counted twice by nobody.

The source went backwards, so the right end is often NEEDS_DECISION: then nothing may be overwritten or removed. After
that either the newest file comes back, or somebody decides to discard what Redis holds, as all of it was loaded: both
times the day must end as if nothing had happened.
"""

from case import Case
from comparison import finish, in_redis, in_target, written
from situations import first
from violation import Violation


def saved_before_late_counts(day, server):
    first(day)
    server.save("old.rdb")
    day.count_some(6)


def saved_after_all_counts(day, server):
    first(day)
    server.save("old.rdb")


def saved_before_any_count(day, server):
    server.save("old.rdb")
    first(day)


def done(day, server):
    del server
    day.run_until_done()


def done_twice(day, server):
    done(day, server)
    day.count_some(6)
    done(day, server)


def killed_at(point):
    return lambda day, server: day.run(failpoints=f"{point}=kill")


DONE, DECISION = "done", "decision"
# What is counted and saved, what the program then gets to do, and how the next run must end on the older file.
TALES = {
    "read": (saved_before_late_counts, killed_at("run.load"), DECISION),
    "read_all": (saved_after_all_counts, killed_at("run.load"), DONE),
    "loaded": (saved_before_late_counts, killed_at("run.remove"), DECISION),
    "loaded_all": (saved_after_all_counts, killed_at("run.remove"), DONE),
    "loaded_and_gone": (saved_before_any_count, killed_at("run.remove"), DONE),
    "removed": (saved_before_late_counts, done, DECISION),
    "removed_all": (saved_after_all_counts, done, DONE),
    "removed_and_gone": (saved_before_any_count, done, DONE),
    "removed_twice": (saved_after_all_counts, done_twice, DECISION),
    "removed_twice_and_gone": (saved_before_any_count, done_twice, DONE),
}


def restored(bench, case, rng):
    """Points: one of TALES; how a decision ends."""
    prepare, work, end = TALES[case.points[0]]
    server = bench.servers.redis_server
    with bench.prepared(case, rng) as day:
        prepare(day, server)
        work(day, server)
        server.save("latest.rdb")
        server.restore("old.rdb")
        if end == DONE:
            finish(day)
            return
        refused(day)
        if case.points[1] == "newest":
            server.restore("latest.rdb")
        else:
            day.until_done = "decide --discard"
        finish(day)


def refused(day):
    """NEEDS_DECISION, twice the same, and neither side is touched."""
    old, held, before = in_redis(day), in_target(day), untouched(day)
    for _ in range(2):
        run = day.run()
        if run.exit_code == 0 or "NEEDS_DECISION" not in run.text():
            raise Violation(f"not NEEDS_DECISION: exit code {run.exit_code}: {run.text().strip()[-1500:]}")
    if in_redis(day) != old or untouched(day) != before:
        raise Violation("something was removed or overwritten although somebody has to decide")
    for key, number in old.items():
        if in_redis(day)[key] + held[key] < number:
            raise Violation(f"LOST: Redis held {number} of {key}", "lost")


def untouched(day):
    """Records, rows, loads, receipts, rejects; not the fence, as a claim is no decision."""
    records, target, keys = written(day)
    return records, [part for index, part in enumerate(target) if index != 1] if day.shape != "file" else in_target(day), keys


def cases():
    return [Case("redis_restored", shape, "empty", (tale, *after)) for shape in ("attach", "file")
            for tale, (_, _, end) in TALES.items()
            for after in ([("newest",), ("discard",)] if end == DECISION else [()])]


KINDS = {"redis_restored": restored}
