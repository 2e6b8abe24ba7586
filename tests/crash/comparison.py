"""The oracle's counts against what lies in Redis, in the table and among its rejects."""

import collections

from target import Locked
from violation import Violation


def in_redis(day):
    found = collections.Counter()
    for key, measure in day.measure_of.items():
        for field, value in day.redis.hgetall(key).items():
            found[measure, field.decode()] = int(value)
    return found


def in_target(day):
    """Rows and rejects."""
    found = collections.Counter()
    for ad_id, word, clicks, impressions in day.target.rows():
        found["clicks", f"{ad_id}:{word}"] += clicks or 0
        found["impressions", f"{ad_id}:{word}"] += impressions or 0
    for split, raw in day.target.rejects():
        field, _, value = bytes(raw).rpartition(b"\t")
        found[day.measure_of[split], field.decode()] += int(value)
    return found


def check_now(day):
    """At any moment: what was removed from Redis is in the table, what was not is in Redis."""
    if day.deleted_by_hand:
        return
    with day.lock:
        left = in_redis(day)
        try:
            held = in_target(day)
        except Locked:  # by a runner that is stopped: then nothing is committed now
            return
        removed = {key for key in day.keys if day.redis.exists(day.record_key(key))}
        for key in {day.key(*counted) for counted in day.oracle} - removed:
            if not day.redis.exists(key):
                raise Violation(f"REMOVED EARLY: {key} is gone and no record tells of it", "removed early")
        for (measure, field), number in day.oracle.items():
            there = left[measure, field] + (held[measure, field] if day.key(measure, field) in removed else 0)
            if there < number:
                raise Violation(f"REMOVED EARLY: {measure} of {field!r}: counted {number}, in Redis "
                                f"{left[measure, field]}, in the table {held[measure, field]}", "removed early")


def check_done(day):
    """After DONE: the table holds every acknowledged count, once; Redis none."""
    left = in_redis(day)
    held = in_target(day)
    lost = twice = 0
    example = ""
    for key in sorted(set(day.oracle) | set(left) | set(held)):
        difference = held[key] + left[key] - day.oracle[key]
        lost += max(0, -difference)
        twice += max(0, difference)
        if difference:
            example = f"{key}: counted {day.oracle[key]}, table {held[key]}, Redis {left[key]}"
    if lost or twice:
        raise Violation(f"LOST {lost}, COUNTED TWICE {twice}: {example}", "lost" if lost else "counted twice")
    if sum(left.values()):
        raise Violation(f"DONE, but Redis still holds {sum(left.values())}")


def written(day):
    """All that a run can write, with the versions of the rows: equal means nothing was written."""
    records = [day.redis.get(day.record_key(key)) for key in day.keys]
    return records, day.target.evidence(), [day.redis.exists(key) for key in day.keys]


def finish(day):
    """Resume until done, compare; a second run writes nothing; a replay gives the same rows."""
    day.run_until_done()
    check_done(day)
    before = written(day)
    if day.run().exit_code != 0 or written(day) != before:
        raise Violation("the second run wrote something")
    if day.corrected_by_hand:
        return  # the snapshots do not know of it
    rows = day.target.all_rows()
    replay = day.run("replay")
    if replay.exit_code != 0:
        raise Violation(f"the replay failed: {replay.text().strip()[-1500:]}")
    if day.target.all_rows() != rows:
        raise Violation("the replay gave other rows")
    check_done(day)
