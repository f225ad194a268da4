"""Body & Head: what the notebooks import.

    from headcheck import anatomy, checking, draw, expect_head, hidden

Names are loaded on first use, so that the command line starts without torch.
"""

from importlib import import_module

__version__ = "0.1.0"

_HOME = {
    "anatomy": "headcheck.anatomy",
    "checking": "headcheck.checking",
    "hidden": "headcheck.checking",
    "CheckFailed": "headcheck.checking",
    "draw": "headcheck.draw",
}


def __getattr__(name: str) -> object:
    home = _HOME.get(name, "headcheck.expect" if name.startswith("expect_") else None)
    if home is None:
        raise AttributeError(f"module 'headcheck' has no attribute {name!r}")
    return getattr(import_module(home), name)
