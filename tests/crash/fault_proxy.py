"""A TCP proxy between program and server that knows the messages of the protocol, and strikes at one of them.

Which message: the N-th of one direction, or the N-th request that holds a text (COMMIT, EXEC). Counted over all
connections. What it does there:

cut       forwards half of the message, then resets the connection
before    resets the connection instead of forwarding the message
stall     forwards nothing on this connection any more; after a while resets it
trickle   forwards this message and the next ones byte by byte
after     (requests) forwards it, and resets the connection instead of giving the answer
half      (requests) forwards it, then half of the answer, then resets
hold      (requests) forwards it, and keeps the answer until release()
"""

import dataclasses
import socket
import struct
import threading
import time

STALL_SECONDS = 0.4  # longer than the pipelines' own time limits where they have any
TRICKLED_MESSAGES = 8
TRICKLED_BYTES = 200  # of each message; the rest goes at once


@dataclasses.dataclass(frozen=True)
class Fault:
    mode: str
    at: int = 1
    side: str = "request"  # or "answer"
    text: bytes = b""


NO_FAULT = Fault("none", 0)


class FaultProxy:
    """`option` is the one of Day that leads the program through it. It strikes once armed."""

    def __init__(self, port, protocol, option):
        self.upstream_port, self.protocol, self.option = port, protocol, option
        self.arm(NO_FAULT)
        self.struck = threading.Event()
        self.released = threading.Event()
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def arm(self, fault):
        self.fault = fault
        self.messages = {"request": 0, "answer": 0}  # that the fault may mean

    def close(self):
        self.released.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def release(self):
        self.released.set()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.upstream_port))
            except OSError:
                client.close()
                continue
            for each in (client, server):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            link = Link(self, client, server)
            threading.Thread(target=link.requests, daemon=True).start()
            threading.Thread(target=link.answers, daemon=True).start()

    def strikes(self, side, message):
        """True once: at the message that is meant."""
        with self.lock:
            if self.fault.text not in message:
                return False
            self.messages[side] += 1
            return side == self.fault.side and self.messages[side] == self.fault.at


class Link:
    """One connection through the proxy."""

    def __init__(self, proxy, client, server):
        self.proxy, self.client, self.server = proxy, client, server
        self.frames = dict(zip(("request", "answer"), proxy.protocol()))
        self.answer_fault = ""  # what happens to the next answer
        self.trickled = {"request": 0, "answer": 0}

    def requests(self):
        self._pump("request", self.client, self.server)

    def answers(self):
        self._pump("answer", self.server, self.client)

    def _pump(self, side, source, target):
        while chunk := self._read(source):
            for message in self.frames[side].feed(chunk):
                if not self._pass(side, message, target):
                    self._reset()
                    return
        self._reset()

    def _pass(self, side, message, target):
        """False: that was the end of the connection."""
        mode = ""
        if self.proxy.strikes(side, message):
            mode = self.proxy.fault.mode
            if mode in ("after", "half", "hold"):
                self.answer_fault, mode = mode, ""
        elif side == "answer" and self.answer_fault:
            mode, self.answer_fault = {"after": "before", "half": "cut"}.get(self.answer_fault, "hold"), ""
        if mode:
            self.proxy.struck.set()
        if mode == "before":
            return False
        if mode == "cut":
            self._write(target, message[:len(message) // 2])
            return False
        if mode == "stall":
            self.proxy.released.wait(STALL_SECONDS)
            return False
        if mode == "hold":
            self.proxy.released.wait()
        if mode == "trickle":
            self.trickled[side] = TRICKLED_MESSAGES
        if self.trickled[side]:
            self.trickled[side] -= 1
            return self._trickle(target, message)
        return self._write(target, message)

    def _trickle(self, target, message):
        for at in range(min(TRICKLED_BYTES, len(message))):
            if not self._write(target, message[at:at + 1]):
                return False
            time.sleep(0.0001)
        return self._write(target, message[TRICKLED_BYTES:])

    @staticmethod
    def _read(connection):
        try:
            return connection.recv(1 << 16)
        except OSError:
            return b""

    @staticmethod
    def _write(connection, chunk):
        try:
            connection.sendall(chunk)
            return True
        except OSError:
            return False

    def _reset(self):
        for connection in (self.client, self.server):
            try:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            connection.close()
