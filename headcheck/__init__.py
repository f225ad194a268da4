"""Body & Head: what the notebooks import.

    from headcheck import anatomy, checking, draw, expect_head, hidden

Names are loaded on first use, so that the command line starts without torch.
"""

from importlib import import_module

from headcheck.moved import tell

__version__ = "0.1.0"
tell()

HOME = {
    "headcheck.lesson.anatomy": ("anatomy",),
    "headcheck.lesson.figure": ("show_figure",),
    "headcheck.lesson.move_the_cut": ("move_the_cut",),
    "headcheck.lesson.checking": ("checking", "hidden", "once_answered"),
    "headcheck.lesson.failures": ("CheckFailed",),
    "headcheck.lesson.call_each": ("call_each",),
    "headcheck.lesson.seeded": ("seeded",),
    "headcheck.lesson.once_for_all": ("once_for_all",),
    "headcheck.done.progress": ("progress",),
    "headcheck.seed": ("draw",),
    "headcheck.lesson.values": (
        *("expect", "expect_answered", "expect_equal", "expect_close", "expect_error"),
        *("expect_shape", "expect_raises", "expect_calls"),
    ),
    "headcheck.lesson.arrays": ("expect_array",),
    "headcheck.lesson.frames": ("expect_frame",),
    "headcheck.lesson.learning": ("expect_learns",),
    "headcheck.lesson.modules": (
        *("expect_output", "expect_layers", "expect_same_function", "expect_gradients"),
        *("expect_separate", "reached_by_gradient"),
    ),
    "headcheck.lesson.state": (
        *("expect_groups", "expect_state_names", "expect_state_unchanged", "state_of"),
    ),
    "headcheck.heads.expect_head": ("expect_head",),
}
_MODULE_OF = {name: module for module, names in HOME.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'headcheck' has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)
