"""What a pool says of a submission whose process was lost: known to who runs it and to who asked."""

from __future__ import annotations


class Crashed(Exception):
    """What ran a submission ended with it, each time; a neighbour may have been to blame."""
