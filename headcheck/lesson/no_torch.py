"""What stands for torch where a course does without it: nothing is a module, numbers are numpy's.

The checks, and the line between the two processes of a submission, ask of every value whether it is
a tensor or a module. Here the answer is no. What crosses the line as a tensor all the same, a numpy
array, is a `Tensor` of this module: an array with what the line asks of one.
"""

from __future__ import annotations

import random
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, NoReturn

import numpy as np

from headcheck.lesson.failures import Unreadable

NEEDED = "this needs torch, which c.Headcheck.libraries in grader_config.py does not name"


class _NothingIsOne(type):
    """The type of classes that no value is of. Their attributes are such classes again."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        made = _NothingIsOne(name, (), {})
        setattr(cls, name, made)
        return made

    def __call__(cls, *args: object, **kwargs: object) -> NoReturn:
        raise Unreadable(NEEDED)


class dtype:
    """A kind of number, by torch's name for it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"torch.{self.name}"


_DTYPES = {
    name: dtype(name)
    for name in (
        *("float64", "float32", "float16", "bfloat16", "complex64", "complex128"),
        *("int64", "int32", "int16", "int8", "uint8", "bool"),
    )
}


class Tensor:
    """A numpy array on the line. No answer and no check ever has one in its hands."""

    is_cpu = True
    is_meta = is_nested = is_quantized = is_sparse = requires_grad = is_leaf = False
    grad_fn = grad = None
    layout = "strided"

    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    def __getattr__(self, name: str) -> Any:
        if name in ("detach", "contiguous", "resolve_neg", "resolve_conj", "cpu"):
            return lambda: self
        raise AttributeError(name)

    @property
    def dtype(self) -> dtype:
        return _DTYPES[self.array.dtype.name]

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape

    def numpy(self) -> np.ndarray:
        return self.array

    def clone(self) -> Tensor:
        return Tensor(self.array.copy())

    def as_subclass(self, cls: type) -> Tensor:
        return self

    def requires_grad_(self, learns: bool = True) -> Tensor:
        return self

    def copy_(self, other: Tensor) -> Tensor:
        self.array[...] = other.array
        return self

    def is_floating_point(self) -> bool:
        return self.array.dtype.kind == "f"

    def is_complex(self) -> bool:
        return self.array.dtype.kind == "c"

    def untyped_storage(self) -> SimpleNamespace:
        return SimpleNamespace(data_ptr=lambda: self.array.__array_interface__["data"][0])


class Module:
    """The class of no module: what one would keep, for those who ask what all of them keep."""

    def __init__(self) -> None:
        self.training = True
        self._parameters: dict[str, Any] = {}
        self._buffers: dict[str, Any] = {}
        self._modules: dict[str, Any] = {}
        self._non_persistent_buffers_set: set[str] = set()
        self._forward_hooks: OrderedDict[int, Any] = OrderedDict()
        self._forward_pre_hooks: OrderedDict[int, Any] = OrderedDict()


class Parameter(metaclass=_NothingIsOne):
    """The class of no parameter."""


class nn(metaclass=_NothingIsOne):
    """torch.nn"""

    Module, Parameter = Module, Parameter


def from_numpy(array: np.ndarray) -> Tensor:
    """Raises `TypeError` for numbers that torch has no kind for, as torch does."""
    if array.dtype.name not in _DTYPES:
        raise TypeError(f"numbers of the kind {array.dtype} cannot cross")
    return Tensor(array)


def read_tensors(blob: bytes) -> dict[str, Any]:
    """The arrays of a safetensors blob, as tensors of this module."""
    from safetensors.numpy import load

    return {name: Tensor(array) for name, array in load(blob).items()}


class _Drawing:
    """torch's own random numbers: a stream apart, which a seed begins anew."""

    def __init__(self) -> None:
        self.stream = random.Random(0)
        self.manual_seed = self.stream.seed


_drawing = _Drawing()


@contextmanager
def _nothing(*args: object, **kwargs: object) -> Iterator[None]:
    yield


class torch(metaclass=_NothingIsOne):
    """torch itself, as far as it is asked for where no tensor and no module is."""

    float64, float32, float16, bfloat16 = (
        _DTYPES[name] for name in ("float64", "float32", "float16", "bfloat16")
    )
    int64, int32, int16, int8 = (_DTYPES[name] for name in ("int64", "int32", "int16", "int8"))
    uint8, bool = _DTYPES["uint8"], _DTYPES["bool"]
    complex64, complex128 = _DTYPES["complex64"], _DTYPES["complex128"]
    strided = "strided"
    default_generator = _drawing
    no_grad = set_grad_enabled = inference_mode = _nothing
    from_numpy = staticmethod(from_numpy)

    @staticmethod
    def is_grad_enabled() -> Any:
        return False

    @staticmethod
    def manual_seed(number: int) -> None:
        _drawing.manual_seed(number)

    @staticmethod
    def randint(most: int, *_: object, **__: object) -> int:
        return _drawing.stream.randrange(most)

    @staticmethod
    def get_rng_state() -> Any:
        return _drawing.stream.getstate()

    @staticmethod
    def set_rng_state(state: Any) -> None:
        _drawing.stream.setstate(state)

    @staticmethod
    def get_default_dtype() -> Any:
        return _DTYPES["float32"]

    @staticmethod
    def get_default_device() -> Any:
        return SimpleNamespace(type="cpu")

    @staticmethod
    def get_num_threads() -> int:
        return 1

    @staticmethod
    def set_default_dtype(_: object) -> None: ...

    @staticmethod
    def set_default_device(_: object) -> None: ...

    @staticmethod
    def set_num_threads(_: object) -> None: ...

    @staticmethod
    def equal(a: Tensor, b: Tensor) -> Any:
        return np.array_equal(a.array, b.array, equal_nan=False)


for _each in (Tensor, dtype, nn):
    setattr(torch, _each.__name__, _each)


def is_lazy(_: object) -> bool:
    """No tensor is without its numbers."""
    return False
