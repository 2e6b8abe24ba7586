"""A case: one harm done to one day. Its name says all that is needed to do it again."""

import dataclasses
import re

TEXT = re.compile(r"(\S+) (\w+)/(\w+)((?: [^ #]\S*)*?)(?: #(\d+))?( state\.db deleted)?")


@dataclasses.dataclass(frozen=True)
class Case:
    kind: str
    shape: str
    situation: str
    points: tuple = ()  # failpoints as "name@hit", or what else the kind wants to know
    number: int = 0  # tells cases apart that are otherwise equal
    keep_state: bool = True

    @property
    def text(self):
        parts = [self.kind, f"{self.situation}/{self.shape}", *self.points]
        if self.number:
            parts.append(f"#{self.number}")
        if not self.keep_state:
            parts.append("state.db deleted")
        return " ".join(parts)

    @staticmethod
    def parse(text):
        """The case of that name, or None."""
        found = TEXT.fullmatch(text)
        if not found:
            return None
        kind, situation, shape, points, number, deleted = found.groups()
        return Case(kind, shape, situation, tuple(points.split()), int(number or 0), not deleted)
