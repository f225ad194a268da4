"""The picture that `anatomy` shows in a notebook: one drawing, no scripts, no ids.

Body blocks are boxes that get smaller (height, width of the image) and deeper (channels); a
dashed line is the cut; the layers of a head stand below each other. Text takes the colour of the
page, so that a light and a dark theme both work, and frozen is striped with a lock, not only
another colour. Without `id`s there are no patterns and clip paths: stripes are drawn as lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from headcheck.anatomy import (
    closing_lines,
    part_title,
    percent,
    show_shape,
    show_shapes,
    summary_line,
)

if TYPE_CHECKING:
    from headcheck.anatomy import Anatomy, Block, Part

# Mid-tones: at least 3:1 against white and against the dark themes' grey.
COLOUR = {"body": "#3a82c4", "head": "#cf6a1b", "removed": "#7f868d", "whole": "#3a82c4"}
WRONG = "#d9485f"

WIDTH = 820.0
COLUMN = {0: 0.0, 1: 262.0, 2: 200.0}  # of one head, by the number of heads; more: 170
ROW = 22.0
TOP = 46.0  # where boxes and head layers begin
TALLEST = 96.0  # the box of the largest image
WIDE_LETTER, LETTER = 6.1, 5.6  # estimated widths at 11 and 10 px


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
        f"{_drawing(a)}{sentences}</div>"
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
    if not columns and not any(_is_image(b) for p in boxes for b in p.blocks):
        # Vectors from end to end, or nothing measured: a list says more than boxes.
        measured = bool(a.inputs)
        if measured or len(boxes[0].blocks) > 6:
            columns, boxes = boxes, []
    each = COLUMN.get(len(columns), 170.0) if boxes else 420.0
    width = max(WIDTH, 400 + each * len(columns)) if boxes else WIDTH
    left = width - each * len(columns) - (34 if columns and boxes else 0)
    out: list[str] = []
    bottom = TOP
    if boxes:
        bottom = _boxes(out, a, boxes[0], left)
    x = width - each * len(columns) if boxes else 0.0
    for i, part in enumerate(columns):
        bottom = max(bottom, _column(out, part, a, x + i * each + 12, each - 14))
    if columns and boxes:
        _cut(out, x - 14, bottom, x, [x + i * each + 12 for i in range(len(columns))])
    bottom = _share(out, a, width, bottom + 22)
    return _svg(out, a, width, bottom)


def _svg(out: list[str], a: Anatomy, width: float, height: float) -> str:
    parts = "; ".join(
        f"{part_title(p).lower()}: "
        + ", ".join(f"{b.text} {show_shapes(b.shapes)}".strip() for b in p.blocks)
        for p in a.parts
    )
    name = f"Anatomy of {a.title}: {summary_line(a)}"
    return (
        f'<svg role="img" aria-label="{escape(name)}" viewBox="0 0 {width:g} {height:.0f}" '
        f'style="width:100%;max-width:{width:g}px;height:auto;display:block;margin-top:6px" '
        'font-size="11" fill="currentColor" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{escape(name)}</title><desc>{escape(parts)}</desc>{''.join(out)}</svg>"
    )


# ---- body: a row of boxes ------------------------------------------------------------------------


def _boxes(out: list[str], a: Anatomy, part: Part, width: float) -> float:
    shapes = [s for s in (*a.inputs[:1], *(b.shape for b in part.blocks)) if s and len(s) > 2]
    scale = _Scale(
        largest=max((s[-1] for s in shapes), default=1),
        most=max((s[1] for s in shapes), default=1),
    )
    _heading(out, part, a, 0.0, width - 14)
    slots = len(part.blocks) + bool(a.inputs)
    slot = min(width / max(slots, 1), 118.0)
    middle = TOP + 14 + TALLEST / 2
    line = middle + TALLEST / 2 + 18
    out.append(_line(4, middle, slots * slot - 6, middle, "currentColor", 'opacity=".35"'))
    bottom = line
    x = 0.0
    if a.inputs:
        _box(out, a.inputs[0], "#7f868d", x, middle, slot, scale)
        labels = [("input", True), (show_shape(a.inputs[0]), False)]
        bottom = max(bottom, _labels(out, labels, x + slot / 2, line, slot))
        x += slot
    for block in part.blocks:
        _block(out, block, part, x, middle, slot, scale)
        labels = [(block.name, True), *((show_shape(s), False) for s in block.shapes[:2])]
        labels += [(block.text, False)]
        under = _labels(out, labels, x + slot / 2, line, slot)
        if block.params:
            under = _weight(out, block, x + slot / 2, under)
        bottom = max(bottom, under)
        x += slot
    return bottom


@dataclass(frozen=True)
class _Scale:
    """Square-root scales: 224 and 7 pixels, 3 and 2048 channels fit into one picture."""

    largest: int
    most: int

    def height(self, pixels: int) -> float:
        return max(9.0, TALLEST * (pixels / self.largest) ** 0.5)

    def thickness(self, channels: int, slot: float) -> float:
        return 5 + min(28.0, slot * 0.42) * (channels / self.most) ** 0.5


def _is_image(block: Block) -> bool:
    return block.shape is not None and len(block.shape) > 2


def _block(
    out: list[str], b: Block, part: Part, x: float, middle: float, slot: float, scale: _Scale
) -> None:
    colour = WRONG if b.failed else COLOUR[part.role]
    if b.function:
        w, h = min(slot - 10, 58.0), 40.0
        out.append(
            f'<rect x="{x + (slot - w) / 2:.1f}" y="{middle - h / 2:.1f}" width="{w:.1f}" '
            f'height="{h:g}" rx="5" fill="{colour}" fill-opacity=".1" stroke="currentColor" '
            'stroke-dasharray="4 3"/>'
        )
        return
    _box(out, b.shape, colour, x, middle, slot, scale, b.frozen_share)
    if b.failed:
        out.append(
            _text(
                x + slot / 2, middle + 6, "✗", f'text-anchor="middle" font-size="20" fill="{WRONG}"'
            )
        )


def _box(
    out: list[str],
    shape: tuple[int, ...] | None,
    colour: str,
    x: float,
    middle: float,
    slot: float,
    scale: _Scale,
    frozen: float = 0.0,
) -> None:
    """A box of one output: thickness for channels, height for pixels; a bar for a vector."""
    if shape is None:
        thick, h, side = min(34.0, slot * 0.5), 46.0, 0.0
    elif len(shape) > 2:
        h = scale.height(shape[-1])
        thick, side = scale.thickness(shape[1], slot), h * 0.28
    else:
        thick, h, side = 9.0, min(TALLEST, 8 + 8 * max(shape[-1], 1).bit_length()), 0.0
    rise = side * 0.6
    x0 = x + (slot - thick - side) / 2
    y0 = middle - h / 2 + rise / 2
    edge = f'stroke="{colour}" stroke-width="1.2" stroke-linejoin="round"'
    dash = ' stroke-dasharray="3 3"' if shape is None else ""
    # The page colour first, so that the line behind the boxes does not shine through.
    out.append(
        f'<path d="M{x0:.1f} {y0:.1f}l{side:.1f} {-rise:.1f}h{thick:.1f}v{h:.1f}l{-side:.1f} '
        f'{rise:.1f}h{-thick:.1f}z" style="fill:var(--jp-layout-color0,Canvas)"/>'
    )
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


def _labels(
    out: list[str], labels: list[tuple[str, bool]], x: float, y: float, slot: float
) -> float:
    for text, strong in labels:
        letter = WIDE_LETTER if strong else LETTER
        for line in _wrapped(text, int((slot - 2) / letter)):
            style = 'font-weight="600"' if strong else 'font-size="10" opacity=".85"'
            out.append(_text(x, y, line, f'text-anchor="middle" {style}'))
            y += 13
    return y


def _weight(out: list[str], b: Block, x: float, y: float) -> float:
    text = short_number(b.params)
    out.append(_text(x, y, text, 'text-anchor="middle" font-size="10" opacity=".85"'))
    if b.frozen_share:
        out.append(_lock(x - len(text) * 2.8 - 12, y - 8))
    return y + 13


def _wrapped(text: str, letters: int) -> list[str]:
    """Lines of at most `letters`; breaks at spaces and after dots and commas."""
    lines = [""]
    for piece in text.replace(".", ".\0").replace(" ", " \0").split("\0"):
        if lines[-1] and len((lines[-1] + piece).rstrip()) > letters:
            lines.append("")
        lines[-1] += piece
    lines = [line.strip() for line in lines if line.strip()]
    return [ln if len(ln) <= letters + 1 else ln[: max(letters - 1, 1)] + "…" for ln in lines][:4]


# ---- head: layers below each other ---------------------------------------------------------------


def _column(out: list[str], part: Part, a: Anatomy, x: float, width: float) -> float:
    _heading(out, part, a, x, width)
    colour = COLOUR[part.role]
    most = max((b.shape[1] for b in part.blocks if b.shape and len(b.shape) > 1), default=1)
    y = TOP
    for b in part.blocks:
        edge = WRONG if b.failed else "currentColor" if b.function else colour
        dash = ' stroke-dasharray="4 3"' if b.function or part.role == "removed" else ""
        # The filled part of a row is as long as the layer's output is wide.
        share = 1.0
        if b.shape and len(b.shape) > 1:
            share = max(0.05, (b.shape[1] / max(most, 1)) ** 0.5)
        height = ROW - 4
        out.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width * share:.1f}" height="{height:g}" rx="4" '
            f'fill="{WRONG if b.failed else colour}" fill-opacity="{0.1 if b.function else 0.26}"/>'
        )
        if b.frozen_share:
            out.append(_stripes(x, y, width * share, height))
        out.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:g}" rx="4" '
            f'fill="none" stroke="{edge}"{dash}/>'
        )
        right = show_shapes(b.shapes[:2])
        room = int(
            (width - 16 - len(right) * WIDE_LETTER - 14 * bool(b.frozen_share)) / WIDE_LETTER
        )
        text = ("✗ " if b.failed else "") + b.text
        if len(text) > room:
            text = text[: max(room - 1, 1)] + "…"
        style = 'font-style="italic"' if b.function else ""
        out.append(_text(x + 7, y + 13, text, style))
        if b.frozen_share:
            out.append(_lock(x + 12 + len(text) * WIDE_LETTER, y + 4))
        out.append(_text(x + width - 6, y + 13, right, 'text-anchor="end" font-weight="600"'))
        y += ROW
    return y


def _heading(out: list[str], part: Part, a: Anatomy, x: float, width: float) -> None:
    title = part_title(part)
    out.append(_text(x, 22, title, f'font-weight="700" font-size="12" fill="{COLOUR[part.role]}"'))
    if part.params:
        count = f"{short_number(part.params)} parameters, {percent(part.params, a.params)}"
        state = "partly frozen" if part.state == "partly" else part.state
        out.append(_text(x, 36, f"{count}, {state}", 'font-size="10" opacity=".85"'))


def _cut(out: list[str], x: float, bottom: float, start: float, columns: list[float]) -> None:
    """The dashed line with scissors, and the way from the body into each head."""
    out.append(_line(x, 20, x, bottom, "currentColor", 'stroke-width="1.6" stroke-dasharray="6 4"'))
    out.append(
        f'<g fill="none" stroke="currentColor" stroke-width="1.4">'
        f'<circle cx="{x - 4:.1f}" cy="4" r="2.8"/><circle cx="{x + 4:.1f}" cy="4" r="2.8"/>'
        f'<path d="M{x - 2.6:.1f} 6.6L{x + 4:.1f} 19M{x + 2.6:.1f} 6.6L{x - 4:.1f} 19"/></g>'
    )
    out.append(_text(x - 10, 9, "cut", 'text-anchor="end" font-weight="600"'))


# ---- who holds the parameters --------------------------------------------------------------------


def _share(out: list[str], a: Anatomy, width: float, y: float) -> float:
    if not a.params:
        return y
    x = 0.0
    room = width - 2
    for part in a.parts:
        if not part.params:
            continue
        w = max(2.0, room * part.params / a.params)
        w = min(w, room - x)
        colour = COLOUR[part.role]
        out.append(
            f'<rect x="{x + 1:.1f}" y="{y:.1f}" width="{w:.1f}" height="12" fill="{colour}" '
            f'fill-opacity=".5" stroke="{colour}"/>'
        )
        frozen = w * (part.params - part.trainable) / part.params
        if frozen:
            out.append(_stripes(x + 1, y, frozen, 12))
        x += w
    y += 27
    x = 1.0
    functions = any(b.function for p in a.parts for b in p.blocks)
    items = [(p.role, f"{p.name or 'all'} {percent(p.params, a.params)}") for p in a.parts]
    items += [("frozen", "striped: frozen")] if a.frozen else []
    items += [("function", "dashed: a step of forward that no listing shows")] if functions else []
    for kind, text in items:
        wide = 22 + len(text) * WIDE_LETTER
        if x + wide > width and x > 1:
            x, y = 1.0, y + 16
        out.append(_swatch(kind, x, y - 9))
        out.append(_text(x + 18, y, text, 'font-size="11"'))
        x += wide + 14
    return y + 6


def _swatch(kind: str, x: float, y: float) -> str:
    box = f'<rect x="{x:.1f}" y="{y:.1f}" width="13" height="10"'
    if kind == "frozen":
        return f'{box} fill="none" stroke="currentColor"/>{_stripes(x, y, 13, 10)}'
    if kind == "function":
        return f'{box} fill="none" stroke="currentColor" stroke-dasharray="3 2"/>'
    return f'{box} fill="{COLOUR[kind]}" fill-opacity=".5" stroke="{COLOUR[kind]}"/>'


# ---- strokes -------------------------------------------------------------------------------------


def _stripes(x: float, y: float, w: float, h: float) -> str:
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
    return f'<path d="{"".join(d)}" stroke="currentColor" stroke-width=".9" opacity=".55" fill="none"/>'


def _lock(x: float, y: float) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y + 4:.1f}" width="8" height="6" rx="1"/>'
        f'<path d="M{x + 1.8:.1f} {y + 4:.1f}v-1.6a2.2 2.2 0 0 1 4.4 0v1.6" fill="none" '
        'stroke="currentColor" stroke-width="1.3"/>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, style: str = "") -> str:
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{colour}" {style}/>'


def _text(x: float, y: float, text: str, style: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(text)}</text>'


def short_number(n: int) -> str:
    """'9,536', '148 k', '11.2 M'."""
    if n < 10_000:
        return f"{n:,}"
    value, unit = (n / 1e3, "k") if n < 999_500 else (n / 1e6, "M")
    return f"{value:.3g} {unit}"
