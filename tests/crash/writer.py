"""Late clients: they go on counting while the program runs, and tell the oracle what Redis acknowledged."""

import random
import threading

import redis

from day import FIELD_CHOICES, MEASURES

PAUSES = (0.002, 0.01, 0.05)  # seconds between two counts on average: one of them for each case


class Writer:
    """Goes on counting until it is left."""

    def __init__(self, day, enabled=True):
        self.day = day
        self.stop = threading.Event()
        self.rng = random.Random(day.rng.random())
        self.pause = self.rng.choice(PAUSES)
        self.thread = threading.Thread(target=self._work) if enabled else None

    def __enter__(self):
        if self.thread:
            self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        if self.thread:
            self.thread.join()

    def _work(self):
        while not self.stop.wait(self.rng.expovariate(1 / self.pause)):
            try:
                self.day.count(self.rng.choice(MEASURES), self.rng.choice(FIELD_CHOICES))
            except redis.exceptions.ResponseError:  # full or read-only: refused, so not counted
                pass
