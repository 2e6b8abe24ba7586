"""plot.py CURVE.json CURVE.svg: draws what `curve` measured. The same numbers give the same bytes.

Two plots over the number of fields, whose axis is logarithmic: run ÷ floor with wall time and own CPU per million rows,
and peak memory. Colours are readable on light and on dark pages; an image in a page gets no colours from it, so that
the text's colour follows what the reader prefers.
"""

import json
import math
import pathlib
import sys
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 860, 320
TOP, BOTTOM = 72, 270  # of both plots
BLUE, ORANGE, GREEN = "#3b82c4", "#d9771e", "#4a9d5b"

STYLE = """
  svg { color: #24292f; font: 12px sans-serif }
  text { fill: currentColor }
  .title { font-size: 14px; font-weight: bold }
  .axis, .grid { stroke: #808080; stroke-width: 1 }
  .grid { stroke-opacity: 0.25 }
  .mark { stroke: #808080; stroke-dasharray: 4 3 }
  .line { fill: none; stroke-width: 2 }
  @media (prefers-color-scheme: dark) { svg { color: #d0d7de } }
"""


def steps(most):
    """Round numbers from 0 to at least `most`, five or so."""
    rough = most / 5
    unit = 10 ** math.floor(math.log10(rough))
    step = next(factor * unit for factor in (1, 2, 5, 10) if factor * unit >= rough)
    return [step * i for i in range(math.ceil(most / step - 1e-9) + 1)]


def short(fields):
    return f"{fields // 1_000_000}M" if fields >= 1_000_000 else f"{fields // 1000}k" if fields >= 1000 else str(fields)


class Plot:
    def __init__(self, left, right, fields, title):
        self.left, self.right, self.fields = left, right, fields
        self.parts = [f'<text class="title" x="{left}" y="24">{escape(title)}</text>']
        self.legend_x = left

    def x(self, fields):
        first, last = math.log10(self.fields[0]), math.log10(self.fields[-1])
        share = (math.log10(fields) - first) / (last - first) if last > first else 0.5
        return self.left + 12 + share * (self.right - self.left - 24)

    @staticmethod
    def y(value, most):
        return BOTTOM - value / most * (BOTTOM - TOP)

    def text(self, x, y, text, anchor="start", colour=None):
        fill = f' style="fill: {colour}"' if colour else ""
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{fill}>{escape(text)}</text>')

    def rule(self, kind, x1, y1, x2, y2):
        self.parts.append(f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>')

    def bottom_axis(self):
        self.rule("axis", self.left, BOTTOM, self.right, BOTTOM)
        for fields in self.fields:
            self.rule("axis", self.x(fields), BOTTOM, self.x(fields), BOTTOM + 4)
            self.text(self.x(fields), BOTTOM + 18, short(fields), "middle")
        self.text((self.left + self.right) / 2, BOTTOM + 38, "fields in each of two hashes", "middle")

    def side_axis(self, ticks, unit, colour=None, at_right=False, grid=True):
        for tick in ticks:
            y = self.y(tick, ticks[-1])
            if grid:
                self.rule("grid", self.left, y, self.right, y)
            label = f"{tick:g} {unit}".rstrip()
            if at_right:
                self.text(self.right + 6, y + 4, label, "start", colour)
            else:
                self.text(self.left - 6, y + 4, label, "end", colour)

    def line(self, name, points, most, colour):
        """Points: (fields, value). The name goes into the legend."""
        path = " ".join(f"{self.x(fields):.1f},{self.y(value, most):.1f}" for fields, value in points)
        self.parts.append(f'<polyline class="line" stroke="{colour}" points="{path}"/>')
        for fields, value in points:
            x, y = self.x(fields), self.y(value, most)
            self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>')
        self.parts.append(f'<rect x="{self.legend_x:.1f}" y="40" width="10" height="10" fill="{colour}"/>')
        self.text(self.legend_x + 15, 49, name)
        self.legend_x += 30 + 6.4 * len(name)

    def mark(self, name, value, most):
        y = self.y(value, most)
        self.rule("mark", self.left, y, self.right, y)
        self.text(self.left + 4, y - 5, name)


def series(sizes, key, scale=lambda fields: 1.0):
    return [
        (size["fields"], size["summary"][key]["median"] * scale(size["fields"]))
        for size in sizes
        if key in size["summary"]
    ]


def most_of(*lines):
    return max(value for line in lines for _, value in line)


def speed(sizes, fields):
    ratio = series(sizes, "run_over_floor")
    wall = series(sizes, "run", lambda fields: 1e6 / fields)
    cpu = series(sizes, "cpu_per_million_rows")
    ratios, seconds = steps(most_of(ratio)), steps(most_of(wall, cpu))
    plot = Plot(50, 370, fields, "daymill run: against the floor, per million rows")
    plot.bottom_axis()
    plot.side_axis(ratios, "", BLUE)
    plot.side_axis(seconds, "s", ORANGE, at_right=True, grid=False)
    plot.mark("the floor", 1, ratios[-1])
    plot.line("run ÷ floor", ratio, ratios[-1], BLUE)
    plot.line("wall time", wall, seconds[-1], ORANGE)
    plot.line("own CPU", cpu, seconds[-1], GREEN)
    return plot.parts


def memory(sizes, fields):
    lines = [
        ("daymill run", series(sizes, "peak_mib"), BLUE),
        ("good Python", series(sizes, "python_peak_mib"), GREEN),
        ("the article's Python", series(sizes, "article_peak_mib"), ORANGE),
    ]
    lines = [line for line in lines if line[1]]
    ticks = steps(max(280.0, most_of(*(points for _, points, _ in lines))))
    plot = Plot(500, 820, fields, "Peak memory")
    plot.bottom_axis()
    plot.side_axis(ticks, "MiB")
    plot.mark("goal", 256, ticks[-1])
    for name, points, colour in lines:
        plot.line(name, points, ticks[-1], colour)
    return plot.parts


def drawing(curve):
    sizes = curve["sizes"]
    fields = [size["fields"] for size in sizes]
    machine = curve["machine"]
    where = (
        f"{machine['processor']}, {machine['cores']} cores; Redis {machine['redis']}, "
        f"PostgreSQL {machine['postgresql'].split()[0]}"
    )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT + 16}" width="{WIDTH}" '
            f'height="{HEIGHT + 16}" role="img" aria-label="Speed and peak memory over the number of fields">',
            f"<style>{STYLE}</style>",
            *speed(sizes, fields),
            *memory(sizes, fields),
            f'<text x="{WIDTH - 20}" y="{HEIGHT + 8}" text-anchor="end" opacity="0.7">{escape(where)}</text>',
            "</svg>",
            "",
        ]
    )


def main():
    curve = json.loads(pathlib.Path(sys.argv[1]).read_text())
    pathlib.Path(sys.argv[2]).write_text(drawing(curve))


if __name__ == "__main__":
    main()
