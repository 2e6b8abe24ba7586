"""The program under test, as a process that is killed, stopped and waited for."""

import os
import resource
import signal
import subprocess
import threading
import time

LONGEST_RUN = 120  # seconds; no test depends on it, a program that hangs is reported
LIVING = set()  # runs of this process


def kill_all():
    """None outlives its case, however that ended: a stopped one would stay for ever."""
    for run in list(LIVING):
        run.signal(signal.SIGKILL)
        run.wait()


class Program:
    """Starts daymill with one home, and with failpoints."""

    def __init__(self, binary, folder):
        self.binary = binary
        self.folder = folder
        self.home = os.path.join(folder, "home")
        self.log = ""  # file that gets the names of the failpoints that are hit
        self.limits = {}  # of the processes, as for resource.setrlimit
        self.outputs = 0

    def start(self, arguments, failpoints=""):
        """failpoints: as in DAYMILL_FAILPOINT, "pg.commit_sent=kill,redis.multi=stop"."""
        environment = dict(os.environ, DAYMILL_HOME=self.home,
                           DAYMILL_FAILPOINT=failpoints, DAYMILL_FAILPOINT_LOG=self.log)
        # Leaks are looked for by the other tests; here they would cost most of the time.
        environment["ASAN_OPTIONS"] = "detect_leaks=0"
        self.outputs += 1
        output = os.path.join(self.folder, f"output.{self.outputs}")
        with open(output, "wb") as file:
            process = subprocess.Popen([self.binary, *arguments], stdin=subprocess.DEVNULL, stdout=file,
                                       stderr=subprocess.STDOUT, cwd=self.folder, env=environment,
                                       preexec_fn=self._limit if self.limits else None)
        return Run(process, output, " ".join(arguments) + (f" [{failpoints}]" if failpoints else ""))

    def _limit(self):
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # an error of the write instead
        for limit, value in self.limits.items():
            resource.setrlimit(limit, (value, value))


class Run:
    """One start of the program. exit_code is None until it has ended; -9 when it was killed."""

    def __init__(self, process, output, command):
        self.process = process
        self.output = output
        self.command = command
        self.exit_code = None
        self.hung = False
        self.started = time.monotonic()
        self.seconds = 0
        LIVING.add(self)

    def text(self):
        with open(self.output, encoding="utf-8", errors="replace") as file:
            return file.read()

    def signal(self, number):
        if self.exit_code is None:
            os.kill(self.process.pid, number)

    def wait_stopped(self):
        """True when the program stopped itself at a failpoint, false when it ended before."""
        _, status = os.waitpid(self.process.pid, os.WUNTRACED)
        if os.WIFSTOPPED(status):
            return True
        self._ended(status)
        return False

    def has_ended(self):
        """Also when nobody has waited for it yet."""
        if self.exit_code is not None:
            return True
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"

    def wait(self, on_stop=None):
        """Waits for the end; each time the program stops itself, on_stop is called before it goes on."""
        timer = threading.Timer(LONGEST_RUN, self._give_up)
        timer.start()
        try:
            while self.exit_code is None:
                if self.wait_stopped():
                    if on_stop:
                        on_stop()
                    self.signal(signal.SIGCONT)
        finally:
            timer.cancel()
        return self.exit_code

    def _give_up(self):
        self.hung = True
        self.signal(signal.SIGKILL)

    def _ended(self, status):
        self.exit_code = os.waitstatus_to_exitcode(status)
        self.process.returncode = self.exit_code
        self.seconds = time.monotonic() - self.started
        LIVING.discard(self)
