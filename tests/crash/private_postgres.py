"""A PostgreSQL of one worker's own, on a free port, with its folder; it can die and come back."""

import glob
import os
import pwd
import secrets
import signal
import subprocess
import time

import psycopg2

from private_redis import LONGEST_START, free_port

# The harness kills processes, not the machine: what the kernel holds is safe.
SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = off
full_page_writes = off
shared_buffers = 32MB
max_wal_size = 64MB
min_wal_size = 32MB
max_connections = 60
dynamic_shared_memory_type = mmap
"""


def programs():
    folders = glob.glob("/usr/lib/postgresql/*/bin")
    if not folders:
        raise RuntimeError("no PostgreSQL in /usr/lib/postgresql (scripts/setup installs it)")
    return max(folders, key=lambda folder: int(folder.split("/")[4].split(".")[0]))


def server_user():
    """PostgreSQL refuses to run as root: as root it runs as postgres, or nobody."""
    if os.getuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def as_server_user():
    user = server_user()
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def make_template(folder):
    """An empty database cluster, to be copied for each worker. Its random password is only in the environment."""
    os.environ["POSTGRES_PASSWORD"] = secrets.token_hex(18)
    os.makedirs(folder)
    password = os.path.join(folder, "password")
    with open(os.open(password, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as file:
        file.write(os.environ["POSTGRES_PASSWORD"] + "\n")
    user = server_user()
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
        os.chown(password, user.pw_uid, user.pw_gid)
    made = subprocess.run(
        [f"{programs()}/initdb", "-D", f"{folder}/data", "-U", "postgres", f"--pwfile={password}", "-A", "scram-sha-256",
         "-E", "UTF8", "--locale=C.UTF-8", "--no-instructions", "--no-sync"],
        cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **as_server_user())
    os.remove(password)
    if made.returncode:
        raise RuntimeError(f"initdb failed: {made.stdout}")
    with open(os.path.join(folder, "data", "postgresql.conf"), "a", encoding="ascii") as file:
        file.write(SETTINGS)
    return os.path.join(folder, "data")


class PrivatePostgres:
    def __init__(self, folder, template):
        self.folder = folder
        os.makedirs(folder)
        self.data = os.path.join(folder, "data")
        subprocess.run(["cp", "-a", template, self.data], check=True)
        self.process = None
        for _ in range(5):  # another program may take the port in between
            self.port = free_port()
            if self._start():
                return
        raise RuntimeError(f"PostgreSQL does not start, see {folder}/postgres.log")

    def _start(self):
        with open(os.path.join(self.folder, "postgres.log"), "ab") as log:
            self.process = subprocess.Popen(
                [f"{programs()}/postgres", "-D", self.data, "-p", str(self.port)], cwd="/", stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True, **as_server_user())
        deadline = time.monotonic() + LONGEST_START
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                self.connect().close()
                return self._is_ours()
            except psycopg2.OperationalError:
                time.sleep(0.01)
        return False

    def _is_ours(self):
        with open(os.path.join(self.data, "postmaster.pid"), encoding="utf-8") as file:
            return int(file.readline()) == self.process.pid

    def connect(self, database="postgres"):
        connection = psycopg2.connect(host="127.0.0.1", port=self.port, user="postgres", dbname=database,
                                      password=os.environ["POSTGRES_PASSWORD"], options="-c lock_timeout=1s")
        connection.autocommit = True
        return connection

    def kill(self):
        """kill -9 of the whole server, in the middle of whatever it does."""
        processes = [self.process.pid, *self._children()]
        for pid in processes:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        while any(os.path.exists(f"/proc/{pid}") and self._alive(pid) for pid in processes):
            time.sleep(0.005)

    def stop(self):
        """At once, but so that it leaves no shared memory behind."""
        self.process.send_signal(signal.SIGQUIT)
        try:
            self.process.wait(LONGEST_START)
        except subprocess.TimeoutExpired:
            self.kill()

    def start_again(self):
        """The same again, which recovers from its log; it refuses while a child of the dead one is still there."""
        for _ in range(50):
            if self._start():
                return
            time.sleep(0.1)
        raise RuntimeError(f"PostgreSQL does not start again, see {self.folder}/postgres.log")

    def _children(self):
        try:
            with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as file:
                return [int(child) for child in file.read().split()]
        except FileNotFoundError:
            return []

    @staticmethod
    def _alive(pid):
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii") as file:
                return file.read().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False
