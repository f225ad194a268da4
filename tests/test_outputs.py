"""Does a cell's output stay in its room, whatever is sent, and is it always a notebook's output?"""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest
from hours import in_turn
from hypothesis import example, given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook
from pydantic import ValidationError

from headcheck.grading.engines.outputs import EACH_MESSAGE, Flood, Outputs
from headcheck.sandbox import frames

ROOM = 4096
ODD = [
    None,
    True,
    0,
    -1,
    10**30,
    1.5,
    float("nan"),
    float("inf"),
    "",
    "a\nb",
    "\u2028" * 40,
    [],
    {},
]
SMALL = st.sampled_from(ODD) | st.text(max_size=30) | st.integers()
TREES = st.recursive(
    SMALL, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner)
)
KINDS = [
    "stream",
    "display_data",
    "execute_result",
    "update_display_data",
    "error",
    "clear_output",
    frames.TOO_DEEP,
    frames.TOO_LONG,
    "no kind",
]
TYPES = [
    "text/plain",
    "text/html",
    "application/json",
    "application/x+json",
    "image/png",
    "",
    "json",
]
LONG = st.sampled_from(["", "x", "\x01" * 300, "\n" * 200, "é" * 500, "x" * 3000])
DATA = st.dictionaries(st.sampled_from(TYPES), TREES | LONG, max_size=3)
SENSIBLE = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["stdout", "stderr"]),
        "text": LONG,
        "data": DATA,
        "metadata": st.dictionaries(st.text(max_size=5), TREES, max_size=2),
        "transient": st.fixed_dictionaries(
            {}, optional={"display_id": st.sampled_from("ab") | TREES}
        ),
        "execution_count": TREES,
        "ename": LONG,
        "evalue": LONG,
        "traceback": st.lists(LONG, max_size=3),
        "wait": st.booleans(),
    },
)
MESSAGES = st.lists(
    st.tuples(st.sampled_from(KINDS), SENSIBLE | st.dictionaries(st.text(max_size=5), TREES)),
    max_size=40,
)


def take_all(outputs: Outputs, messages: list[tuple[str, dict[str, Any]]]) -> None:
    for kind, content in messages:
        try:
            outputs.take(kind, content)
        except ValidationError:
            return  # the process is ended


@given(st.lists(MESSAGES, min_size=1, max_size=3))
@example([[("display_data", {"data": {"text/plain": "\n" * 200}})]])
@example([[("execute_result", {"data": {"text/html": "\n" * 200}, "metadata": {"a": "\n" * 90}})]])
@example([[("error", {"ename": "E", "evalue": "\n" * 90, "traceback": ["\n" * 200] * 2})]])
@in_turn
def test_is_what_is_kept_valid_and_within_the_room_of_all(cells: list[Any]) -> None:
    shown: Any = {}
    made, kept = [], 0
    for messages in cells:
        outputs = Outputs(ROOM, shown)
        take_all(outputs, messages)
        kept += outputs.kept
        made.append(new_code_cell("", outputs=outputs.nodes))
    notebook = new_notebook(cells=made)
    nbformat.validate(notebook)
    json.dumps(notebook, allow_nan=False)
    text = nbformat.writes(notebook)
    assert kept >= 0
    assert len(text.encode()) <= len(cells) * (ROOM + 1500)
    # What is counted is no less than what was written.
    assert len(text.encode()) <= kept + 500 * len(cells) + 500


@pytest.mark.parametrize(
    "text", ["x" * ROOM, "\x01" * 700, "\n" * 300, "\u2028" * 300, "\r" * 300], ids=repr
)
def test_is_text_measured_as_it_is_written(text: str) -> None:
    outputs = Outputs(ROOM, {})
    outputs.print("stdout", text)
    assert ["output cut here" in node.text for node in outputs.nodes] == [True]


def test_are_many_small_outputs_counted() -> None:
    outputs = Outputs(ROOM, {})
    for number in range(1000):
        outputs.take("display_data", {"data": {"text/plain": str(number)}, "metadata": {}})
    assert len(outputs.nodes) < 10 and "output cut here" in outputs.nodes[-1].text


def test_does_a_cleared_display_give_no_room_twice() -> None:
    outputs, shown = Outputs(ROOM, shown := {}), shown
    for _ in range(50):
        big = {"data": {"text/plain": "x" * 3000}, "transient": {"display_id": "a"}}
        outputs.take("display_data", big)
        outputs.take("clear_output", {"wait": False})
        outputs.take("update_display_data", big | {"data": {"text/plain": ""}})
        assert outputs.kept == 0 and not shown


def test_does_an_update_of_an_earlier_cell_count() -> None:
    shown: Any = {}
    first, second = Outputs(ROOM, shown), Outputs(ROOM, shown)
    one = {"data": {"text/plain": "."}, "transient": {"display_id": "a"}}
    for _ in range(5):
        first.take("display_data", one)
    second.take("update_display_data", one | {"data": {"text/plain": "x" * 1000}})
    assert {node.data["text/plain"] for node in first.nodes} == {"."}
    second.take("update_display_data", one | {"data": {"text/plain": "x" * 100}})
    assert {node.data["text/plain"] for node in first.nodes} == {"x" * 100}
    assert second.kept > 400


def test_does_every_message_count_as_arrived() -> None:
    outputs = Outputs(ROOM, {}, flood=10 * EACH_MESSAGE)
    with pytest.raises(Flood):
        for _ in range(11):
            outputs.take("no kind", {})


@pytest.mark.parametrize("size", [1, 3, 7, 10_000])
def test_is_a_frame_that_is_too_long_or_deep_passed_over(size: int) -> None:
    deep: Any = 1
    for _ in range(100):
        deep = [deep]
    sent = [{"a": 1}, {"long": "x" * 500}, {"deep": deep}, {"b": 2}, {"long": "y" * 400}, {"c": 3}]
    data = b"".join(map(frames.encode, sent))
    reader, got = frames.Reader(300, lenient=True), []
    for start in range(0, len(data), size):
        got += list(reader.feed(data[start : start + size]))
    long, deep_ = {"type": frames.TOO_LONG}, {"type": frames.TOO_DEEP}
    assert got == [{"a": 1}, long, deep_, {"b": 2}, long, {"c": 3}]


@given(st.binary(max_size=200), st.integers(1, 50))
def test_is_any_nonsense_a_frame_or_an_error(data: bytes, size: int) -> None:
    for lenient in (True, False):
        reader = frames.Reader(64, lenient=lenient)
        try:
            for start in range(0, len(data), size):
                for frame in reader.feed(data[start : start + size]):
                    assert isinstance(frame, dict)
        except frames.FrameError:
            continue
