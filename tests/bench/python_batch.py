"""python_batch.py YYYYMMDD: the nightly batch written well, in Python.

What a careful author gets out of Python without another design: both hashes by HSCAN in large pages, of both at once
in one pipeline; joined in dicts of bytes, nothing decoded that need not be; COPY in the text format from a file
object that makes the rows as it is read; one transaction, which deletes the day first, so that the batch can be
repeated; and the keys unlinked only after the commit. Like the article's batch, and unlike daymill, it looks neither at
whether the hashes changed while it read them nor at what it wrote. Needs Debian's python3-redis and python3-psycopg2;
with python3-hiredis, which is not asked for, reading would be faster. Configured by REDIS_HOST, REDIS_PORT and
POSTGRES_HOST, _PORT, _DB, _USER, _PASSWORD.
"""

import os
import sys

import psycopg2
import redis

FIELDS_PER_PAGE = 10_000
ROWS_PER_CHUNK = 2_000


def read_hashes(client, keys):
    """One dict for each key. A field that HSCAN repeats is there once."""
    hashes = {key: {} for key in keys}
    cursors = {key: 0 for key in keys}
    while cursors:
        pipeline = client.pipeline(transaction=False)
        asked = list(cursors)
        for key in asked:
            pipeline.hscan(key, cursors[key], count=FIELDS_PER_PAGE)
        for key, (cursor, page) in zip(asked, pipeline.execute()):
            hashes[key].update(page)
            if cursor == 0:
                del cursors[key]
            else:
                cursors[key] = cursor
    return [hashes[key] for key in keys]


def escaped(text):
    if b"\\" in text:
        text = text.replace(b"\\", b"\\\\")
    if b"\t" in text or b"\n" in text or b"\r" in text:
        text = text.replace(b"\t", b"\\t").replace(b"\n", b"\\n").replace(b"\r", b"\\r")
    return text


def line(date, field, clicks, impressions):
    ad_id, search_word = field.split(b":", 1)
    clicks, impressions = int(clicks), int(impressions)
    ctr = repr(clicks / impressions).encode() if impressions else b"\\N"  # repr reads back as the same number
    return b"%s\t%d\t%s\t%d\t%d\t%s\n" % (date, int(ad_id), escaped(search_word), clicks, impressions, ctr)


def lines(day, clicks, impressions):
    """The day's rows as lines of COPY, in chunks."""
    date = f"{day[:4]}-{day[4:6]}-{day[6:]}".encode()
    chunk = []
    for field, shown in impressions.items():
        chunk.append(line(date, field, clicks.pop(field, 0), shown))
        if len(chunk) == ROWS_PER_CHUNK:
            yield b"".join(chunk)
            chunk.clear()
    for field, clicked in clicks.items():  # clicked, never shown
        chunk.append(line(date, field, clicked, 0))
    yield b"".join(chunk)


class Chunks:
    """A file to read from, made of chunks. It may give more than it is asked for: COPY sends what it gets."""

    def __init__(self, chunks):
        self.chunks = chunks

    def read(self, _size=-1):
        for chunk in self.chunks:
            if chunk:
                return chunk
        return b""

    def readline(self, size=-1):
        raise NotImplementedError("COPY FROM only reads")


def main():
    day = sys.argv[1]
    keys = [f"clicklog_keys:{day}", f"viewlog_keys:{day}"]
    client = redis.Redis(host=os.environ["REDIS_HOST"], port=int(os.environ["REDIS_PORT"]))
    clicks, impressions = read_hashes(client, keys)
    connection = psycopg2.connect(
        host=os.environ["POSTGRES_HOST"],
        port=os.environ["POSTGRES_PORT"],
        dbname=os.environ["POSTGRES_DB"],
        user=os.environ["POSTGRES_USER"],
        password=os.environ["POSTGRES_PASSWORD"],
    )
    with connection, connection.cursor() as cursor:  # commits at its end, rolls back on an exception
        cursor.execute("DELETE FROM advertisement_analytics WHERE date = to_date(%s, 'YYYYMMDD')", (day,))
        cursor.copy_expert(
            "COPY advertisement_analytics (date, ad_id, search_word, clicks, impressions, ctr) FROM STDIN",
            Chunks(lines(day, clicks, impressions)),
        )
    client.unlink(*keys)


if __name__ == "__main__":
    main()
