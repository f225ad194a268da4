"""`!pip install` and its like, answered at once: there is no network here to install from.

Without this pip would try again and again for a quarter of a minute, out of the time that the
student's own cells have. (`sandbox/room.py` tells pip the same, for whoever starts it otherwise.)
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from typing import Any

SAID = (
    "Not installed: grading happens without a network. What the course needs is there already, and "
    "a line like this costs no points."
)
MAGICS = ("pip", "conda", "mamba", "micromamba", "uv")
_MANAGERS = re.compile(r"pip[\d.]*|conda|mamba|micromamba|uv|poetry|apt|apt-get|dnf|yum|apk|brew")
_FETCHING = {"install", "update", "upgrade", "dist-upgrade", "download", "create", "add", "sync"}
_GROUPS = {"pip", "env", "tool"}  # `uv pip install`, `conda env create`
_ENDS_A_COMMAND = re.compile(r"[();<>|&]*[();|][();<>|&]*|&&?")
_BEFORE = {"sudo", "exec", "time", "env", "nice"}  # another program's name may follow these


def fetches(command: str) -> bool:
    """Whether this is one shell command, and all it would do is fetch packages.

    A longer command may do something else besides, so it is none.
    """
    try:
        lexer = shlex.shlex(command.strip(), posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        words = list(lexer)
    except ValueError:  # a quote that nobody closed
        return False
    if "\n" in command.strip() or any(_ENDS_A_COMMAND.fullmatch(word) for word in words):
        return False
    while words and (words[0] in _BEFORE or re.match(r"-|\w+=", words[0])):
        words.pop(0)
    if len(words) > 2 and re.fullmatch(r"(.*/)?python[\d.]*", words[0]) and words[1] == "-m":
        del words[:2]
    if not words or not _MANAGERS.fullmatch(words[0].rpartition("/")[2]):
        return False
    orders = [word for word in words[1:] if not word.startswith("-")]
    if orders and orders[0] in _GROUPS:
        del orders[0]
    return bool(orders) and orders[0] in _FETCHING


def instead_of(usual: Mapping[str, Callable[[str], Any]], name: str) -> Callable[[str], Any]:
    """The magic `%name` that does not fetch. What else the usual one does, it still does."""

    def magic(line: str) -> Any:
        if name not in usual or fetches(f"{name} {line}"):
            print(SAID)
            return None
        return usual[name](line)

    return magic
