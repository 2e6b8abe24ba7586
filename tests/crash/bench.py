"""Where a worker does its cases, one after the other, on servers of its own."""

import contextlib
import dataclasses
import os
import random
import shutil
import time
import traceback

import fault_proxy
import program
import protocol_messages
from day import Day
from servers import Servers
from situations import BY_NAME
from violation import Violation


@dataclasses.dataclass
class Result:
    case: object
    violation: str = ""
    violation_kind: str = ""
    seconds: float = 0
    missed: bool = False  # the place of the harm was not reached, as clients' counts led another way
    kills: int = 0  # SIGKILLs that met a living process
    cycles: int = 1  # times the day was harmed, resumed and compared
    reached: frozenset = frozenset()  # failpoints, where the kind looks for them
    messages: dict = dataclasses.field(default_factory=dict)  # in each direction, where the kind counts them


class Bench:
    """Not shared: every worker has one."""

    def __init__(self, number, folder, template, binary, seed, keep):
        self.number, self.folder, self.template, self.binary, self.seed = number, folder, template, binary, seed
        self.keep = keep  # the files of failed cases
        os.makedirs(folder)
        self.days = 0
        self.servers = Servers(os.path.join(folder, "servers.0"), template)
        self.run_seconds = 0.3  # of a run that is not harmed, about; corrected by each one

    def do(self, case, kinds):
        """The result of a case. Nothing that it does to the servers outlives a violation."""
        self.result = Result(case)
        started = time.monotonic()
        try:
            kinds[case.kind](self, case, random.Random(f"{self.seed} {case.text}"))
        except Violation as violation:
            self._violated(str(violation), violation.kind)
        except Exception:  # a fault of the harness must not look like a success
            self._violated(traceback.format_exc(), "other")
        self.result.seconds = time.monotonic() - started
        return self.result

    def _violated(self, text, kind):
        self.result.violation, self.result.violation_kind = text, kind
        program.kill_all()
        old = self.servers
        old.stop()
        if not self.keep:
            shutil.rmtree(old.folder, ignore_errors=True)
        self.servers = Servers(os.path.join(self.folder, f"servers.{self.days}"), self.template)

    def missed(self):
        self.result.missed = True

    @contextlib.contextmanager
    def prepared(self, case, rng, proxy=None, fault=fault_proxy.NO_FAULT, **options):
        """A day in the case's situation, its proxy armed; it is cleared away when the case has gone well."""
        situation = BY_NAME[case.situation]
        self.days += 1
        if situation.eat_exec:
            proxy, fault = self.redis_proxy(), fault_proxy.Fault("after", text=b"\r\nEXEC\r\n")
        if proxy:
            options[proxy.option] = proxy.port
        day = Day(self.servers, self.binary, f"crash_{self.number}_{self.days}", case.shape, rng,
                  fresh_database=situation.fresh_database, shards=situation.shards, **options)
        try:
            situation.prepare(day)
            day.until_done = situation.until_done
            day.kills = 0
            if proxy:
                proxy.arm(fault)
            yield day
            self.run_seconds += 0.05 * (day.run_seconds - self.run_seconds) if day.run_seconds else 0
            day.close()
        finally:
            self.result.kills += day.kills
            if proxy:
                proxy.close()

    def redis_proxy(self):
        return fault_proxy.FaultProxy(self.servers.redis_port, protocol_messages.redis, "redis_port")

    def postgres_proxy(self):
        return fault_proxy.FaultProxy(self.servers.postgres_port, protocol_messages.postgres, "postgres_port")

    def stop(self):
        program.kill_all()
        self.servers.stop()
