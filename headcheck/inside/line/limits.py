"""How much a frame may hold, and what is said of one that breaks the rules."""

from __future__ import annotations

from pydantic import ConfigDict

from headcheck.lesson.failures import Unreadable

STRICT = ConfigDict(
    extra="forbid"
)  # of every part of a frame: what is not in its fields is refused
MAX_JSON = 4 << 20
MAX_BLOB = 768 << 20
MAX_BLOB_HEADER = 1 << 20
MAX_TENSORS = 4096
MAX_MODULES = 4096
MAX_TEXT = 100_000
MAX_DEPTH = 24
MAX_NODES = 100_000  # values in one frame


class WireError(Unreadable):
    """The other side sent something that is no valid frame."""
