"""From the measurements of all rounds to medians, ratios and one Markdown table."""

import statistics


def spread(values):
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}


def summarize(fields, rounds):
    """Medians over the rounds. Ratios are formed within each round, where both sides saw the same machine."""
    with_floor = [r for r in rounds if "floor" in r]
    floors = [sum(r["floor"].values()) for r in with_floor]
    with_article = [r for r in rounds if "article" in r]
    summary = {
        "plain": spread([r["plain"]["wall"] for r in rounds]),
        "run": spread([r["run"]["wall"] for r in rounds]),
        "overhead": spread([100 * (r["run"]["wall"] / r["plain"]["wall"] - 1) for r in rounds]),
        "cpu_per_million_rows": spread([r["run"]["cpu"] * 1e6 / fields for r in rounds]),
        "peak_mib": spread([r["run"]["peak_mib"] for r in rounds]),
    }
    for program in ("plain", "run"):
        for phase in rounds[0][program]["phases"]:
            summary[f"{program}_{phase}"] = spread([r[program]["phases"][phase] for r in rounds])
    if with_floor:
        for part in with_floor[0]["floor"]:
            summary[f"floor_{part}"] = spread([r["floor"][part] for r in with_floor])
        summary["floor"] = spread(floors)
        summary["run_over_floor"] = spread([r["run"]["wall"] / floor for r, floor in zip(with_floor, floors)])
    if with_article:
        summary["article"] = spread([r["article"]["wall"] for r in with_article])
        summary["article_peak_mib"] = spread([r["article"]["peak_mib"] for r in with_article])
        summary["article_over_run"] = spread([r["article"]["wall"] / r["run"]["wall"] for r in with_article])
    return summary


GOALS_HOLD_FROM = 1_000_000  # fields; below, starting the program is most of what is measured

ROWS = [
    # key of the summary, what, unit, goal
    ("floor_read", "floor: HGETALL of both hashes, bare socket", "s", None),
    ("floor_copy", "floor: COPY BINARY into a bare table", "s", None),
    ("floor_key", "floor: primary key afterwards", "s", None),
    ("floor", "floor, sum", "s", None),
    ("plain_read", "plain: read, decode, combine in memory", "s", None),
    ("plain_write", "plain: CTR, COPY into the stage", "s", None),
    ("plain_index", "plain: the stage's key, ANALYZE", "s", None),
    ("plain_attach", "plain: attach", "s", None),
    ("plain", "plain program without snapshot and receipts, whole", "s", None),
    ("run_extract", "run: extract (read, check, snapshot)", "s", None),
    ("run_load", "run: load (decode, combine, CTR, stage with its key, verify)", "s", None),
    ("run_commit", "run: commit (attach, receipts)", "s", None),
    ("run_remove", "run: remove", "s", None),
    ("run", "**daymill run**, whole program", "s", None),
    ("article", "the article's Python batch", "s", None),
    ("article_peak_mib", "the article's peak memory", "MiB", None),
    ("overhead", "**overhead of run over plain**", "%", ("≤", 25.0)),
    ("run_over_floor", "**run ÷ floor**", "", ("≤", 1.5)),
    ("article_over_run", "**article ÷ run**", "", ("≥", 6.0)),
    ("cpu_per_million_rows", "**own CPU per million rows**", "s", ("≤", 1.0)),
    ("peak_mib", "**peak memory**", "MiB", ("≤", 256.0)),
]


def table(fields, rounds, summary, machine):
    lines = [
        f"{fields:,} fields in each of two hashes, {len(rounds)} rounds; {machine['processor']}, {machine['cores']} cores; "
        f"Redis {machine['redis']}, PostgreSQL {machine['postgresql']}",
        "",
        "| measured | median | least … most | goal | |",
        "|---|--:|--:|--:|---|",
    ]
    for key, what, unit, goal in ROWS:
        if key not in summary:
            continue
        value = summary[key]
        wanted, verdict = "", ""
        if goal is not None and fields >= GOALS_HOLD_FROM:
            sign, limit = goal
            met = value["median"] <= limit if sign == "≤" else value["median"] >= limit
            wanted, verdict = f"{sign} {limit:g} {unit}".strip(), "met" if met else "**missed**"
        number = lambda n: f"{n:.0f}" if unit in ("MiB", "%") else f"{n:.2f}"
        median = f"{number(value['median'])} {unit}".rstrip()
        lines.append(f"| {what} | {median} | {number(value['least'])} … {number(value['most'])} | {wanted} | {verdict} |")
    lines += ["", "In every round the tables of all programs were compared row by row: equal."]
    return "\n".join(lines)
