"""What a session has found, for people and for programs."""

import collections
import json
import sys
import time

VIOLATION_KINDS = ("lost", "counted twice", "removed early", "other")
PROGRESS_SECONDS = 15


class Report:
    def __init__(self, options, started):
        self.options, self.started = options, started
        self.done = collections.Counter()  # cases by kind
        self.seconds = collections.Counter()  # of them, in all
        self.violations = collections.Counter()
        self.hit = set()  # failpoints
        self.cycles = self.kills = self.missed = 0
        self.expected = 0  # cases
        self.slowest = []
        self.first_violation = None
        self.shown_at = time.monotonic()

    @property
    def elapsed(self):
        return time.monotonic() - self.started

    def add(self, result):
        if result.case is None:
            raise RuntimeError(f"a worker of the harness has died: {result.violation}")
        kind = result.case.kind
        self.done[kind] += 1
        self.seconds[kind] += result.seconds
        self.cycles += result.cycles if kind == "random" else 0
        self.kills += result.kills
        self.missed += result.missed
        self.hit |= result.reached
        self.slowest = sorted([*self.slowest, (result.seconds, result.case.text)], reverse=True)[:5]
        if result.violation:
            self._violated(result)
        if time.monotonic() - self.shown_at > PROGRESS_SECONDS:
            self._progress()

    def _violated(self, result):
        if self.first_violation is None or self.first_violation["kind"] == "other":
            self.first_violation = {"kind": result.violation_kind, "case": result.case.text,
                                    "text": result.violation, "after_seconds": round(self.elapsed, 1)}
        self.violations[result.violation_kind] += 1
        print(f"FAILED {result.case.text}: {result.violation}\n  again: tests/crash/run --binary {self.options.binary} "
              f"--seed {self.options.seed} --only '{result.case.text}'", flush=True)

    def _progress(self):
        self.shown_at = time.monotonic()
        done = sum(self.done.values())
        left = max(0, self.expected - done) * sum(self.seconds.values()) / done / self.options.jobs
        print(f"crash: {done}/{self.expected or '?'} scenarios, {sum(self.violations.values())} violations, "
              f"{self.elapsed:.0f} s, about {left:.0f} s left", file=sys.stderr, flush=True)

    @property
    def is_over(self):
        """Is the time up, or has been found what the session was to end at?"""
        found = sum(self.violations.values()) - (self.violations["other"] if self.options.fail_fast == "loss" else 0)
        return self.elapsed > self.options.seconds or bool(self.options.fail_fast and found)

    def figures(self, listed):
        never = [name for name in listed if name not in self.hit]
        done = sum(self.done.values())
        return {
            "scenarios": done,
            "kinds": dict(sorted(self.done.items())),
            "failpoints_hit": len(listed) - len(never),
            "failpoints": len(listed),
            "failpoints_never_hit": never,
            "random_kill_cycles": self.cycles,
            "kills": self.kills,
            "harm_not_reached": self.missed,
            **{kind.replace(" ", "_"): self.violations[kind] for kind in VIOLATION_KINDS},
            "seconds": round(self.elapsed),
            "seconds_per_scenario_and_job": round(sum(self.seconds.values()) / max(1, done), 2),
            "slowest": [f"{seconds:.1f} s {text}" for seconds, text in self.slowest],
            "first_violation": self.first_violation,
            "seed": self.options.seed,
            "jobs": self.options.jobs,
        }

    def print(self, listed):
        """The exit code: 0 when nothing was found and no failpoint left out."""
        f = self.figures(listed)
        kinds = ", ".join(f"{kind} {number}" for kind, number in f["kinds"].items())
        partial = self.options.only or self.is_over
        never = f" (never: {', '.join(f['failpoints_never_hit'])})" if f["failpoints_never_hit"] and not partial else ""
        print(f"failpoints hit {f['failpoints_hit']}/{f['failpoints']}{never}\n"
              f"scenarios {f['scenarios']} ({kinds}); random kill cycles {f['random_kill_cycles']}; "
              f"killed while alive {f['kills']}; place of the harm not reached in {f['harm_not_reached']}\n"
              f"lost {f['lost']}, counted twice {f['counted_twice']}, removed early {f['removed_early']}, "
              f"other failures {f['other']}\n"
              f"seed {f['seed']}, {f['jobs']} jobs, {f['seconds']} s, "
              f"{f['seconds_per_scenario_and_job']} s a scenario and job; slowest: {'; '.join(f['slowest'])}", flush=True)
        if self.options.summary:
            with open(self.options.summary, "w", encoding="utf-8") as file:
                json.dump(f, file, indent=2)
        return 1 if sum(self.violations.values()) or (f["failpoints_never_hit"] and not partial) else 0
