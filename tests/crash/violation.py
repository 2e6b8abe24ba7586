"""What the promise forbids."""


class Violation(Exception):
    """`kind` is "lost", "counted twice", "removed early" or "other"; the text says what."""

    def __init__(self, text, kind="other"):
        super().__init__(text)
        self.kind = kind
