"""The private Redis and PostgreSQL that tests/crash/run has started, and their faults."""

import os
import signal
import subprocess
import time

import psycopg2
import redis


class Servers:
    def __init__(self):
        self.folder = os.environ["PRIVATE_FOLDER"]
        self.redis_port = int(os.environ["REDIS_PORT"])
        self.postgres_port = int(os.environ["POSTGRES_PORT"])
        self.postgres_pid = int(os.environ["POSTGRES_PID"])
        self.restarted = None

    def redis(self):
        return redis.Redis(port=self.redis_port)

    def postgres(self, database="postgres"):
        connection = psycopg2.connect(host="127.0.0.1", port=self.postgres_port, user="postgres", dbname=database,
                                      password=os.environ["POSTGRES_PASSWORD"], options="-c lock_timeout=1s")
        connection.autocommit = True
        return connection

    def execute(self, sql):
        connection = self.postgres()
        try:
            connection.cursor().execute(sql)
        finally:
            connection.close()

    def kill_postgres_and_restart(self):
        """kill -9 of the postmaster: its children notice and go; then the same command again, which recovers."""
        pid = self.postgres_pid
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            command = file.read().split(b"\0")[:-1]
        status = os.stat(f"/proc/{pid}")
        children = self._children(pid)
        os.kill(pid, signal.SIGKILL)
        if self.restarted:
            self.restarted.wait()
        while any(self._alive(child) for child in [pid, *children]):
            time.sleep(0.01)
        as_user = {"user": status.st_uid, "group": status.st_gid, "extra_groups": []} if os.getuid() == 0 else {}
        with open(os.path.join(self.folder, "postgres.log"), "ab") as log:
            self.restarted = subprocess.Popen(command, cwd="/", stdout=log, stderr=log, start_new_session=True,
                                              **as_user)
        self.postgres_pid = self.restarted.pid
        while True:
            try:
                self.postgres().close()
                return
            except psycopg2.OperationalError:
                if self.restarted.poll() is not None:
                    raise RuntimeError("PostgreSQL does not start again") from None
                time.sleep(0.02)

    def stop_restarted(self):
        if self.restarted:
            self.restarted.send_signal(signal.SIGQUIT)
            self.restarted.wait()

    @staticmethod
    def _children(pid):
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(child) for child in file.read().split()]

    @staticmethod
    def _alive(pid):
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii") as file:
                return file.read().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False
