"""The Redis and the PostgreSQL of one worker. Nobody else uses them, so that they may be harmed as a whole."""

import os

import psycopg2

from private_postgres import PrivatePostgres
from private_redis import PrivateRedis


class Servers:
    def __init__(self, folder, template):
        self.folder = folder
        self.redis_server = PrivateRedis(os.path.join(folder, "redis"))
        try:
            self.postgres_server = PrivatePostgres(os.path.join(folder, "postgres"), template)
        except BaseException:
            self.redis_server.kill()
            raise
        self.shared = None

    @property
    def redis(self):
        return self.redis_server.client

    @property
    def redis_port(self):
        return self.redis_server.port

    @property
    def postgres_port(self):
        return self.postgres_server.port

    def postgres(self):
        """One connection to the database "postgres" for all days; another one when the server was killed."""
        if self.shared is None or self.shared.closed or not self._answers():
            self.shared = self.postgres_server.connect()
        return self.shared

    def _answers(self):
        try:
            self.shared.cursor().execute("SELECT 1")
            return True
        except psycopg2.Error:
            return False

    def execute(self, sql):
        with self.postgres().cursor() as cursor:
            cursor.execute(sql)

    def stop(self):
        self.redis_server.kill()
        self.postgres_server.stop()
