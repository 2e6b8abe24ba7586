"""What a day may look like when daymill is started: together they lead over every failpoint."""

import dataclasses
import typing

import contradictions
from comparison import check_now, in_redis
from day import FIELD_CHOICES, MEASURES


@dataclasses.dataclass(frozen=True)
class Situation:
    name: str
    prepare: typing.Callable  # of the day
    shapes: tuple = ("attach", "insert", "file")
    command: str = "run"
    until_done: str = "run"  # the command that finishes the day
    failpoints: str = ""  # injected besides the one that is tried
    on_stop: typing.Callable = None  # of the day, while the program stopped itself
    may_count: bool = True  # may clients go on counting meanwhile?
    may_go_on: bool = True  # may there be late counts after it is done?
    fresh_database: bool = False
    shards: int = 1  # hashes of each measure
    eat_exec: bool = False  # Redis is reached through a proxy that eats the answer to EXEC

    def failpoints_for(self, *more):
        return ",".join(part for part in (self.failpoints, *more) if part)


def empty(_day):
    """For cases that count themselves."""


def first(day):
    day.count_some()
    day.count_unreadable()


def die_at(day, failpoint):
    day.run(failpoints=f"{failpoint}=kill")
    check_now(day)


def done(day):
    first(day)
    day.run_until_done()


def done_and_late(day):
    done(day)
    day.count_some(6)


def loaded_not_removed(day):
    first(day)
    die_at(day, "run.remove")


def grown_before_removal(day):
    loaded_not_removed(day)
    day.count_some(6)


def same_again_after_exec(day):
    """The program died between EXEC and its answer; then clients count exactly what was removed once more."""
    first(day)
    before = in_redis(day)
    die_at(day, "redis.exec_reply")
    day.count_the_same_again(before)


def read_not_loaded(day):
    first(day)
    die_at(day, "run.load")


def read_then_deleted(day):
    read_not_loaded(day)
    day.delete_keys()


def stage_left_behind(day):
    first(day)
    die_at(day, "pg.commit_sent")


def loaded_then_deleted(day):
    loaded_not_removed(day)
    day.delete_keys()


def nearly_the_same(day):
    """Late counts change one row of many and add another."""
    day.count_all([(measure, field, 2) for measure in MEASURES for field in FIELD_CHOICES[:-1]])
    day.run_until_done()
    day.count_all([("clicks", FIELD_CHOICES[0], 1), ("clicks", FIELD_CHOICES[-1], 1)])


def many_rows_differ(day):
    """Late counts change too many rows to change them one by one."""
    day.count_all([(measure, field, 2) for measure in MEASURES for field in FIELD_CHOICES])
    day.run_until_done()
    day.count_all([("clicks", field, 1) for field in FIELD_CHOICES[:20]])


def rehearsal_left_behind(day):
    done_and_late(day)
    day.run("replay --diff", failpoints="pg.difference=kill")


def another_run_claims(day):
    day.count_some(6)
    day.run()


def state_lost(day):
    done(day)
    day.delete_state()


def sink_forgot(day):
    """An older backup of the target was restored: what Redis has removed is only in the snapshots."""
    done(day)
    day.target.forget()
    day.deleted_by_hand = True


def corrected_by_hand(day):
    done(day)
    day.oracle["clicks", day.target.correct()] += 1
    day.corrected_by_hand = True


SITUATIONS = [
    Situation("first", first),
    Situation("late", done_and_late),
    Situation("unremoved", loaded_not_removed),
    Situation("grown", grown_before_removal),
    Situation("first_in_shards", first, shapes=("attach",), shards=3),
    Situation("late_in_shards", done_and_late, shapes=("insert",), shards=3),
    Situation("grown_in_shards", grown_before_removal, shapes=("file",), shards=2),
    Situation("same_again", same_again_after_exec, shapes=("attach", "file")),
    Situation("read_then_deleted", read_then_deleted, may_count=False),
    Situation("loaded_then_deleted", loaded_then_deleted, shapes=("attach",), may_count=False),
    Situation("stage_left", stage_left_behind, shapes=("attach",)),
    Situation("replay", done, command="replay"),
    Situation("new_database", first, shapes=("insert",), fresh_database=True),
    Situation("commit_lost", first, shapes=("attach",), failpoints="pg.commit_reply=error"),
    Situation("file_commit_lost", first, shapes=("file",), failpoints="file.committed=error"),
    Situation("load_fails", first, shapes=("attach", "file"), failpoints="run.commit=error"),
    Situation("counted_at_removal", first, shapes=("attach",), failpoints="redis.multi=stop",
              on_stop=lambda day: day.count_some(6)),
    Situation("exec_eaten", first, shapes=("attach",), eat_exec=True),
    Situation("nearly_same", nearly_the_same, shapes=("attach", "insert")),
    Situation("many_differ", many_rows_differ, shapes=("attach", "insert")),
    Situation("rehearsal_left", rehearsal_left_behind, shapes=("attach",)),
    Situation("diff_outrun", done, shapes=("attach",), command="replay --diff", failpoints="pg.difference_totals=stop",
              on_stop=another_run_claims),
    Situation("sink_forgot", sink_forgot, shapes=("attach", "file"), may_count=False),
    Situation("resume", read_not_loaded, command="resume"),
    Situation("diff", done, shapes=("attach", "file"), command="replay --diff"),
    Situation("rejects", done, shapes=("attach", "file"), command="rejects show"),
    Situation("rebuild", state_lost, shapes=("attach", "file"), command="state rebuild"),
    Situation("adopt", corrected_by_hand, shapes=("attach", "file"), command="adopt", until_done="adopt", may_count=False,
              may_go_on=False),
    *(Situation(f"{name}_{choice}", prepare, shapes=("attach", "file"), command=f"decide --{choice.replace('_', '-')}",
                until_done=f"decide --{choice.replace('_', '-')}", may_count=False)
      for name, choice, prepare in contradictions.ALL),
    Situation("counted_at_decision", contradictions.records_too_old_as_new, shapes=("attach",),
              command="decide --as-new", until_done="decide --as-new", failpoints="redis.multi=stop",
              on_stop=lambda day: day.count_some(6)),
    Situation("counted_at_discard", contradictions.loaded_then_reset_discard, shapes=("attach",),
              command="decide --discard", until_done="decide --discard", failpoints="redis.multi=stop",
              on_stop=contradictions.count_what_is_discarded, may_count=False, may_go_on=False),
    Situation("decision_eaten", contradictions.records_too_old_as_new, shapes=("attach",),
              command="decide --as-new", until_done="decide --as-new", may_count=False, eat_exec=True),
]
BY_NAME = {situation.name: situation for situation in [*SITUATIONS, Situation("empty", empty)]}
