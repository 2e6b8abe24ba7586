"""article_batch.py YYYYMMDD: the nightly batch as the article that the project grew out of wrote it.

The baseline of the benchmark, on purpose not improved: both hashes by HGETALL, a loop, one execute_values,
commit, and the keys deleted. Needs Debian's python3-redis and python3-psycopg2. Configured by REDIS_HOST,
REDIS_PORT and POSTGRES_HOST, _PORT, _DB, _USER, _PASSWORD.
"""

import os
import sys

import psycopg2
import redis
from psycopg2.extras import execute_values


def rows_of(day, clicks, impressions):
    date = f"{day[:4]}-{day[4:6]}-{day[6:]}"
    rows = []
    for field in clicks.keys() | impressions.keys():
        ad_id, search_word = field.split(":", 1)
        clicked = int(clicks.get(field, 0))
        shown = int(impressions.get(field, 0))
        rows.append((date, int(ad_id), search_word, clicked, shown, clicked / shown if shown else None))
    return rows


def main():
    day = sys.argv[1]
    client = redis.Redis(host=os.environ["REDIS_HOST"], port=int(os.environ["REDIS_PORT"]), decode_responses=True)
    connection = psycopg2.connect(
        host=os.environ["POSTGRES_HOST"],
        port=os.environ["POSTGRES_PORT"],
        dbname=os.environ["POSTGRES_DB"],
        user=os.environ["POSTGRES_USER"],
        password=os.environ["POSTGRES_PASSWORD"],
    )
    cursor = connection.cursor()
    try:
        clicks = client.hgetall(f"clicklog_keys:{day}")
        impressions = client.hgetall(f"viewlog_keys:{day}")
        insert_query = (
            "INSERT INTO advertisement_analytics (date, ad_id, search_word, clicks, impressions, ctr) VALUES %s"
        )
        execute_values(cursor, insert_query, rows_of(day, clicks, impressions))
        connection.commit()
        client.delete(f"clicklog_keys:{day}", f"viewlog_keys:{day}")
    except Exception as error:
        connection.rollback()
        print(error)
        sys.exit(1)


if __name__ == "__main__":
    main()
