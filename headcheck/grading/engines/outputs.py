"""What a cell showed, as it arrives, as a notebook can hold it, and never more than its room.

The messages come from a student's process: each is checked, and each costs something, whatever it
says. Room is measured by what the notebook file will grow, so that no trick of text makes it large.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from nbformat import NotebookNode
from nbformat.v4 import new_output
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from headcheck.sandbox import frames

FLOOD = 64  # times the room of a cell: then it is not output any more
EACH_MESSAGE = 200  # bytes that a message counts as arrived, beside its own
EACH_OUTPUT = 500  # bytes that an output takes in the file and in memory, beside its content
EACH_LINE = 14  # the same for a line: it is written on one of its own, indented
OF_ONE_NAME = 16  # displays of one name that an update changes: the newest
MOST_RUNS = 10**6
TOO_DEEP = f"[not shown: nested deeper than {frames.MAX_DEPTH}]\n"

_ANY_JSON = re.compile(
    r"application/(.*\+)?json"
)  # the types of which a notebook holds more than text


class Flood(Exception):
    """More arrived than any output is; the text says so."""


def plain_json(value: Any) -> Any:
    """The same without what JavaScript's JSON does not know: NaN and the infinities become null."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: plain_json(each) for key, each in value.items()}
    return [plain_json(each) for each in value] if isinstance(value, list) else value


def _as_notebooks_allow(data: dict[str, Any]) -> dict[str, Any]:
    """Only some types may have values that are not text. What is nothing is not shown."""
    allowed = {}
    for kind, value in data.items():
        if isinstance(value, str) or _ANY_JSON.fullmatch(kind):
            allowed[kind] = plain_json(value)
        elif isinstance(value, list) and all(isinstance(line, str) for line in value):
            allowed[kind] = "".join(value)
        elif value is not None:
            allowed[kind] = json.dumps(plain_json(value), ensure_ascii=False)
    return allowed


def _as_count(value: Any) -> int | None:
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_RUNS
    return value if fits else None


Count = Annotated[int | None, BeforeValidator(_as_count)]
Metadata = Annotated[dict[str, Any], AfterValidator(plain_json)]


class _Stream(BaseModel):
    name: Literal["stdout", "stderr"]
    text: str


class _Display(BaseModel):
    data: Annotated[dict[str, Any], AfterValidator(_as_notebooks_allow)]
    metadata: Metadata = Field(default_factory=dict)
    transient: dict[str, Any] | None = None
    execution_count: Count = None


class _Error(BaseModel):
    ename: str
    evalue: str
    traceback: list[str]


class _Clear(BaseModel):
    wait: bool


def size_of(value: Any) -> int:
    """Bytes that a value takes in the file of a notebook, about: each line of a text on one of its own."""
    text = json.dumps(value, indent=1, ensure_ascii=False)
    lines = text.count("\n") + sum(len(each.splitlines()) for each in _texts(value))
    return len(text.encode("utf-8", "replace")) + EACH_LINE * lines


