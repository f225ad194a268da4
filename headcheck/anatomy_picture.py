"""The picture that `anatomy` shows in a notebook."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headcheck.anatomy import Anatomy


def html(a: Anatomy) -> str:
    return f"<pre>{escape(str(a))}</pre>"
