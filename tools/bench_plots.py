# SPDX-License-Identifier: BSL-1.0
"""Plots as SVG, written out by hand: readable on light and dark pages, no library, the same bytes
for the same figures. Used by tools/bench."""
import html
import math
import re

STYLE = """<style>
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600; font-size: 15px }
.grid { stroke: #8c959f; stroke-opacity: .35 }
.axis { stroke: #57606a }
.goal { stroke: #cf222e; stroke-width: 2; stroke-dasharray: 6 4 }
.c0 { fill: #8c959f; stroke: #8c959f } .c1 { fill: #0969da; stroke: #0969da }
.c2 { fill: #bc4c00; stroke: #bc4c00 } .c3 { fill: #1a7f37; stroke: #1a7f37 }
path, polyline { fill: none !important; stroke-width: 2.5 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .grid { stroke: #6e7681 } .axis { stroke: #9198a1 } .goal { stroke: #ff7b72 }
.c0 { fill: #9198a1; stroke: #9198a1 } .c1 { fill: #58a6ff; stroke: #58a6ff }
.c2 { fill: #f0883e; stroke: #f0883e } .c3 { fill: #56d364; stroke: #56d364 }
}
</style>"""


# How wide a character is on average, in a wide font: readers have fonts of their own.
CHARACTER, TITLE_CHARACTER = 7.8, 10.0
TEXT = re.compile(r'<text x="(-?\d+)" y="-?\d+" text-anchor="(\w+)"'
                  r'( class="title")?>([^<]*)</text>')


def width_of(words, title=False):
    return len(html.unescape(words)) * (TITLE_CHARACTER if title else CHARACTER)


def cut_labels(svg):
    """The texts that pass the picture's left or right edge."""
    width = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])
    for x, anchor, title, words in TEXT.findall(svg):
        size = width_of(words, title)
        left = int(x) - {"start": 0, "middle": size / 2, "end": size}[anchor]
        if left < 0 or left + size > width:
            yield html.unescape(words)


def text(x, y, words, anchor="start", kind=""):
    return (f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}"'
            f'{f" class={chr(34)}{kind}{chr(34)}" if kind else ""}>'
            f'{html.escape(str(words))}</text>')


def line(x1, y1, x2, y2, kind):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def page(width, height, parts):
    """Throws ValueError when a text would be cut."""
    svg = "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
                      f'width="{width}" height="{height}" role="img">', STYLE, *parts,
                     "</svg>", ""])
    for words in cut_labels(svg):
        raise ValueError(f"there is no room for {words!r}")
    return svg


def short(number):
    if number >= 1e6:
        return f"{number / 1e6:g}M"
    if number >= 1000:
        return f"{number / 1000:g}k"
    return f"{number:.0f}" if number >= 100 else f"{number:.3g}"


def bars(title, rows, unit, goal=None):
    """Horizontal bars: rows are (name, value, colour 0..3). `goal`: (value, name), a dashed
    line."""
    left = 20 + max(width_of(name) for name, _, _ in rows)
    right, top, step = 110, 44, 26
    width, height = 820, top + step * len(rows) + 40
    most = 1.05 * max([value for _, value, _ in rows] + ([goal[0]] if goal else []))
    scale = (width - left - right) / most
    parts = [text(12, 24, title, kind="title")]
    for number, (name, value, colour) in enumerate(rows):
        y = top + step * number
        parts += [text(left - 8, y + 15, name, "end"),
                  f'<rect x="{left:.0f}" y="{y + 3}" width="{max(value * scale, 1):.1f}" '
                  f'height="{step - 8}" '
                  f'rx="2" class="c{colour}"/>',
                  text(left + max(value * scale, 1) + 6, y + 15, f"{short(value)} {unit}".strip())]
    parts.append(line(left, top, left, top + step * len(rows), "axis"))
    if goal:
        x = left + goal[0] * scale
        parts += [line(x, top - 4, x, top + step * len(rows), "goal"),
                  text(x, top + step * len(rows) + 18, goal[1], "middle")]
    return page(width, height, parts)


def curves(title, series, unit):
    """Lines over logarithmic axes: {name: [(x, y), ...]}, in the order of the colours."""
    left, right, top, bottom, width, height = 70, 190, 48, 46, 820, 400
    xs = sorted({x for points in series.values() for x, _ in points})
    ys = [y for points in series.values() for _, y in points]
    low, high = math.floor(math.log10(min(ys))), math.ceil(math.log10(max(ys)))
    first, last = math.log10(xs[0]), math.log10(xs[-1])

    def place(x, y):
        return (left + (math.log10(x) - first) / ((last - first) or 1) * (width - left - right),
                top + (high - math.log10(y)) / ((high - low) or 1) * (height - top - bottom))

    parts = [text(12, 24, title, kind="title")]
    for power in range(low, high + 1):
        for factor in (1, 2, 5):
            value = factor * 10 ** power
            if value <= 10 ** high:
                y = place(xs[0], value)[1]
                parts += [line(left, y, width - right, y, "grid"),
                          text(left - 8, y + 4, short(value), "end")]
    for x in xs:
        parts.append(text(place(x, 10 ** low)[0], height - bottom + 20, short(x), "middle"))
    parts += [text(left + (width - left - right) / 2, height - 8, "series", "middle"),
              text(12, top - 8, unit)]
    ends = []
    for colour, (name, points) in enumerate(series.items()):
        placed = [place(x, y) for x, y in points]
        parts.append(f'<polyline class="c{colour % 4}" points="' +
                     " ".join(f"{x:.1f},{y:.1f}" for x, y in placed) + '"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" class="c{colour % 4}"/>'
                  for x, y in placed]
        ends.append([placed[-1][1], name])
    previous = -100
    for end in sorted(ends):  # names must not lie on each other
        previous = max(end[0] + 4, previous + 16)
        parts.append(text(width - right + 12, previous, end[1]))
    return page(width, height, parts)
