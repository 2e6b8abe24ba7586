"""Where one message ends and the next begins, in PostgreSQL's protocol and in that of Redis."""

import struct

SSL_REQUEST, GSS_REQUEST, CANCEL_REQUEST = 80877103, 80877104, 80877102


class Messages:
    """Bytes in, whole messages out, for one direction of one connection."""

    def __init__(self):
        self.bytes = b""

    def feed(self, chunk):
        self.bytes += chunk
        whole = []
        while (size := self._size()) is not None and size <= len(self.bytes):
            whole.append(self.bytes[:size])
            self.bytes = self.bytes[size:]
        return whole

    def _size(self):
        """Of the first message; None: not known yet."""
        raise NotImplementedError


class PostgresRequests(Messages):
    """Length and content until the session has begun, then type, length, content."""

    def __init__(self):
        super().__init__()
        self.begun = False
        self.single_bytes = 0  # answers of one byte that the server owes

    def _size(self):
        if self.begun:
            return 1 + struct.unpack("!I", self.bytes[1:5])[0] if len(self.bytes) >= 5 else None
        if len(self.bytes) < 8:
            return None
        size, code = struct.unpack("!II", self.bytes[:8])
        if size <= len(self.bytes):
            self.begun = code not in (SSL_REQUEST, GSS_REQUEST, CANCEL_REQUEST)
            self.single_bytes += code in (SSL_REQUEST, GSS_REQUEST)
        return size


class PostgresAnswers(Messages):
    def __init__(self, requests):
        super().__init__()
        self.requests = requests

    def _size(self):
        if self.requests.single_bytes:
            self.requests.single_bytes -= 1 if self.bytes else 0
            return 1 if self.bytes else None
        return 1 + struct.unpack("!I", self.bytes[1:5])[0] if len(self.bytes) >= 5 else None


class RedisMessages(Messages):
    """Commands and answers alike: RESP2 values."""

    def _size(self):
        return self._end(0)

    def _end(self, at):
        line_end = self.bytes.find(b"\r\n", at)
        if line_end < 0:
            return None
        kind, number = self.bytes[at:at + 1], self.bytes[at + 1:line_end]
        end = line_end + 2
        if kind == b"$":
            return end if int(number) < 0 else end + int(number) + 2
        if kind == b"*":
            for _ in range(max(0, int(number))):
                if end is None or (end := self._end(end)) is None or end > len(self.bytes):
                    return None
        return end


def postgres():
    requests = PostgresRequests()
    return requests, PostgresAnswers(requests)


def redis():
    return RedisMessages(), RedisMessages()
