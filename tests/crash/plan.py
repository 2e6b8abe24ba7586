"""Which cases a session does. The same options, seed and program give the same cases in the same order."""

import collections

import full_disk
import message_faults
import restored_redis
import server_faults
from case import Case
from scenarios import CYCLES_A_DAY
from situations import BY_NAME, SITUATIONS

# Stopped there, a runner holds the lock of state.db, and every step of another one waits ten seconds for it.
STOPS_EVERYBODY = ("state.step_before_commit",)
COUNTED = [(kind, shape, situation) for kind in ("postgres", "redis")
           for shape, situation in (("attach", "first"), ("insert", "late"))]


def discovery():
    """Cases without harm: which failpoints does a situation lead over, how many messages go to and fro?"""
    return ([Case("plain", shape, s.name) for s in SITUATIONS for shape in s.shapes] +
            [Case(f"{kind}_count", shape, situation) for kind, shape, situation in COUNTED])


def sample(rng, items, number):
    """Negative: all."""
    return items if number < 0 else rng.sample(items, min(number, len(items)))


class Plan:
    def __init__(self, results, options, rng):
        self.options, self.rng = options, rng
        self.places = collections.defaultdict(list)  # failpoint: cases without harm that lead over it
        for result in results:
            for name in result.reached:
                self.places[name].append(result.case)
        self.everywhere = sorted((name, place.shape, place.situation)
                                 for name, places in self.places.items() for place in places)
        self.messages = {result.case: result.messages for result in results if result.messages}

    def cases(self):
        cases = (self.kills() + self.errors_and_delays() + self.stops() + self.pairs() + self.random_kills() +
                 self.two_runners() + self.eaten() + self.at_messages() +
                 server_faults.cases(self.rng, self.options.servers) + restored_redis.cases() +
                 full_disk.cases(self.rng, self.options.disk))
        self.rng.shuffle(cases)
        return cases

    def kills(self):
        """At every failpoint; with --long in every situation that leads over it, with and without state.db."""
        cases = []
        for index, (name, places) in enumerate(sorted(self.places.items())):
            for place in places if self.options.long else places[:1]:
                for keep in (True, False) if self.options.long else (index % 2 == 0,):
                    cases.append(Case("kill", place.shape, place.situation, (name,), 0, keep))
            if self.options.long:
                cases += [Case("kill", places[0].shape, places[0].situation, (f"{name}@{hit}",)) for hit in (2, 3)]
        return cases

    def errors_and_delays(self):
        number = -1 if self.options.long else self.options.others
        return [Case(kind, shape, situation, (name,), 0, index % 2 == 0) for kind in ("error", "delay")
                for index, (name, shape, situation) in enumerate(sample(self.rng, self.everywhere, number))]

    def stops(self):
        places = [(name, shape, situation) for name, shape, situation in self.everywhere
                  if not BY_NAME[situation].on_stop and name not in STOPS_EVERYBODY]
        return [Case("stop", shape, situation, (name,))
                for name, shape, situation in sample(self.rng, places, self.options.stops)]

    def pairs(self):
        names = sorted(self.places)
        pairs = [(*place, other) for place in self.everywhere for other in names]
        return [Case("pair", shape, situation, (name, other), 0, self.rng.random() < 0.7)
                for name, shape, situation, other in sample(self.rng, pairs, self.options.pairs)]

    def random_kills(self):
        situations = [s for s in SITUATIONS if not s.failpoints and not s.eat_exec and s.may_go_on]
        cases = []
        for number in range(1, -(-self.options.cycles // CYCLES_A_DAY) + 1):
            situation = self.rng.choice(situations)
            cases.append(Case("random", self.rng.choice(situation.shapes), situation.name, (), number))
        return cases

    def two_runners(self):
        situations = ["first", "late", "grown", "first_in_shards"]
        return [Case("two", self.rng.choice(["attach", "insert", "file"]), self.rng.choice(situations), (), number)
                for number in range(1, max(4, self.options.cycles // 20) + 1)]

    def eaten(self):
        cases = []
        places = [("attach", "first"), ("insert", "late"), ("attach", "grown")]
        for mode in message_faults.EAT_MODES:
            for shape, situation in places if self.options.long else places[:1]:
                commits = range(1, 6) if self.options.long or mode == "after" else (4,)
                cases += [Case("eat_commit", shape, situation, (f"{mode}@{at}",)) for at in commits]
                cases += [Case("eat_exec", shape, situation, (f"{mode}@{at}",)) for at in (1, 2)]
        return cases

    def at_messages(self):
        """Each mode in each direction of each protocol; --messages says how often, -1 at every message."""
        cases = []
        for case, counts in sorted(self.messages.items(), key=lambda item: item[0].text):
            kind = case.kind.replace("count", "message")
            for side, count in counts.items():
                for mode in message_faults.MESSAGE_MODES:
                    chosen = sample(self.rng, range(1, count + 1), self.options.messages)
                    cases += [Case(kind, case.shape, case.situation, (side, f"{mode}@{at}")) for at in chosen]
        return cases
