"""The program under test, as a process that is killed, stopped and waited for."""

import os
import signal
import subprocess
import threading

LONGEST_RUN = 120  # seconds; no test depends on it, a program that hangs is reported


class Program:
    """Starts daymill with one home, and with failpoints."""

    def __init__(self, binary, folder, log):
        self.binary = binary
        self.folder = folder
        self.log = log
        self.outputs = 0

    def start(self, arguments, failpoints=""):
        """failpoints: as in DAYMILL_FAILPOINT, "pg.commit_sent=kill,redis.multi=stop"."""
        environment = dict(os.environ, DAYMILL_HOME=os.path.join(self.folder, "home"),
                           DAYMILL_FAILPOINT=failpoints, DAYMILL_FAILPOINT_LOG=self.log)
        # Leaks are looked for by the other tests; here they would cost most of the time.
        environment["ASAN_OPTIONS"] = "detect_leaks=0"
        self.outputs += 1
        output = os.path.join(self.folder, f"output.{self.outputs}")
        with open(output, "wb") as file:
            process = subprocess.Popen([self.binary, *arguments], stdin=subprocess.DEVNULL, stdout=file,
                                       stderr=subprocess.STDOUT, cwd=self.folder, env=environment)
        return Run(process, output, " ".join(arguments) + (f" [{failpoints}]" if failpoints else ""))


class Run:
    """One start of the program. exit_code is None until it has ended; -9 when it was killed."""

    def __init__(self, process, output, command):
        self.process = process
        self.output = output
        self.command = command
        self.exit_code = None
        self.hung = False

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