def _texts(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each


@dataclass(eq=False)
class _Shown:
    """One output in the notebook. With a name, later displays of that name change it."""

    node: NotebookNode
    size: int
    name: str | None = None


Displays = dict[str, list[_Shown]]  # by display id, over all cells


@dataclass
class Outputs:
    """The outputs of one cell, as nbclient would collect them. `kept`: what they take in the file."""

    room: int  # bytes
    shown: Displays
    flood: float = math.inf  # bytes that may arrive
    kept: int = 0
    arrived: int = 0
    _list: list[_Shown] = field(default_factory=list)
    _text: list[str] = field(default_factory=list)  # of the last output, a stream that goes on
    _clear_next: bool = False
    _cut: bool = False

    @property
    def nodes(self) -> list[NotebookNode]:
        """The outputs as they are now."""
        self._end_stream()
        return [each.node for each in self._list]

    def arrive(self, size: int) -> None:
        """Count bytes that came, whatever they say. Raises `Flood`."""
        self.arrived += size
        if self.arrived > self.flood:
            raise Flood("it wrote output without end")

    def take(self, kind: str, content: dict[str, Any]) -> None:
        """One message. Unknown kinds are dropped. Raises pydantic's `ValidationError` for what no
        kernel sends, and `Flood`."""
        self.arrive(EACH_MESSAGE)
        how = _KINDS.get(kind)
        if how is not None:
            how(self, kind, content)

    def print(self, name: Literal["stdout", "stderr"], text: str) -> None:
        """Text on one of the two streams."""
        self._clear_if_due()
        size = size_of(text)
        goes_on = bool(self._text) and self._list[-1].node.name == name
        if not self._fits(size + (0 if goes_on else EACH_OUTPUT)):
            return
        if goes_on:
            self._text.append(text)
            self._list[-1].size += size
            self.kept += size
        else:
            self._append(new_output("stream", name=name, text=""), size + EACH_OUTPUT)
            self._text = [text]

    def say(self, ename: str, message: str) -> None:
        """An error in our own words: always kept."""
        self._append(new_output("error", ename=ename, evalue=message, traceback=[message]), 0)

    # ---- by kind

    def _stream(self, kind: str, content: dict[str, Any]) -> None:
        message = _Stream(**content)
        self.print(message.name, message.text)

    def _too_deep(self, kind: str, content: dict[str, Any]) -> None:
        self.print("stderr", TOO_DEEP)

    def _too_long(self, kind: str, content: dict[str, Any]) -> None:
        self._cut_here()

    def _display(self, kind: str, content: dict[str, Any]) -> None:
        message = _Display(**content)
        name = (message.transient or {}).get("display_id")
        name = None if name is None else str(name)
        size = size_of(message.data) + size_of(message.metadata)
        if name is not None:
            self._update(name, message, size)
        if kind == "update_display_data":
            return
        self._clear_if_due()
        size += EACH_OUTPUT + len(name or "")
        if not self._fits(size):
            return
        node = new_output(kind, data=message.data, metadata=message.metadata)
        if kind == "execute_result":
            node.execution_count = message.execution_count
        shown = self._append(node, size, name)
        if name is not None:
            same = self.shown.setdefault(name, [])
            same.append(shown)
            del same[:-OF_ONE_NAME]

    def _update(self, name: str, message: _Display, size: int) -> None:
        size += EACH_OUTPUT + len(name)
        same = self.shown.get(name, [])
        grown = sum(size - each.size for each in same)
        if not same or not self._fits(grown, replaces=True):
            return
        self.kept += grown
        for each in same:
            each.node.data, each.node.metadata = message.data, message.metadata
            each.size = size

    def _error(self, kind: str, content: dict[str, Any]) -> None:
        message = _Error(**content)
        self._clear_if_due()
        node = new_output("error", **message.model_dump())
        size = EACH_OUTPUT + size_of(node)
        if self._fits(size):
            self._append(node, size)

    def _clear(self, kind: str, content: dict[str, Any]) -> None:
        self._clear_next = _Clear(**content).wait
        if not self._clear_next:
            self._empty()

    # ---- the list

    def _fits(self, size: int, *, replaces: bool = False) -> bool:
        """`replaces`: it takes the place of what is there; else nothing follows what was cut."""
        fits = self.kept + size <= self.room and (replaces or not self._cut)
        if not fits:
            self._cut_here()
        return fits

    def _cut_here(self) -> None:
        if not self._cut:
            self._cut = True
            said = f"\n[output cut here: over {max(self.room, 0) // 1024} KiB]\n"
            self._append(new_output("stream", name="stderr", text=said), EACH_OUTPUT)

    def _append(self, node: NotebookNode, size: int, name: str | None = None) -> _Shown:
        self._end_stream()
        self._list.append(_Shown(node, size, name))
        self.kept += size
        return self._list[-1]

    def _end_stream(self) -> None:
        if self._text:
            self._list[-1].node.text = "".join(self._text)
            self._text = []

    def _clear_if_due(self) -> None:
        if self._clear_next:
            self._empty()

    def _empty(self) -> None:
        self._end_stream()
        for each in self._list:
            self.kept -= each.size
            same = self.shown.get(each.name, []) if each.name is not None else []
            if each in same:
                same.remove(each)
                if not same:
                    del self.shown[each.name or ""]
        self._list.clear()
        self._clear_next = self._cut = False


_Take = Callable[[Outputs, str, dict[str, Any]], None]
_KINDS: dict[str, _Take] = {
    "stream": Outputs._stream,
    "display_data": Outputs._display,
    "execute_result": Outputs._display,
    "update_display_data": Outputs._display,
    "error": Outputs._error,
    "clear_output": Outputs._clear,
    frames.TOO_DEEP: Outputs._too_deep,
    frames.TOO_LONG: Outputs._too_long,
}
