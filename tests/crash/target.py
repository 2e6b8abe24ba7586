"""Where the rows arrive: a table of PostgreSQL (shapes attach and insert) or of SQLite (shape file)."""

import os
import sqlite3

import psycopg2.errors

COLUMNS = """date date NOT NULL, ad_id bigint NOT NULL, search_word text NOT NULL, clicks bigint NOT NULL,
impressions bigint NOT NULL, ctr double precision, PRIMARY KEY (date, ad_id, search_word)"""
EVIDENCE = ("fence", "load", "receipt", "reject")  # tables of schema daymill
KEY = ["date", "ad_id", "search_word"]


class Locked(Exception):
    """Somebody holds the table."""


def make_target(day, servers, fresh_database):
    return SqliteTable(day) if day.shape == "file" else PostgresTable(day, servers, fresh_database)


class PostgresTable:
    """attach: partitioned by day, so that days are swapped; insert: not partitioned, so deleted and inserted."""

    def __init__(self, day, servers, fresh_database):
        self.day, self.servers = day, servers
        self.fresh = fresh_database  # nothing there yet: the sink makes schema and table
        self.database = day.name if fresh_database else "postgres"
        if fresh_database:
            servers.execute(f"CREATE DATABASE {day.name} TEMPLATE template0")
            self.own = servers.postgres_server.connect(self.database)
        else:
            self._execute(f"CREATE TABLE {day.name} ({COLUMNS})" +
                          (" PARTITION BY RANGE (date)" if day.shape == "attach" else ""))

    def config(self, port):
        return {"plugin": "postgres", "config": {
            "host": "127.0.0.1", "port": port or self.servers.postgres_port, "database": self.database,
            "user": "postgres", "password": "${POSTGRES_PASSWORD}", "table": self.day.name,
            "partition_column": "date", "key": KEY, "lock_timeout": "100ms", "create": self.fresh}}

    def _execute(self, sql, arguments=()):
        connection = self.own if self.fresh else self.servers.postgres()
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql, arguments)
                return cursor.fetchall() if cursor.description else []
        except psycopg2.errors.LockNotAvailable:
            raise Locked from None

    def _exists(self, table):
        return self._execute("SELECT to_regclass(%s)", (table,))[0][0] is not None

    def rows(self):
        if not self._exists(self.day.name):
            return []
        return self._execute(f"SELECT ad_id, search_word, clicks, impressions FROM {self.day.name} ORDER BY 1, 2")

    def all_rows(self):
        return self._execute(f"SELECT * FROM {self.day.name} ORDER BY date, ad_id, search_word")

    def rejects(self):
        if not self._exists("daymill.reject"):
            return []
        return self._execute("SELECT split, raw FROM daymill.reject WHERE pipeline = %s", (self.day.name,))

    def evidence(self):
        name = self.day.name
        return [self._execute(f"SELECT tableoid, ctid, xmin, t::text FROM {name} t ORDER BY 1, 2")] + [
            self._execute(f"SELECT xmin, t::text FROM daymill.{table} t WHERE pipeline = %s ORDER BY 2", (name,))
            for table in EVIDENCE]

    def forget(self):
        """As if an older backup had been restored: neither rows nor evidence of the day."""
        parts = self._execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass",
                              (self.day.name,))
        for (part,) in parts:
            self._execute(f"DROP TABLE {part}")
        self._execute(f"DELETE FROM {self.day.name}")
        self._delete_evidence()

    def correct(self):
        """Somebody corrects a row by hand: one click more. Which field it was."""
        return self._execute(f"UPDATE {self.day.name} t SET clicks = clicks + 1 FROM (SELECT ad_id, search_word FROM "
                             f"{self.day.name} ORDER BY 1, 2 LIMIT 1) AS o WHERE t.ad_id = o.ad_id AND "
                             "t.search_word = o.search_word RETURNING t.ad_id || ':' || t.search_word")[0][0]

    def _delete_evidence(self):
        for table in EVIDENCE:
            self._execute(f"DELETE FROM daymill.{table} WHERE pipeline = %s", (self.day.name,))

    def close(self):
        if self.fresh:
            self.own.close()
            self.servers.execute(f"DROP DATABASE {self.database} WITH (FORCE)")
            return
        self._execute(f"DROP TABLE {self.day.name}")
        if self._exists("daymill.load"):
            self._delete_evidence()


class SqliteTable:
    def __init__(self, day):
        self.day = day
        self.path = os.path.join(day.folder, "target.db")

    def config(self, _port):
        return {"plugin": "sqlite", "config": {"database": self.path, "table": "target", "partition_column": "date",
                                               "key": KEY, "create": True}}

    def _execute(self, sql, arguments=()):
        if not os.path.exists(self.path):
            return []
        connection = sqlite3.connect(self.path, timeout=1, isolation_level=None)
        try:
            return connection.execute(sql, arguments).fetchall()
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return []
            if "locked" in str(error):
                raise Locked from None
            raise
        finally:
            connection.close()

    def rows(self):
        return self._execute("SELECT ad_id, search_word, clicks, impressions FROM target ORDER BY 1, 2")

    def all_rows(self):
        return self._execute("SELECT * FROM target ORDER BY date, ad_id, search_word")

    def rejects(self):
        return self._execute("SELECT split, raw FROM daymill_reject WHERE pipeline = ?", (self.day.name,))

    def forget(self):
        os.remove(self.path)

    def correct(self):
        """Somebody corrects a row by hand: one click more. Which field it was."""
        return self._execute("UPDATE target SET clicks = clicks + 1 WHERE (ad_id, search_word) = "
                             "(SELECT ad_id, search_word FROM target ORDER BY 1, 2 LIMIT 1) RETURNING ad_id || ':' || search_word")[0][0]

    def evidence(self):
        with open(self.path, "rb") as file:
            return file.read()

    def close(self):
        pass  # the day's folder goes with it
