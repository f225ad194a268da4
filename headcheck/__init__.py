"""Body & Head: what the notebooks import.

    from headcheck import anatomy, checking, draw, expect_head, hidden

Names are loaded on first use, so that the command line starts without torch.
"""

import sys
from importlib import import_module
from types import ModuleType

__version__ = "0.1.0"

_HOME = {
    "anatomy": "headcheck.anatomy",
    "checking": "headcheck.checking",
    "hidden": "headcheck.checking",
    "CheckFailed": "headcheck.checking",
    "call_each": "headcheck.call_each",
    "draw": "headcheck.draw",
    "expect": "headcheck.expect",
    "state_of": "headcheck.expect",
    "reached_by_gradient": "headcheck.expect",
}


def __getattr__(name: str) -> object:
    home = _HOME.get(name, "headcheck.expect" if name.startswith("expect_") else None)
    if home is None:
        raise AttributeError(f"module 'headcheck' has no attribute {name!r}")
    return getattr(import_module(home), name)


class _Package(ModuleType):
    """Importing `headcheck.draw` would hide the function `draw` behind the module of that name."""

    def __setattr__(self, name: str, value: object) -> None:
        if name in _HOME and isinstance(value, ModuleType):
            value = getattr(value, name)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
