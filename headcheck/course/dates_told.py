"""What is wrong in `dates.yaml`, for who wrote it: the line, the place, and what belongs there.

pydantic finds it, and speaks of dictionaries and inputs.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml

_NUMBER = "is no number; write it with a point, such as 2 or 2.5"
_SHARES = ("per_day", "most")
Place = Sequence[str | int]


def yaml_trouble(error: Exception) -> str:
    """What YAML says of a text in one line, without the name of the file, which we say ourselves."""
    said = " ".join(re.sub(r'in "[^"\n]*", ', "in ", str(error)).split())
    return f"{said}; that is a tab, and only blanks can stand there" if "'\\t'" in said else said


def told(text: str, problem: Mapping[str, Any], names: Iterable[str]) -> str:
    """One of pydantic's errors in a sentence. `names`: all that may stand before a colon somewhere."""
    place: Place = problem["loc"]
    where = f"line {_line(text, place)}, " if place else ""
    shown = " > ".join(f"number {one + 1}" if isinstance(one, int) else one for one in place)
    said = f"{where}{shown}: {_words(problem, names)}" if place else _words(problem, names)
    return said if said.endswith("?") else f"{said}."


def _words(problem: Mapping[str, Any], names: Iterable[str]) -> str:
    """What is wrong, and what to write instead."""
    kind, place, found = str(problem["type"]), problem["loc"], problem["input"]
    name = str(place[-1]) if place else ""
    if kind == "value_error":
        return str(problem["msg"]).removeprefix("Value error, ")
    if name in _SHARES:
        return "write a share of the points from 0% to 100%, such as 10%"
    if not place:
        return "it has to say what is due, and when"
    if kind.startswith("datetime"):
        return (
            f"{str(found)!r} is no day and time that can be read; write 2026-11-20 23:59, by the clock of "
            "`timezone`, or with a zone of its own 2026-11-20T23:59+01:00"
        )
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(name, names, n=1)
        return "nothing is called so here" + (f"; did you mean {near[0]}?" if near else "")
    limits = problem.get("ctx", {})
    match kind:
        case "missing":
            return "this is missing"
        case "dict_type" | "model_type":
            return "names belong here, each with a colon, a blank and what it is"
        case "list_type":
            return "a list belongs here: each line of it begins with a dash and a blank, `- `"
        case "string_type":
            return f"write it in quotes; without them YAML reads it as {found!r}"
        case "greater_than_equal":
            return f"{found!r} is too little; at least {limits['ge']:g}"
        case "less_than_equal":
            return f"{found!r} is too much; at most {limits['le']:g}"
        case "invalid_key":
            return "this is no name; where it belongs to a number, write that with a point: 2.5"
    return f"{found!r} {_NUMBER}"  # all else in the file is numbers


def _line(text: str, place: Place) -> int:
    """Of a place in the file, or of the nearest around it that is there."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    line = 1
    for one in place:
        if isinstance(node, yaml.MappingNode):
            pairs = {key.value: (key, value) for key, value in node.value}
            if str(one) not in pairs:
                break
            key, node = pairs[str(one)]
            line = key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and isinstance(one, int):
            node = node.value[one]
            line = node.start_mark.line + 1
        else:
            break
    return line
