"""What a check says beside its verdict: data for whoever shows it, a leaderboard for example.

A check publishes by printing one line, a word and a JSON object: `leaderboard {...}`. What the
object holds is settled by whoever shows that word; here it only has to be small, plain JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

MOST = 4096  # characters of one line
_LINE = re.compile(r"([a-z]+) (\{.*\})")

Published = dict[str, dict[str, Any]]  # word -> what was published under it


def published(outputs: Sequence[Mapping[str, Any]]) -> Published | None:
    """What the outputs of one check cell publish; None when that is nothing.

    A word that comes twice is left out. Where answers share the process with the check, theirs may
    print such a line, too, and nobody can tell which one is the check's.
    """
    text = "".join(
        part["text"]
        for part in outputs
        if part["output_type"] == "stream" and part["name"] == "stdout"
    )
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if match := _LINE.fullmatch(line):
            found.setdefault(match[1], []).append(match[2])
    data = {
        word: read
        for word, texts in found.items()
        if len(texts) == 1 and (read := _read(texts[0])) is not None
    }
    return data or None


def _read(text: str) -> dict[str, Any] | None:
    if len(text) > MOST:
        return None
    try:
        data: dict[str, Any] = json.loads(text, parse_constant=_no_number)
        # What JSON readers take and nobody can write again: 1e999, half a character.
        json.dumps(data, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return data


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
