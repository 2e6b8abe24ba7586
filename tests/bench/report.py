"""From the measurements of all rounds to medians, ratios and one Markdown table."""

import statistics


def spread(values):
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}


def summarize(fields, rounds):
    """Medians over the rounds. Ratios are formed within each round, where both sides saw the same machine."""
    floors = [sum(r["floor"].values()) for r in rounds]
    with_article = [r for r in rounds if "article" in r]
    summary = {
        "floor_read": spread([r["floor"]["read"] for r in rounds]),
        "floor_copy": spread([r["floor"]["copy"] for r in rounds]),
        "floor_key": spread([r["floor"]["key"] for r in rounds]),
        "floor": spread(floors),
        "run": spread([r["run"]["wall"] for r in rounds]),
        "run_over_floor": spread([r["run"]["wall"] / floor for r, floor in zip(rounds, floors)]),
        "cpu_per_million_rows": spread([r["run"]["cpu"] * 1e6 / fields for r in rounds]),
        "peak_mib": spread([r["run"]["peak_mib"] for r in rounds]),
    }
    for phase in rounds[0]["run"]["phases"]:
        summary[f"run_{phase}"] = spread([r["run"]["phases"][phase] for r in rounds])
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
    ("run_extract", "run: extract (read, check, snapshot)", "s", None),
    ("run_load", "run: load (decode, combine, CTR, stage with its key, verify)", "s", None),
    ("run_commit", "run: commit (attach, receipts)", "s", None),
    ("run_remove", "run: remove", "s", None),
    ("run", "**daymill run**, whole program", "s", None),
    ("article", "the article's Python batch", "s", None),
    ("article_peak_mib", "the article's peak memory", "MiB", None),
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
        number = lambda n: f"{n:.0f}" if unit == "MiB" else f"{n:.2f}"
        median = f"{number(value['median'])} {unit}".rstrip()
        lines.append(f"| {what} | {median} | {number(value['least'])} … {number(value['most'])} | {wanted} | {verdict} |")
    if all("rows_equal" in r for r in rounds):
        lines += ["", "In every round both tables were compared row by row: equal."]
    return "\n".join(lines)
