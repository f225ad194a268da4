"""Body & Head: what the notebooks import.

    from headcheck import anatomy, checking, draw, expect_head, hidden

Names are loaded on first use, so that the command line starts without torch.
"""

from importlib import import_module

__version__ = "0.1.0"

_HOME = {
    "anatomy": "headcheck.lesson.anatomy",
    "checking": "headcheck.lesson.checking",
    "hidden": "headcheck.lesson.checking",
    "CheckFailed": "headcheck.lesson.checking",
    "call_each": "headcheck.lesson.call_each",
    "draw": "headcheck.seed",
    "expect": "headcheck.lesson.expect",
    "state_of": "headcheck.lesson.expect",
    "reached_by_gradient": "headcheck.lesson.expect",
}


def __getattr__(name: str) -> object:
    home = _HOME.get(name, "headcheck.lesson.expect" if name.startswith("expect_") else None)
    if home is None:
        raise AttributeError(f"module 'headcheck' has no attribute {name!r}")
    return getattr(import_module(home), name)
