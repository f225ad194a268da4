"""`move_the_cut(model, x)`: one picture for each place of the cut, and a row of buttons to choose.

No server and no script: the buttons are radio buttons and a style sheet, so it works in a saved
notebook and in the book. Where a notebook is not trusted only the table in words is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import count
from typing import Any

from torch import Tensor, nn

from headcheck.lesson.anatomy import anatomy

_numbers = count(1)


class MovedCut:
    """The figure; shows itself in a notebook."""

    def __init__(self, html: str, text: str) -> None:
        self._html, self._text = html, text

    def _repr_html_(self) -> str:
        return self._html

    def __repr__(self) -> str:
        return self._text


def move_the_cut(
    model: nn.Module,
    x: Tensor | Sequence[Any],
    *,
    typed_in: int | None = None,
    title: str | None = None,
) -> MovedCut:
    """Every cut of `model` from -1 on: what goes, and what shape arrives at the head.

    `x` is an input or its shape. `typed_in` is the cut that is chosen at first.
    """
    name = title or type(model).__name__
    children = len(list(model.children()))
    cuts = range(-1, -children, -1)
    first = typed_in if typed_in in cuts else -1
    group = f"headcheck-cut-{next(_numbers)}"
    buttons, pictures, rules, lines = [], [], [], []
    for cut in cuts:
        looked = anatomy(model, x, cut=cut, title=f"{name}, cut = {cut}")
        gone = [child for child, _ in list(model.named_children())[cut:]]
        last = next((r.shape for r in reversed(looked.rows) if r.part == "body" and r.shape), None)
        arrives = "×".join(map(str, last[1:])) if last else "nothing that can be measured"
        said = f"cut = {cut}: {', '.join(gone)} {'goes' if len(gone) == 1 else 'go'}; {arrives} arrives at the head"
        lines.append(said)
        chosen = " checked" if cut == first else ""
        key = f"{group}-{-cut}"
        buttons.append(
            f'<label style="margin-right:.9em;white-space:nowrap"><input type="radio" name="{group}" '
            f'class="{key}"{chosen}> {cut}</label>'
        )
        rules.append(f".{group}:has(.{key}:checked) .{key}-shown{{display:block}}")
        pictures.append(
            f'<div class="{key}-shown {group}-any"><p><b>{escape(said)}</b></p>{looked._repr_html_()}</div>'
        )
    style = f"<style>.{group}-any{{display:none}}{''.join(rules)}</style>"
    html = (
        f'<div class="{group}">{style}<div role="radiogroup" aria-label="the cut of {escape(name)}">'
        f"Move the cut: {''.join(buttons)}</div>{''.join(pictures)}</div>"
    )
    return MovedCut(html, "\n".join(lines))
