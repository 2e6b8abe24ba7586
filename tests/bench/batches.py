"""The nightly batches that daymill is compared with: what the table calls them, and how each is started."""

from stand import BENCH

PYTHON = "/usr/bin/python3"  # Debian's: the one that python3-redis and python3-psycopg2 belong to

BATCHES = {
    # key of the measurements: command, to which the day is added
    "article": [PYTHON, str(BENCH / "article_batch.py")],
    "python": [PYTHON, str(BENCH / "python_batch.py")],
    "shell": [str(BENCH / "shell_batch.sh")],
}
