"""Where the time of a small day goes: what a run costs whatever the number of fields.

The phases are the report's; `rest` is what lies around them: start, plugins, connections, plan, journal, exit.
"""

import os
import shutil
import subprocess
import sys

SMALL_DAY = 1_000  # fields in each hash, at most

PHASES = [
    ("rest", "start, plugins, plan, journal, exit"),
    ("extract", "extract"),
    ("load", "load"),
    ("commit", "commit"),
    ("remove", "remove"),
]


def rest_of(measured):
    return measured["wall"] - sum(measured["phases"].values())


def count_syncs(command, environment, folder):
    """How often a command waits until the disk has its bytes (fsync, fdatasync); None where strace cannot tell."""
    counts = folder / "syncs"
    strace = ["strace", "-f", "-c", "-U", "calls,name", "-e", "trace=fsync,fdatasync", "-o", str(counts)]
    if not shutil.which("strace"):
        return None
    traced = subprocess.run([*strace, *command], env={**os.environ, **environment}, capture_output=True, text=True)
    if traced.returncode != 0:
        print(f"bench: syncs are not counted: {command[0]} fails under strace", file=sys.stderr)
        return None
    lines = [line.split() for line in counts.read_text().splitlines()]
    return sum(int(line[0]) for line in lines if line[-1:] in (["fsync"], ["fdatasync"]))


def shares(rounds):
    """A Markdown table: the phases of the median round, in milliseconds and as shares of the whole."""
    measured = sorted((r["run"] for r in rounds), key=lambda run: run["wall"])[(len(rounds) - 1) // 2]
    lines = [
        f"Where the {measured['wall'] * 1000:.1f} ms of daymill run go, in the round of the median:",
        "",
        "| phase | ms | share |",
        "|---|--:|--:|",
    ]
    for phase, what in PHASES:
        seconds = rest_of(measured) if phase == "rest" else measured["phases"].get(phase, 0.0)
        lines.append(f"| {what} | {seconds * 1000:.1f} | {100 * seconds / measured['wall']:.0f} % |")
    return "\n".join(lines)
