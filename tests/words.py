"""Words that mean nothing to a student: names of our classes, of libraries inside, of wire fields."""

from __future__ import annotations

import re

NAMES = [
    "Inert",
    "RemoteFunction",
    "RemoteClass",
    "BlackBox",
    "YourOwnException",
    "Untrusted",
    "WireError",
    "CannotCross",
    "LeftOverHook",
    "Unreadable",
    "AnswerRaised",
    "CheckFailed",
    "NotAnswered",
    "Mirror",
    "Outgoing",
    "ModuleEntry",
    "TensorEntry",
    "Measurement",
    "ValidationError",
    "SafetensorError",
    "pydantic",
    "safetensors",
    "input_type",
    "input_value",
    "union_tag",
    "extra_forbidden",
    "headcheck",
    "_black_box",
    "__measure__",
    "__each__",
    "data_offsets",
    "MISSING",
]
PHRASES = (
    *("validation error", "not in the schema", "type=missing", "a node of no kind", "wrong fields"),
    *("too large to send", "frame too large", "plain data", "cannot cross", "student's process"),
    *(
        "where a Module belongs",
        "where a Tensor belongs",
        "names two things",
        "<the answer",
        "the wire",
    ),
)


def inside_words(message: str) -> list[str]:
    """Those of our own words that stand in a message."""
    words = set(re.findall(r"\w+", message))
    return [*(name for name in NAMES if name in words), *(p for p in PHRASES if p in message)]
