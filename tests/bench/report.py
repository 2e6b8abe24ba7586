"""From the measurements of all rounds to medians, ratios and one Markdown table."""

import statistics

from batches import BATCHES
from small_day import SMALL_DAY, rest_of, shares


def spread(values):
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}


def client_added(r):
    """None when the extract phase was too short for a single command of the client."""
    extract = r["client"]["extract"]
    return extract["p99"] - r["client"]["idle"]["p99"] if extract["count"] else None


def summarize(shape, rounds):
    """Medians over the rounds. Ratios are formed within each round, where both sides saw the same machine."""
    summary = {}

    def add(key, value_of, *needed):
        values = [value_of(r) for r in rounds if all(part in r for part in needed)]
        if values and None not in values:
            summary[key] = spread(values)

    def floor_of(r):
        return sum(r["floor"].values())

    for program in ("plain", "run"):
        add(program, lambda r: r[program]["wall"], program)
        for phase in next((r[program]["phases"] for r in rounds if program in r), ()):
            add(f"{program}_{phase}", lambda r: r[program]["phases"].get(phase, 0.0), program)
    add("run_rest", lambda r: rest_of(r["run"]))
    add("start", lambda r: r["start"]["wall"], "start")
    add("syncs", lambda r: r["syncs"], "syncs")
    add("overhead", lambda r: 100 * (r["run"]["wall"] / r["plain"]["wall"] - 1), "plain")
    add("cpu_per_million_rows", lambda r: r["run"]["cpu"] * 1e6 / shape.rows)
    add("peak_mib", lambda r: r["run"]["peak_mib"])
    for part in next((r["floor"] for r in rounds if "floor" in r), ()):
        add(f"floor_{part}", lambda r: r["floor"][part], "floor")
    add("floor", floor_of, "floor")
    add("pages", lambda r: r["pages"], "pages")
    add("extract_over_pages", lambda r: r["run"]["phases"]["extract"] / r["pages"], "pages")
    add("run_over_paged_floor", lambda r: r["run"]["wall"] / (floor_of(r) - r["floor"]["read"] + r["pages"]), "pages")
    add("run_over_floor", lambda r: r["run"]["wall"] / floor_of(r), "floor")
    for batch in BATCHES:
        add(batch, lambda r: r[batch]["wall"], batch)
        add(f"{batch}_peak_mib", lambda r: r[batch]["peak_mib"], batch)
        add(f"{batch}_over_run", lambda r: r[batch]["wall"] / r["run"]["wall"], batch)
    for time in ("idle", "extract", "hgetall"):
        for of_client in ("p99", "most"):
            add(f"client_{time}_{of_client}", lambda r: r["client"][time].get(of_client), "client")
    add("client_added", client_added, "client")
    return summary


ROWS = [
    # key of the summary, what, unit
    ("floor_read", "floor: HGETALL of all hashes, bare socket", "s"),
    ("floor_copy", "floor: COPY BINARY into a bare table", "s"),
    ("floor_key", "floor: primary key afterwards", "s"),
    ("floor", "floor, sum", "s"),
    ("pages", "HSCAN of all hashes in pages of 500 fields, bare sockets", "s"),
    ("plain_read", "plain: read, decode, combine in memory", "s"),
    ("plain_write", "plain: CTR, COPY into the stage", "s"),
    ("plain_index", "plain: the stage's key, ANALYZE", "s"),
    ("plain_attach", "plain: attach", "s"),
    ("plain", "plain program without snapshot and receipts, whole", "s"),
    ("start", "daymill --version, whole program", "s"),
    ("run_rest", "run: start, plugins, plan, journal, exit", "s"),
    ("run_extract", "run: extract (read, check, snapshot)", "s"),
    ("run_load", "run: load (decode, combine, CTR, stage with its key, verify)", "s"),
    ("run_commit", "run: commit (attach, receipts)", "s"),
    ("run_remove", "run: remove", "s"),
    ("run", "**daymill run**, whole program", "s"),
    ("syncs", "run: waits for the disk (fsync, fdatasync)", "times"),
    ("article", "the article's Python batch", "s"),
    ("python", "a Python batch written well", "s"),
    ("shell", "a shell pipeline: redis-cli, awk, psql", "s"),
    ("article_peak_mib", "the article's peak memory", "MiB"),
    ("python_peak_mib", "the well-written batch's peak memory", "MiB"),
    ("client_idle_p99", "another client's p99: nothing else going on", "ms"),
    ("client_extract_p99", "another client's p99: while daymill run extracts", "ms"),
    ("client_hgetall_p99", "another client's p99: while HGETALL reads the same hashes", "ms"),
    ("client_idle_most", "another client's longest wait: nothing else going on", "ms"),
    ("client_extract_most", "another client's longest wait: while daymill run extracts", "ms"),
    ("client_hgetall_most", "another client's longest wait: while HGETALL reads the same hashes", "ms"),
    ("overhead", "**overhead of run over plain**", "%"),
    ("run_over_floor", "**run ÷ floor**", ""),
    ("run_over_paged_floor", "**run ÷ floor with HSCAN instead of HGETALL**", ""),
    ("extract_over_pages", "**extract ÷ HSCAN**", ""),
    ("article_over_run", "**article ÷ run**", ""),
    ("python_over_run", "**well-written Python ÷ run**", ""),
    ("shell_over_run", "**shell pipeline ÷ run**", ""),
    ("client_added", "**extract adds to another client's p99**", "ms"),
    ("cpu_per_million_rows", "**own CPU per million rows**", "s"),
    ("peak_mib", "**peak memory**", "MiB"),
]

