"""Days that a person has to settle, and what is right after each answer: the oracle is told."""

import collections
import functools

from day import MEASURES
from violation import Violation

CHOICES = ("as_new", "replace", "discard")


def some(day):
    day.count_some()
    day.count_unreadable()


def reset(day):
    """Somebody deletes the keys; then a little is counted, less than before in every measure."""
    day.delete_keys()
    day.count_all([(measure, "1:shoes", 1) for measure in MEASURES])


def counts(choice, before, between, now):
    """What the table must hold: before: not in question; between: what the question is about; now: in Redis since."""
    return before + {"as_new": between + now, "replace": now, "discard": between}[choice]


def asked(prepare, choice, day):
    before, between = prepare(day)
    now = day.oracle - before - between
    day.oracle = collections.Counter(counts(choice, before, between, now))
    run = day.run()
    if "NEEDS_DECISION" not in run.text():
        raise Violation(f"nobody was asked: exit code {run.exit_code}: {run.text().strip()[-1500:]}")


def loaded_then_reset(day):
    some(day)
    day.run(failpoints="run.remove=kill")
    loaded = day.oracle.copy()
    reset(day)
    return collections.Counter(), loaded


def read_then_reset(day):
    some(day)
    day.run(failpoints="run.load=kill")
    read = day.oracle.copy()
    reset(day)
    return collections.Counter(), read


def removed_then_back(day):
    """The record was lost, too: something is there that looks like a removal that never was."""
    some(day)
    day.run_until_done()
    loaded = day.oracle.copy()
    day.delete_records()
    reset(day)
    return collections.Counter(), loaded


def records_too_old(day):
    """Two removals, and the source remembers none."""
    some(day)
    day.run_until_done()
    first = day.oracle.copy()
    day.count_some(6)
    day.run_until_done()
    second = day.oracle - first
    day.delete_records()
    reset(day)
    return first, second


ALL = [(prepare.__name__, choice, functools.partial(asked, prepare, choice))
       for prepare in (loaded_then_reset, read_then_reset, removed_then_back, records_too_old) for choice in CHOICES]


def records_too_old_as_new(day):
    asked(records_too_old, "as_new", day)


def loaded_then_reset_discard(day):
    asked(loaded_then_reset, "discard", day)


def count_what_is_discarded(day):
    """The answer is for what is there when it is carried out."""
    for key in day.keys:
        day.redis.hincrby(key, "1:shoes", 1)
