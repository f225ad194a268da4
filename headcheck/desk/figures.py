"""Figures as SVG that stands in a page: its colours are the page's, its text stays text.

matplotlib draws them. It is imported here alone, so only when a report is written.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from headcheck.desk.numbers import Spread

# matplotlib knows no variables of a page. So it draws in these, and they are replaced.
_INK, _SOFT, _LINE, _ACCENT, _BAD, _GOOD = (f"#00000{n}" for n in range(1, 7))
_VARIABLES: Mapping[str, str] = {
    _INK: "var(--ink)",
    _SOFT: "var(--soft)",
    _LINE: "var(--line)",
    _ACCENT: "var(--accent)",
    _BAD: "var(--bad)",
    _GOOD: "var(--good)",
}
_STYLE: Any = {  # matplotlib's own type names each of its 300 settings
    "svg.fonttype": "none",
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "font.size": 9.5,
    "text.color": _SOFT,
    "axes.edgecolor": _SOFT,
    "axes.labelcolor": _SOFT,
    "xtick.color": _SOFT,
    "ytick.color": _SOFT,
}
_FONT = re.compile(r"font-family: [^;\"]+; ?")
_OURS = re.compile(r'id="([^"]+)"')


def histogram(spread: Spread, name: str) -> str:
    """The marks of a lesson in tenths of its points; who has nothing and who has all stand apart."""
    tenths = [0] * 10
    for share in spread.shares:
        if 0 < share < 1:
            tenths[int(share * 10)] += 1
    with matplotlib.rc_context({**_STYLE, "svg.hashsalt": name}):
        figure = Figure(figsize=(7.2, 2.5), layout="constrained")
        axes = figure.add_subplot()
        axes.axvspan(spread.lower * 10, spread.upper * 10, color=_LINE, alpha=0.55, lw=0)
        bars = [
            (-0.9, spread.zeros, _BAD),
            *((place + 0.5, count, _ACCENT) for place, count in enumerate(tenths)),
            (10.9, spread.full, _GOOD),
        ]
        for place, count, color in bars:
            axes.bar(place, count, width=0.9, color=color)
            if count:
                axes.annotate(
                    str(count), (place, count), (0, 2), textcoords="offset points", ha="center"
                )
        axes.axvline(spread.median * 10, color=_INK, lw=1.4, ls=(0, (4, 3)))
        axes.set_xlim(-1.6, 11.6)
        axes.set_ylim(0, 1.16 * max(1, *(count for _, count, _ in bars)))
        axes.set_xticks([-0.9, *range(11), 10.9])
        axes.set_xticklabels(["none", *(f"{10 * n} %" for n in range(10)), "", "all"])
        axes.set_xlabel("points of the checks")
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
        axes.tick_params(length=0)
        axes.grid(axis="y", color=_LINE, lw=0.8)
        axes.set_axisbelow(True)
        axes.spines[["top", "right", "left"]].set_visible(False)
        return _inline(figure, name, _described(spread, tenths))


def _described(spread: Spread, tenths: Sequence[int]) -> str:
    counts = ", ".join(f"{10 * n} to {10 * n + 10} %: {c}" for n, c in enumerate(tenths) if c)
    return (
        f"Marks of {spread.n} submissions. Nothing: {spread.zeros}, everything: {spread.full}. "
        f"Between: {counts or 'nobody'}. The dashed line is the median, {spread.median:.0%}; the "
        f"shaded part is the middle half, {spread.lower:.0%} to {spread.upper:.0%}."
    )


def _inline(figure: Figure, name: str, description: str) -> str:
    """The figure as an element of a page. `name`: makes its ids different from other figures'."""
    out = io.BytesIO()
    FigureCanvasSVG(figure).print_svg(out, metadata={"Date": None})
    text = out.getvalue().decode()
    text = text[text.index("<svg") :]
    text = re.sub(r"<(metadata|style)\b.*?</\1>", "", text, flags=re.DOTALL)
    text = re.sub(r'\s(?:xmlns(?::xlink)?|width|height|version)="[^"]*"', "", text, count=5)
    text = text.replace("xlink:href", "href")
    used = set(re.findall(r"#([^\s\")]+)", text))
    text = _OURS.sub(lambda found: found[0] if found[1] in used else "", text)
    text = _FONT.sub("", text)
    for color, variable in _VARIABLES.items():
        text = text.replace(color, variable)
    says = f'<svg role="img" aria-label="{escape(description)}"'
    return text.replace("<svg", says, 1)
