"""The picture that `anatomy` shows in a notebook: one drawing, no scripts, no ids.

Body blocks are boxes that get smaller (height, width of the image) and deeper (channels); a
dashed line is the cut; the layers of a head stand below each other. Text takes the colour of the
page, so that a light and a dark theme both work, and frozen is striped with a lock, not only
another colour. Without `id`s there are no patterns and clip paths: stripes are drawn as lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from headcheck.lesson.anatomy_words import (
    Anatomy,
    Block,
    Part,
    closing_lines,
    part_title,
    percent,
    show_shape,
    show_shapes,
    summary_line,
)

# Mid-tones: at least 3:1 against white and against the dark themes' grey.
COLOUR = {"body": "#3a82c4", "head": "#cf6a1b", "removed": "#7f868d", "whole": "#3a82c4"}
WRONG = "#d9485f"

WIDTH = 820.0
COLUMN = {0: 0.0, 1: 262.0, 2: 226.0}  # of one head, by the number of heads; more: 180
ROW = 22.0
TOP = 46.0  # where boxes and head layers begin
TALLEST = 96.0  # the box of the largest image
MIDDLE = TOP + 14 + TALLEST / 2  # of the boxes
BOLD, WIDE, LETTER = 7.2, 6.5, 6.0  # generous widths of a letter: 11 px bold, 11 px, 10 px
# Where outputs are not trusted (a notebook from another machine, GitHub) Jupyter takes out the svg and
# the style, and leaves the words: only then is this sentence seen.
WITHOUT_PICTURE = (
    "<style>.headcheck-no-picture{display:none}</style>"
    '<div class="headcheck-no-picture"><em>A picture, of which only the words are shown: '
    "this notebook is not trusted here. Run the cell, and the picture is back.</em></div>"
)
# On a phone, or in a narrow column, the parts stand below each other, a row for each block.
NARROW = (
    "<style>.headcheck-tall{display:none}@container (max-width:560px)"
    "{.headcheck-wide{display:none}.headcheck-tall{display:block}}</style>"
)
NARROW_WIDTH = 360.0


def html(a: Anatomy) -> str:
    """The whole output: title, drawing, and sentences about what went wrong."""
    given = ""
    if a.inputs:
        given = " · input " + " and ".join(show_shape(s) for s in a.inputs)
    sentences = "".join(_sentence(line) for line in closing_lines(a))
    return (
        '<div style="max-width:900px;margin:4px 0 10px;line-height:1.4;font-size:13px;'
        "color:var(--jp-content-font-color1,inherit);"
        'font-family:var(--jp-ui-font-family,system-ui,sans-serif)">'
        f"<div><b>{escape(a.title)}</b>{escape(given)} · {escape(summary_line(a))}</div>"
        f"{WITHOUT_PICTURE}{NARROW}"
        '<div style="container-type:inline-size">'
        f'<div class="headcheck-wide">{_drawing(a)}</div>'
        f'<div class="headcheck-tall">{_stacked(a)}</div></div>'
        f"{sentences}</div>"
    )


def _sentence(line: str) -> str:
    colour = WRONG if line.startswith("✗") else COLOUR["removed"]
    return (
        f'<div style="border-left:4px solid {colour};padding:1px 0 1px 8px;margin-top:6px;'
        f'overflow-wrap:anywhere">{escape(line)}</div>'
    )


def _drawing(a: Anatomy) -> str:
    columns = [p for p in a.parts if p.role in ("head", "removed")]
    boxes = [p for p in a.parts if p.role not in ("head", "removed")]
    images = sum(_is_image(b) for p in boxes for b in p.blocks)
    if not columns and 2 * images < len(boxes[0].blocks) and (a.inputs or images == 0):
        columns, boxes = boxes, []  # vectors nearly from end to end: a list says more than boxes
    each = COLUMN.get(len(columns), 180.0) if boxes else 420.0
    width = max(WIDTH, 400 + each * len(columns)) if boxes else WIDTH
    x = width - each * len(columns) if boxes else -14.0
    starts = [x + i * each + 14 for i in range(len(columns))]
    out: list[str] = []
    bottom = TOP
    if boxes:
        heads = bool(columns) and columns[0].role == "head"
        end = starts[0] - 9 if heads else x - 12 if columns else 0.0
        bottom = _boxes(out, a, boxes[0], x - 26 if columns else width, end)
    for part, start in zip(columns, starts, strict=True):
        bottom = max(bottom, _column(out, part, a, start, each - 16))
    if columns and boxes:
        _cut(out, a, x - 12, bottom)
        if columns[0].role == "head":
            _ways(out, starts)
    bottom = _share(out, a, width, bottom + 16)
    return _svg(out, a, width, bottom)


def _stacked(a: Anatomy) -> str:
    """The drawing for a phone: body, cut and heads below each other."""
    out: list[str] = []
    y = 0.0
    for part in a.parts:
        if y and a.cut:
            out.append(
                _line(0, y + 4, NARROW_WIDTH, y + 4, 'stroke-width="1.6" stroke-dasharray="6 4"')
            )
            out.append(_text(NARROW_WIDTH, y - 2, a.cut, 'text-anchor="end" font-weight="600"'))
            y += 8
        rows: list[str] = []
        whole = part.role == "whole"
        bottom = _column(rows, part, a, 0.5, NARROW_WIDTH - (140 if whole else 1))
        up = TOP - 4 if whole else 6.0  # the whole model has no heading
        out.append(f'<g transform="translate(0 {y - up:.1f})">{"".join(rows)}</g>')
        y += bottom - up + 8
    bottom = _share(out, a, NARROW_WIDTH, y + 8)
    return _svg(out, a, NARROW_WIDTH, bottom, top=0.0)


def _svg(
    out: list[str], a: Anatomy, width: float, height: float, *, top: float | None = None
) -> str:
    parts = "; ".join(
        f"{part_title(p).lower()}: "
        + ", ".join(f"{b.text} {show_shapes(b.shapes)}".strip() for b in p.blocks)
        for p in a.parts
    )
    if top is None:
        top = TOP - 16 if a.parts[0].role == "whole" else 0  # there is no heading above it
    name = f"Anatomy of {a.title}: {summary_line(a)}"
    return (
        f'<svg role="img" aria-label="{escape(name)}" viewBox="0 {top:g} {width:g} {height - top:.0f}" '
        f'style="width:100%;max-width:{width:g}px;height:auto;display:block;margin-top:6px" '
        'font-size="11" fill="currentColor" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{escape(name)}</title><desc>{escape(parts)}</desc>{''.join(out)}</svg>"
    )


# ---- body: a row of boxes ------------------------------------------------------------------------


@dataclass(frozen=True)
class _Scale:
    """Square-root scales: 224 and 7 pixels, 3 and 2048 channels fit into one picture."""

    slot: float  # room for one box, px
    largest: int
    most: int

    def height(self, pixels: int) -> float:
        return max(9.0, TALLEST * (pixels / self.largest) ** 0.5)

    def thickness(self, channels: int) -> float:
        return 5 + min(30.0, self.slot * 0.42) * (channels / self.most) ** 0.5


def _boxes(out: list[str], a: Anatomy, part: Part, width: float, end: float) -> float:
    """The boxes of a body from left to right, the flow through them, and what they are below.

    `end` is where the flow goes on to; returns the lower edge.
    """
    shapes = [s for s in (*a.inputs[:1], *(b.shape for b in part.blocks)) if s and len(s) > 2]
    slots = max(1, len(part.blocks) + bool(a.inputs))
    scale = _Scale(
        slot=min(width / slots, 118.0),
        largest=max((s[-1] for s in shapes), default=1),
        most=max((s[1] for s in shapes), default=1),
    )
    _heading(out, part, a, 0.0)
    split = max((len(show_shape(s)) for s in shapes), default=0) * LETTER > scale.slot - 6
    labels: list[list[list[str]]] = []
    edges: list[tuple[float, float]] = []
    x = 0.0
    if a.inputs:
        edges.append(_box(out, a.inputs[0], COLOUR["removed"], x, scale))
        labels.append([["input"], _shape_lines(a.inputs[:1], split), [], []])
        x += scale.slot
    prefix = _common_prefix([b.name for b in part.blocks if not b.function])
    for b in part.blocks:
        edges.append(_function(out, b, x, scale) if b.function else _block(out, b, part, x, scale))
        name = b.text if b.function else b.name.removeprefix(prefix)
        text = "" if b.function else b.text
        labels.append(
            [
                _wrapped(name, int((scale.slot - 2) / BOLD)),
                _shape_lines(b.shapes[:2], split),
                _wrapped(text, int((scale.slot - 2) / LETTER)),
                [short_number(b.params)] if b.params else [],
            ]
        )
        x += scale.slot
    if end:
        edges.append((end, end))
    for (_, start), (stop, _) in pairwise(edges):
        out.append(_line(start + 2, MIDDLE, stop - 2, MIDDLE, 'opacity=".45"'))
    bottom = _label_rows(out, labels, scale.slot)
    first = 1 if a.inputs else 0
    for i, b in enumerate(part.blocks, first):
        if b.frozen_share:
            half = len(short_number(b.params)) * LETTER / 2
            out.append(_lock((i + 0.5) * scale.slot - half - 11, bottom - 13 - 8))
    return bottom


def _label_rows(out: list[str], labels: list[list[list[str]]], slot: float) -> float:
    """Names, shapes, contents and sizes, each kind on a height of its own; the lower edge."""
    styles = [
        'font-weight="600"',
        'font-size="10"',
        'font-size="10" opacity=".8"',
        'font-size="10"',
    ]
    y = MIDDLE + TALLEST / 2 + 26
    for kind, style in enumerate(styles):
        rows = max(len(label[kind]) for label in labels)
        for i, label in enumerate(labels):
            for k, line in enumerate(label[kind]):
                at = y + 13 * k
                out.append(_text((i + 0.5) * slot, at, line, f'text-anchor="middle" {style}'))
        y += 13 * rows
    return y


def _shape_lines(shapes: Sequence[tuple[int, ...]], split: bool) -> list[str]:
    texts = [show_shape(shape) for shape in shapes]
    return [line for t in texts for line in (t.replace("×", " ×|", 1).split("|") if split else [t])]


def _is_image(block: Block) -> bool:
    return block.shape is not None and len(block.shape) > 2


def _function(out: list[str], b: Block, x: float, scale: _Scale) -> tuple[float, float]:
    w, h = min(scale.slot - 16, 46.0), 40.0
    left = x + (scale.slot - w) / 2
    out.append(
        f'<rect x="{left:.1f}" y="{MIDDLE - h / 2:.1f}" width="{w:.1f}" height="{h:g}" rx="5" '
        'fill="none" stroke="currentColor" stroke-dasharray="4 3"/>'
    )
    out.append(_text(x + scale.slot / 2, MIDDLE + 5, "ƒ", 'text-anchor="middle" font-size="15"'))
    return left, left + w


def _block(out: list[str], b: Block, part: Part, x: float, scale: _Scale) -> tuple[float, float]:
    colour = WRONG if b.failed else COLOUR[part.role]
    edges = _box(out, b.shape, colour, x, scale, b.frozen_share)
    if b.failed:
        style = f'text-anchor="middle" font-size="20" fill="{WRONG}"'
        out.append(_text(x + scale.slot / 2, MIDDLE - 30, "✗", style))
    return edges


def _box(
    out: list[str],
    shape: tuple[int, ...] | None,
    colour: str,
    x: float,
    scale: _Scale,
    frozen: float = 0.0,
) -> tuple[float, float]:
    """A box of one output: thickness for channels, height for pixels; a bar for a vector.

    Returns its left and right edge.
    """
    side = 0.0
    if shape is None:
        thick, h = min(34.0, scale.slot * 0.5), 46.0
    elif len(shape) > 2:
        h = scale.height(shape[-1])
        thick, side = scale.thickness(shape[1]), h * 0.28
    else:
        thick, h = 9.0, min(TALLEST, 8.0 + 8 * max(shape[-1], 1).bit_length())
    rise = side * 0.6
    x0 = x + (scale.slot - thick - side) / 2
    y0 = MIDDLE - h / 2 + rise / 2
    edge = f'stroke="{colour}" stroke-width="1.2" stroke-linejoin="round"'
    dash = ' stroke-dasharray="3 3"' if shape is None else ""
    out.append(
        f'<rect x="{x0:.1f}" y="{y0:.1f}" width="{thick:.1f}" height="{h:.1f}" fill="{colour}" '
        f'fill-opacity=".62" {edge}{dash}/>'
    )
    if side:
        out.append(
            f'<path d="M{x0:.1f} {y0:.1f}l{side:.1f} {-rise:.1f}h{thick:.1f}l{-side:.1f} '
            f'{rise:.1f}z" fill="{colour}" fill-opacity=".2" {edge}/>'
            f'<path d="M{x0 + thick:.1f} {y0:.1f}l{side:.1f} {-rise:.1f}v{h:.1f}l{-side:.1f} '
            f'{rise:.1f}z" fill="{colour}" fill-opacity=".38" {edge}/>'
        )
    if frozen:
        out.append(_stripes(x0, y0, thick, h))
    return x0, x0 + thick + side


def _common_prefix(names: list[str]) -> str:
    """'features.' when every name begins with it."""
    prefix = names[0].partition(".")[0] + "." if names else ""
    return prefix if len(names) > 1 and all(n.startswith(prefix) for n in names) else ""


def _wrapped(text: str, letters: int) -> list[str]:
    """Up to four lines of at most `letters`; long words break before a capital or after a dot."""
    pieces = text.split(" ")
    words: list[str] = []
    for piece in pieces:
        parts = (
            [piece] if len(piece) <= letters else re.split(r"(?<=[._])|(?<=[a-z])(?=[A-Z])", piece)
        )
        words += [*parts[:-1], parts[-1] + " "]
    lines = [""]
    for word in words:
        if lines[-1] and len((lines[-1] + word).rstrip()) > letters:
            lines.append("")
        lines[-1] += word
    lines = [line.strip() for line in lines if line.strip()]
    return [ln if len(ln) <= letters + 1 else ln[: max(letters - 1, 1)] + "…" for ln in lines][:4]


# ---- head: layers below each other ---------------------------------------------------------------


def _column(out: list[str], part: Part, a: Anatomy, x: float, width: float) -> float:
    """The layers of a head, one row each; returns the lower edge."""
    _heading(out, part, a, x)
    colour = COLOUR[part.role]
    most = max((b.shape[1] for b in part.blocks if b.shape and len(b.shape) > 1), default=1)
    prefix = _common_prefix([b.name for b in part.blocks if not b.function])
    stopped = any(b.failed for p in a.parts for b in p.blocks)
    y = TOP
    for b in part.blocks:
        edge = WRONG if b.failed else "currentColor" if b.function else colour
        dash = ' stroke-dasharray="4 3"' if b.function else ""
        # The filled part of a row is as long as the layer's output is wide.
        share = 1.0
        if b.shape and len(b.shape) > 1:
            share = max(0.05, (b.shape[1] / max(most, 1)) ** 0.5)
        if stopped and not b.shape and not b.failed:
            share = 0.0  # never reached: an empty frame
        height = ROW - 4
        out.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width * share:.1f}" height="{height:g}" rx="4" '
            f'fill="{WRONG if b.failed else colour}" fill-opacity="{0.1 if b.function else 0.28}"/>'
        )
        if b.frozen_share:
            out.append(_stripes(x, y, width * share, height, faint=True))
        out.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:g}" rx="4" '
            f'fill="none" stroke="{edge}"{dash}/>'
        )
        _row_text(out, b, b.name.removeprefix(prefix), x + 7, y + 13, width - 13)
        if part.role == "whole" and b.params:
            count = f"{b.params:,} parameters"
            out.append(_text(x + width + 12, y + 13, count, 'font-size="10" opacity=".85"'))
        y += ROW
    return y


def _row_text(out: list[str], b: Block, name: str, x: float, y: float, width: float) -> None:
    right = show_shapes(b.shapes[:2])
    room = width - len(right) * BOLD - 6 - (14 if b.frozen_share else 0)
    text = ("✗ " if b.failed else "") + b.text
    before = (len(name) + 1.5) * LETTER if name else 0.0
    if before + len(text) * WIDE <= room:
        if name:
            out.append(_text(x, y, name, 'font-size="10" opacity=".75"'))
        x += before
        room -= before
    letters = int(room / WIDE)
    if len(text) > letters:
        text = text[: max(letters - 1, 1)] + "…"
    out.append(_text(x, y, text, 'font-style="italic"' if b.function else ""))
    if b.frozen_share:
        out.append(_lock(x + 3 + len(text) * WIDE, y - 10))
    end = x + room + len(right) * BOLD + 6 + (14 if b.frozen_share else 0)
    out.append(_text(end, y, right, 'text-anchor="end" font-weight="600"'))


def _heading(out: list[str], part: Part, a: Anatomy, x: float) -> None:
    if part.role == "whole":
        return  # the line above the picture has said it
    style = f'font-weight="700" font-size="12" fill="{COLOUR[part.role]}"'
    out.append(_text(x, 22, part_title(part), style))
    if part.params:
        count = f"{short_number(part.params)} parameters, {percent(part.params, a.params)}"
        state = "partly frozen" if part.state == "partly" else part.state
        out.append(_text(x, 36, f"{count}, {state}", 'font-size="10" opacity=".85"'))


def _cut(out: list[str], a: Anatomy, x: float, bottom: float) -> None:
    """The dashed line with scissors."""
    out.append(_line(x, 20, x, bottom, 'stroke-width="1.6" stroke-dasharray="6 4"'))
    out.append(
        f'<g fill="none" stroke="currentColor" stroke-width="1.4">'
        f'<circle cx="{x - 4:.1f}" cy="4" r="2.8"/><circle cx="{x + 4:.1f}" cy="4" r="2.8"/>'
        f'<path d="M{x - 2.6:.1f} 6.6L{x + 4:.1f} 19M{x + 2.6:.1f} 6.6L{x - 4:.1f} 19"/></g>'
    )
    out.append(_text(x - 12, 10, a.cut, 'text-anchor="end" font-weight="600"'))


def _ways(out: list[str], columns: list[float]) -> None:
    """From the end of the body (left of the first column) into each head."""
    first = TOP + ROW / 2 - 2
    x = columns[0] - 9
    d = f"M{x:.1f} {MIDDLE:.1f}V{first:.1f}"
    if len(columns) > 1:
        d += f"V6H{columns[-1] - 9:.1f}"
    for column in columns:
        d += f"M{column - 9:.1f} {6 if len(columns) > 1 else first:.1f}V{first:.1f}h6"
        d += "m-3.5 -3.5l4 3.5l-4 3.5"
    out.append(f'<path d="{d}" fill="none" stroke="currentColor" opacity=".6"/>')


# ---- who holds the parameters --------------------------------------------------------------------


def _share(out: list[str], a: Anatomy, width: float, y: float) -> float:
    """One bar for all parameters: parts, or blocks when there is one part; then the legend."""
    pieces: list[tuple[Part | Block, str]] = [(p, p.role) for p in a.parts]
    if len(a.parts) == 1:
        pieces = [(b, "whole") for b in a.parts[0].blocks]
    pieces = [(piece, role) for piece, role in pieces if piece.params]
    if len(pieces) > 1:
        out.append(_text(0, y + 4, "share of the parameters", 'font-size="10" opacity=".85"'))
        y += 10
        _bar(out, pieces, a.params, width, y)
        y += 14
    y += 14
    x = 1.0
    functions = any(b.function for p in a.parts for b in p.blocks)
    items = [
        (p.role, f"{part_title(p).lower()} {percent(p.params, a.params)}")
        for p in a.parts
        if p.role != "whole"
    ]
    if a.frozen:
        partly = any(b.state == "partly" for p in a.parts for b in p.blocks)
        words = "frozen, wholly or in part" if partly else "frozen"
        items.append(("frozen", f"striped, with a lock: {words}"))
    items += [("function", "dashed: a step of forward that no listing shows")] if functions else []
    for kind, text in items:
        wide = 20 + len(text) * LETTER
        if x + wide > width and x > 1:
            x, y = 1.0, y + 16
        out.append(_swatch(kind, x, y - 9))
        out.append(_text(x + 18, y, text, 'font-size="10.5"'))
        x += wide + 14
    return y + 6 if items else y - 8


def _bar(
    out: list[str], pieces: list[tuple[Part | Block, str]], total: int, width: float, y: float
) -> None:
    least = 3.0  # px: a share too small to see is drawn all the same
    room = width - 2 - least * len(pieces)
    x = 1.0
    for piece, role in pieces:
        w = least + room * piece.params / total
        colour = COLOUR[role]
        out.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="14" fill="{colour}" '
            f'fill-opacity=".5" stroke="{colour}"/>'
        )
        frozen = w * (piece.params - piece.trainable) / piece.params
        if frozen:
            out.append(_stripes(x, y, frozen, 14))
        label = f"{piece.name}: {percent(piece.params, total)}"
        if role == "whole" and len(label) * LETTER < w - 4:
            out.append(_text(x + 4, y + 11, label, 'font-size="10"'))
        x += w


def _swatch(kind: str, x: float, y: float) -> str:
    box = f'<rect x="{x:.1f}" y="{y:.1f}" width="13" height="10"'
    if kind == "frozen":
        return f'{box} fill="none" stroke="currentColor"/>{_stripes(x, y, 13, 10)}'
    if kind == "function":
        return f'{box} fill="none" stroke="currentColor" stroke-dasharray="3 2"/>'
    return f'{box} fill="{COLOUR[kind]}" fill-opacity=".5" stroke="{COLOUR[kind]}"/>'


# ---- strokes -------------------------------------------------------------------------------------


def _stripes(x: float, y: float, w: float, h: float, faint: bool = False) -> str:
    """Diagonal lines inside a rectangle."""
    d = []
    step = 5.0
    k = step
    while k < w + h:
        # From the left or bottom edge up to the top or right edge.
        ax, ay = (x, y + k) if k <= h else (x + k - h, y + h)
        bx, by = (x + k, y) if k <= w else (x + w, y + k - w)
        d.append(f"M{ax:.1f} {ay:.1f}L{bx:.1f} {by:.1f}")
        k += step
    # Behind text the lines have to step back.
    style = f'stroke-width=".9" opacity="{0.25 if faint else 0.55}" fill="none"'
    return f'<path d="{"".join(d)}" stroke="currentColor" {style}/>'


def _lock(x: float, y: float) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y + 4:.1f}" width="8" height="6" rx="1"/>'
        f'<path d="M{x + 1.8:.1f} {y + 4:.1f}v-1.6a2.2 2.2 0 0 1 4.4 0v1.6" fill="none" '
        'stroke="currentColor" stroke-width="1.3"/>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, style: str) -> str:
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="currentColor" {style}/>'


def _text(x: float, y: float, text: str, style: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(text)}</text>'


def short_number(n: int) -> str:
    """'9,536', '148 k', '11.2 M'."""
    if n < 10_000:
        return f"{n:,}"
    value, unit = (n / 1e3, "k") if n < 999_500 else (n / 1e6, "M")
    return f"{value:.3g} {unit}"
