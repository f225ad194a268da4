"""torch where a course uses it, and what stands for it where none does (`no_torch`).

On a student's machine, and wherever nothing else is said, that is: torch if it is installed. In
grading it is used if one of the course's libraries has brought it (see `inside.warm`).
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

ONLY_IF_LOADED = "HEADCHECK_TORCH_ONLY_IF_LOADED"


def _wanted() -> bool:
    if "torch" in sys.modules:
        return True
    if os.environ.get(ONLY_IF_LOADED):
        return False
    try:
        import torch  # noqa: F401
    except ModuleNotFoundError as error:
        if error.name != "torch":  # it is there, and broken: that has to be seen
            raise
        return False
    return True


if TYPE_CHECKING or _wanted():
    import torch
    from torch import Tensor, nn
    from torch.nn.modules import module as module_code
    from torch.nn.parameter import is_lazy
    from torch.overrides import TorchFunctionMode

    IS_HERE = True
else:
    from types import SimpleNamespace

    from headcheck.lesson.no_torch import Tensor, is_lazy, nn, torch

    module_code, TorchFunctionMode = SimpleNamespace(), object
    IS_HERE = False

__all__ = ["IS_HERE", "Tensor", "TorchFunctionMode", "is_lazy", "module_code", "nn", "torch"]


def came_late() -> bool:
    """Whether something has loaded torch that the checks here know nothing of."""
    return not IS_HERE and "torch" in sys.modules
