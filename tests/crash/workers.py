"""Processes that do the cases, each with servers of its own. A case's outcome does not depend on their number."""

import ctypes
import multiprocessing
import os
import signal
import sys
import traceback

from bench import Bench, Result
from kinds import KINDS

PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG
CONTEXT = multiprocessing.get_context("fork")


class Workers:
    def __init__(self, options, binary, folder, template):
        self.tasks, self.results = CONTEXT.Queue(), CONTEXT.Queue()
        self.processes = [CONTEXT.Process(target=self._work, args=(number, options, binary, folder, template))
                          for number in range(1, options.jobs + 1)]
        for process in self.processes:
            process.start()

    def do(self, cases):
        """The results, as they come."""
        for case in cases:
            self.tasks.put(case)
        for _ in cases:
            yield self._next()

    def _next(self):
        while True:
            try:
                return self.results.get(timeout=5)
            except multiprocessing.queues.Empty:
                if not all(process.is_alive() for process in self.processes):
                    raise RuntimeError("a worker of the harness has died") from None

    def stop(self):
        self.tasks.cancel_join_thread()  # cases that nobody will do must not hold up the end
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.join()

    def _work(self, number, options, binary, folder, template):
        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGTERM)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        bench = None
        try:
            bench = Bench(number, os.path.join(folder, f"worker.{number}"), template, binary, options.seed,
                          options.keep)
            while True:
                case = self.tasks.get()
                self.results.put(bench.do(case, KINDS))
        except SystemExit:
            pass
        except BaseException:
            self.results.put(Result(None, traceback.format_exc(), "other"))
            raise
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            if bench:
                bench.stop()
