"""What a look at a model finds (see `anatomy`): as plain data, and in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Row:
    """One run of one leaf layer (or of a function that only `forward` knows)."""

    path: str  # as in model.named_modules(); for a function: the module whose forward calls it
    kind: str  # class name, or the function's name
    shape: Shape | None  # of the (first) output, batch included; None when it did not run
    params: int  # counted where they are first used, so that the rows add up
    state: str  # "trainable", "frozen", "partly", or "" without parameters
    part: str  # "body", "head" (or the head's name), "removed", or "" when nothing is cut
    again: bool = False  # the same layer has run before
    function: bool = False  # called in a forward, no layer: no listing of the model shows it


@dataclass(frozen=True)
class Block:
    """One box of the picture: neighbouring layers that belong together."""

    name: str  # where it is in its part: "layer1", "0–2"
    text: str  # what is in it: "2 × BasicBlock"
    shapes: tuple[Shape, ...]  # of its outputs, batch included; empty when not measured
    layers: int  # runs of leaf layers
    params: int
    trainable: int
    function: bool = False
    failed: bool = False

    @property
    def state(self) -> str:
        return state_of(self.params, self.trainable)

    @property
    def frozen_share(self) -> float:
        return 1 - self.trainable / self.params if self.params else 0.0

    @property
    def shape(self) -> Shape | None:
        return self.shapes[0] if self.shapes else None


@dataclass(frozen=True)
class Part:
    """Body, head (one or several), what a cut removes, or the whole model when nothing is cut."""

    name: str
    role: str  # "body", "head", "removed" or "whole"
    blocks: tuple[Block, ...]
    layers: int
    params: int
    trainable: int

    @property
    def state(self) -> str:
        return state_of(self.params, self.trainable)


@dataclass(frozen=True)
class Anatomy:
    """What `anatomy` saw, as plain data."""

    title: str
    inputs: tuple[Shape, ...]
    rows: tuple[Row, ...]
    parts: tuple[Part, ...]
    params: int
    trainable: int
    cut: str = "cut"  # what stands at the line: "cut", or "cut=-2" as it was asked for
    never_called: tuple[str, ...] = ()  # leaf layers that are registered and were not used
    failure: str | None = None  # which layer failed, and with which input
    notes: tuple[str, ...] = ()
    draw: Callable[[Anatomy], str] | None = field(default=None, compare=False)  # as HTML

    @property
    def frozen(self) -> int:
        return self.params - self.trainable

    def __str__(self) -> str:
        return "\n".join(text_lines(self))

    __repr__ = __str__

    def _repr_html_(self) -> str | None:
        return self.draw(self) if self.draw else None


def state_of(params: int, trainable: int) -> str:
    if not params:
        return ""
    return "trainable" if trainable == params else "partly" if trainable else "frozen"


# ---- as text -------------------------------------------------------------------------------------


def show_shape(shape: Shape, batch: bool = False) -> str:
    """'64×56×56'; the batch dimension is left out unless asked for."""
    sizes = shape if batch or len(shape) < 2 else shape[1:]
    return "×".join(map(str, sizes)) or "one number"


def show_shapes(shapes: tuple[Shape, ...]) -> str:
    return ", ".join(show_shape(s) for s in shapes[:3]) + (", …" if len(shapes) > 3 else "")


def summary_line(a: Anatomy) -> str:
    """How many parameters, and how many of them learn."""
    if not a.params:
        return "no parameters"
    text = f"{a.params:,} parameters"
    if not a.frozen:
        return f"{text}, all trainable"
    if not a.trainable:
        return f"{text}, all frozen"
    return f"{text}: {a.trainable:,} trainable, {a.frozen:,} frozen"


def part_title(part: Part) -> str:
    if part.role == "head":
        return "HEAD" if part.name == "head" else f"HEAD {part.name}"
    return {"body": "BODY", "removed": "CUT OFF", "whole": "LAYERS"}[part.role]


def percent(part: int, total: int) -> str:
    share = 100 * part / total if total else 0.0
    if 0 < share < 0.1:
        return "under 0.1 %"
    return "100 %" if part == total else f"{min(share, 99.9):.3g} %"


def share_text(part: Part, total: int) -> str:
    if not part.params:
        return "no parameters"
    state = {"partly": "partly trainable"}.get(part.state, part.state)
    return f"{part.params:,} parameters, {percent(part.params, total)}, {state}"


def text_lines(a: Anatomy) -> list[str]:
    """The picture for a terminal: aligned columns, one line per block."""
    given = "  input " + " and ".join(show_shape(s) for s in a.inputs) if a.inputs else ""
    lines = [f"{a.title}{given}", summary_line(a)]
    cells = [
        (b.name, b.text, show_shapes(b.shapes), f"{b.params:,}" if b.params else "", b.state)
        for part in a.parts
        for b in part.blocks
    ]
    widths = [max((len(row[i]) for row in cells), default=0) for i in range(4)]
    widths[1] = min(widths[1], 44)
    for part in a.parts:
        if part.role == "removed" or (part.role == "head" and part is a.parts[1]):
            lines += ["", f"- - 8< - - {a.cut} " + "- " * max(0, (sum(widths) - 6) // 2)]
        count = f"{part.layers} layers" if part.layers != 1 else "1 layer"
        if a.inputs:
            count += " run"
            lines += ["", f"{part_title(part)}  {count}, {share_text(part, a.params)}"]
        else:
            lines += ["", f"{part_title(part)}  {share_text(part, a.params)}"]
        for b in part.blocks:
            mark = "✗ " if b.failed else "┄ " if b.function else "  "
            params = f"{b.params:,}" if b.params else ""
            text = b.text if len(b.text) <= 44 else b.text[:43] + "…"
            line = (
                f"{mark}{b.name:<{widths[0]}}  {text:<{widths[1]}}  "
                f"{show_shapes(b.shapes):>{widths[2]}}  {params:>{widths[3]}}  {b.state}"
            )
            lines.append(line.rstrip())
    lines += ["", *closing_lines(a)]
    return lines if lines[-1] else lines[:-1]


def closing_lines(a: Anatomy) -> list[str]:
    """What went wrong and what else is worth knowing, in sentences."""
    lines = [f"✗ {a.failure}"] if a.failure else []
    if a.never_called and a.inputs and not a.failure:
        some = ", ".join(a.never_called[:5]) + (" …" if len(a.never_called) > 5 else "")
        lines.append(f"registered, but never called: {some}")
    return lines + list(a.notes)
