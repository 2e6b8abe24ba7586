"""What a day may look like when daymill is started: together they lead over every failpoint."""

import dataclasses
import typing


@dataclasses.dataclass(frozen=True)
class Situation:
    name: str
    prepare: typing.Callable  # of the day
    shapes: tuple = ("attach", "insert", "file")
    command: str = "run"
    failpoints: str = ""  # injected besides the one that is tried
    on_stop: typing.Callable = None  # of the day, while the program stopped itself
    may_count: bool = True  # may clients go on counting meanwhile?
    fresh_database: bool = False
    eat_exec: bool = False  # Redis is reached through a proxy that eats the answer to EXEC

    def failpoints_for(self, *more):
        return ",".join(part for part in (self.failpoints, *more) if part)


def empty(_day):
    """For cases that count themselves."""


def first(day):
    day.count_some()
    day.count_unreadable()


def done_and_late(day):
    first(day)
    day.run_until_done()
    day.count_some(6)


def loaded_not_removed(day):
    first(day)
    day.run(failpoints="run.remove=kill")


def grown_before_removal(day):
    loaded_not_removed(day)
    day.count_some(6)


def read_then_deleted(day):
    first(day)
    day.run(failpoints="run.load=kill")
    day.delete_keys()


def stage_left_behind(day):
    first(day)
    day.run(failpoints="pg.commit_sent=kill")


def loaded_then_deleted(day):
    loaded_not_removed(day)
    day.delete_keys()


def done(day):
    first(day)
    day.run_until_done()


SITUATIONS = [
    Situation("first", first),
    Situation("late", done_and_late),
    Situation("unremoved", loaded_not_removed),
    Situation("grown", grown_before_removal),
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
]
BY_NAME = {situation.name: situation for situation in [*SITUATIONS, Situation("empty", empty)]}