MILLION = 1_000_000  # fields; below, starting the program is most of what is measured


def goal_of(key, fields):
    """(sign, limit) that the median of `key` is to hold with this many fields in each of two hashes, or None."""
    if key == "run_over_floor" and fields >= MILLION:
        return ("≤", 1.1) if fields >= 10 * MILLION else ("≤", 1.2)
    if key == "run" and fields <= SMALL_DAY:
        return ("≤", 0.150)
    of_large_days = {
        "overhead": ("≤", 25.0),
        "article_over_run": ("≥", 6.0),
        "client_added": ("≤", 1.0),
        "cpu_per_million_rows": ("≤", 0.6),
        "peak_mib": ("≤", 256.0),
    }
    return of_large_days.get(key) if fields >= MILLION else None


def text_of(value, unit, in_milliseconds):
    """(number, unit) as they are shown."""
    if unit == "s" and in_milliseconds:
        return f"{value * 1000:.1f}", "ms"
    return f"{value:.0f}" if unit in ("MiB", "%", "times") else f"{value:.2f}", unit


def row(key, what, unit, value, shape, in_milliseconds):
    in_milliseconds = in_milliseconds and key != "cpu_per_million_rows"
    goal = goal_of(key, shape.rows) if shape.is_plain() else None
    wanted, verdict = "", ""
    if goal is not None:
        sign, limit = goal
        met = value["median"] <= limit if sign == "≤" else value["median"] >= limit
        scale, unit_of_goal = (1000, "ms") if unit == "s" and in_milliseconds else (1, unit)
        wanted, verdict = f"{sign} {limit * scale:g} {unit_of_goal}".strip(), "met" if met else "**missed**"
    median, shown_unit = text_of(value["median"], unit, in_milliseconds)
    least, most = (text_of(value[end], unit, in_milliseconds)[0] for end in ("least", "most"))
    return f"| {what} | {median} {shown_unit}".rstrip() + f" | {least} … {most} | {wanted} | {verdict} |"


def table(shape, rounds, summary, machine):
    lines = [
        f"{shape}, {len(rounds)} rounds; {machine['processor']}, {machine['cores']} cores; "
        f"Redis {machine['redis']}, PostgreSQL {machine['postgresql']}",
        "",
        "| measured | median | least … most | goal | |",
        "|---|--:|--:|--:|---|",
    ]
    brief = summary["run"]["median"] < 1
    lines += [row(key, what, unit, summary[key], shape, brief) for key, what, unit in ROWS if key in summary]
    checked = "In every round the tables of all programs that ran in it were compared row by row: equal."
    if not shape.is_plain():
        checked = (
            "In every round rows and sums of the table were those that were written. The plain program and the batches "
            "know two hashes only and were left out."
        )
    if shape.fields <= SMALL_DAY:
        lines += ["", shares(rounds)]
    lines += ["", checked]
    return "\n".join(lines)
