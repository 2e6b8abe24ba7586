"""A Redis of one worker's own, on a free port, with its folder; it can die, be restored and become a replica."""

import os
import random
import shutil
import signal
import socket
import subprocess
import time

import redis

LONGEST_START = 30  # seconds; no test depends on it, a server that does not start is reported


def free_port():
    """One that nobody listens on, below the range used for outgoing connections."""
    while True:
        port = random.SystemRandom().randrange(12000, 32000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


class PrivateRedis:
    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder)
        self.process = None
        for _ in range(5):  # another program may take the port in between
            self.port = free_port()
            self.client = redis.Redis(port=self.port)
            if self._start():
                return
        raise RuntimeError(f"redis-server does not start, see {folder}/redis.log")

    @property
    def dump(self):
        return os.path.join(self.folder, "dump.rdb")

    def _start(self, *options):
        self.process = subprocess.Popen(
            ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--dir", self.folder, "--save", "",
             "--appendonly", "no", "--logfile", os.path.join(self.folder, "redis.log"), *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        deadline = time.monotonic() + LONGEST_START
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                if self.client.info("server")["process_id"] == self.process.pid:
                    return True
            except redis.exceptions.ConnectionError:
                pass
            time.sleep(0.005)
        self.kill()
        return False

    def save(self, name):
        """Keeps what it holds now under a name, for restore()."""
        self.client.save()
        shutil.copyfile(self.dump, os.path.join(self.folder, name))

    def restore(self, name, *options):
        """Dies at once, and comes back with what it held at save(name). Nobody may count meanwhile."""
        self.kill()
        shutil.copyfile(os.path.join(self.folder, name), self.dump)
        if not self._start(*options):
            raise RuntimeError(f"redis-server does not start again, see {self.folder}/redis.log")

    def wait_loaded(self):
        while self.client.info("persistence")["loading"]:
            time.sleep(0.01)

    def kill(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.client.connection_pool.disconnect()
