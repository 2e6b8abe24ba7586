"""A TCP proxy that strikes once, at the N-th message that holds a text (COMMIT, EXEC).

after   forwards the message, waits for the answer, and resets the connection instead of giving it
before  resets the connection without forwarding
stall   forwards, and keeps the answer until release() is called
cut     forwards half of the answer, then resets
"""

import socket
import struct
import threading

COMMIT = b"COMMIT\0"
EXEC = b"\r\nEXEC\r\n"


class FaultProxy:
    def __init__(self, port, text, mode, at=1):
        self.upstream_port, self.text, self.mode, self.left = port, text, mode, at
        self.struck = threading.Event()
        self.released = threading.Event()
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

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

    def strikes(self, message):
        """True at the N-th message that holds the text, once."""
        with self.lock:
            if self.struck.is_set() or self.text not in message:
                return False
            self.left -= 1
            return self.left == 0


class Link:
    """One connection through the proxy."""

    def __init__(self, proxy, client, server):
        self.proxy, self.client, self.server = proxy, client, server
        self.strikes = False

    def requests(self):
        while chunk := self._read(self.client):
            if self.proxy.strikes(chunk):
                self.strikes = True
                if self.proxy.mode == "before":
                    self.proxy.struck.set()
                    break
            if not self._write(self.server, chunk):
                break
        self._reset()

    def answers(self):
        while chunk := self._read(self.server):
            if self.strikes:
                self.strikes = False
                self.proxy.struck.set()
                if self.proxy.mode == "after":
                    break
                if self.proxy.mode == "cut":
                    self._write(self.client, chunk[:len(chunk) // 2])
                    break
                self.proxy.released.wait()
            if not self._write(self.client, chunk):
                break
        self._reset()

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
