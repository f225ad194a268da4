"""Checks of values: plain data, tensors, shapes, exceptions. Each raises `CheckFailed`.

Answers are never trusted to compare themselves: everything goes through `plain` first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from headcheck.lesson.blame import likely_cause, name_of
from headcheck.lesson.failures import AnswerRaised, CheckFailed, NotAnswered, Unreadable
from headcheck.lesson.plain import describe, plain, same, shape_of, tensor, wrong_kind
from headcheck.lesson.stub import unanswered
from headcheck.lesson.torch_here import IS_HERE, Tensor, torch

# A likely wrong value -> the sentence that explains it. Values that cannot be keys: as pairs.
Mistakes = Mapping[Any, str] | Iterable[tuple[Any, str]] | None


def expect(
    ok: object,
    checked: str,
    *,
    got: object = None,
    expected: object = None,
    cause: str | None = None,
    look: str | None = None,
) -> None:
    """A condition, in your words."""
    if not ok:
        raise CheckFailed(checked, got=_told(got), expected=_told(expected), cause=cause, look=look)


def _told(value: object) -> str | None:
    """A sentence stays a sentence; other values are described."""
    if value is None or type(value) is str:
        return value
    return describe(value)


def expect_answered(value: object, name: str) -> None:
    """That a top-level answer is no longer `...`."""
    if value is ...:
        raise NotAnswered(name)


def expect_equal(
    got: object,
    expected: object,
    checked: str,
    *,
    mistakes: Mistakes = None,
    any_sequence: bool = False,
    cause: str | None = None,
    look: str | None = None,
) -> None:
    """Plain data: types, then values. `any_sequence` takes a list for a tuple and the reverse.

    numpy's numbers count as Python's; floats may differ by rounding. Modules, functions and
    classes are equal only to themselves.
    """
    expect_answered(got, checked)
    if same(got, expected, any_sequence):
        return
    raise CheckFailed(
        checked,
        got=describe(got),
        expected=describe(expected),
        cause=known_mistake(got, mistakes) or wrong_kind(got, expected, any_sequence) or cause,
        look=look,
    )


def expect_close(
    got: object,
    expected: Tensor | float,
    checked: str,
    *,
    mistakes: Mistakes = None,
    tolerance: float = 1e-5,
    cause: str | None = None,
    look: str | None = None,
) -> None:
    """Tensors (or numbers): type, shape, then values within `tolerance`, relative and absolute."""
    expect_answered(got, checked)
    right = tensor(expected)
    a, b = plain(got), plain(expected)
    if right is None:
        if type(a) is Tensor and a.ndim == 0:
            a = a.item()
        if type(a) not in (int, float):
            raise CheckFailed(
                checked, got=describe(got), cause=wrong_kind(got, expected) or cause, look=look
            )
        a, b = float(a), float(b)
        if abs(a - b) <= tolerance + tolerance * abs(b):
            return
        raise CheckFailed(
            checked,
            got=describe(got),
            expected=describe(expected),
            cause=_near_mistake(a, mistakes) or cause,
            look=look,
        )
    if type(a) is not Tensor:
        raise CheckFailed(
            checked, got=describe(got), expected="a tensor", cause=wrong_kind(got, b), look=look
        )
    if a.shape != b.shape:
        _wrong_shape(a, shape_of(b.shape), checked, _near_mistake(a, mistakes) or cause, look)
    difference = (a.double() - b.double()).abs()
    if bool((difference <= tolerance + tolerance * b.double().abs()).all()):
        return
    largest = f", largest difference {float(difference.max()):.3g}" if b.numel() > 1 else ""
    raise CheckFailed(
        checked,
        got=describe(got) + largest,
        expected=describe(expected),
        cause=_near_mistake(a, mistakes) or cause,
        look=look,
    )


def known_mistake(got: object, mistakes: Mistakes) -> str | None:
    return next((text for value, text in _pairs(mistakes) if same(got, value, True)), None)


def _near_mistake(got: Tensor | float, mistakes: Mistakes) -> str | None:
    for value, text in _pairs(mistakes):
        if isinstance(got, float):
            if type(value) in (int, float) and abs(got - value) <= 1e-6 + 1e-4 * abs(value):
                return text
            continue
        wrong = torch.as_tensor(value)
        if got.shape == wrong.shape and torch.allclose(got.double(), wrong.double(), 1e-4, 1e-6):
            return text
    return None


def _pairs(mistakes: Mistakes) -> Iterable[tuple[Any, str]]:
    return mistakes.items() if isinstance(mistakes, Mapping) else mistakes or ()


def expect_error(
    call: Callable[..., object], *args: object, checked: str, **kwargs: object
) -> None:
    """That a call raises anything but an unanswered stub."""
    try:
        result = call(*args, **kwargs)
    except AnswerRaised:
        return
    except CheckFailed:
        raise
    except Exception as error:
        if unanswered(error) or isinstance(error, Unreadable):
            raise
        return
    raise CheckFailed(
        checked,
        got=f"no exception; it returned {describe(result)}",
        expected="an exception",
        cause=_returned_error(result) or "a case that cannot work is answered all the same",
        look="where there is no right answer: raise, and do not catch what others raise",
    )


def _returned_error(result: object) -> str | None:
    kind = result if isinstance(result, type) else type(result)
    if not issubclass(kind, BaseException):
        return None
    return "the exception was returned, not raised: raise ValueError(...), without return"


def expect_raises(
    kind: type[BaseException] | tuple[type[BaseException], ...],
    call: Callable[..., object],
    *args: object,
    checked: str,
    cause: str | None = None,
    look: str | None = None,
    **kwargs: object,
) -> None:
    """That a call raises an exception of this type: Python's, a setup cell's, or the answer's own."""
    kinds = kind if isinstance(kind, tuple) else (kind,)
    expected = " or ".join(each.__name__ for each in kinds)
    try:
        result = call(*args, **kwargs)
    except kinds as error:
        if isinstance(error, CheckFailed) or unanswered(error):
            raise
        return
    except Exception as error:
        if isinstance(error, CheckFailed | Unreadable) or unanswered(error):
            raise
        raise CheckFailed(
            checked,
            got=name_of(error),
            expected=expected,
            cause=cause or likely_cause(error) or "an exception of another type comes first",
            look=look or "the exercise text: which case raises what",
        ) from None
    raise CheckFailed(
        checked,
        got=f"no exception; it returned {describe(result)}",
        expected=expected,
        cause=_returned_error(result)
        or cause
        or "the case is not looked for before the answer goes on",
        look=look or "the exercise text: which case raises what",
    )


def expect_calls(
    function: Callable[..., object],
    calls: Iterable[tuple[object, object]],
    checked: str | None = None,
    *,
    any_sequence: bool = False,
    mistakes: Mistakes = None,
    cause: str | None = None,
    look: str | None = None,
) -> None:
    """What an answer gives for each of many calls: pairs `(arguments, expected)`.

    Arguments are a tuple, a dict for those by name, or the only one. The first call that gives
    something else is told.
    """
    name = getattr(function, "__name__", "the answer")
    for given, expected in calls:
        args = given if isinstance(given, tuple) else () if isinstance(given, dict) else (given,)
        named = given if isinstance(given, dict) else {}
        shown = ", ".join([*map(describe, args), *(f"{k}={describe(v)}" for k, v in named.items())])
        expect_equal(
            function(*args, **named),
            expected,
            f"{checked}: {name}({shown})" if checked else f"{name}({shown})",
            any_sequence=any_sequence,
            mistakes=mistakes,
            cause=cause,
            look=look,
        )


def expect_shape(
    tensor: object,
    shape: Sequence[int],
    checked: str,
    *,
    mistakes: Mistakes = None,
    cause: str | None = None,
    look: str | None = None,
) -> None:
    """The shape of a tensor."""
    expect_answered(tensor, checked)
    value = plain(tensor)
    if type(value) is not Tensor:
        raise CheckFailed(
            checked,
            got=describe(tensor),
            expected="a tensor",
            cause=wrong_kind(tensor, torch.empty(0)) if IS_HERE else None,
            look=look,
        )
    if tuple(value.shape) != shape_of(shape):
        known = known_mistake(tuple(value.shape), mistakes)
        _wrong_shape(value, shape_of(shape), checked, known or cause, look)


def _wrong_shape(
    got: Tensor, shape: tuple[int, ...], checked: str, cause: str | None, look: str | None
) -> None:
    raise CheckFailed(
        checked,
        got=f"shape {tuple(got.shape)}",
        expected=f"shape {shape}",
        cause=cause or shape_cause(tuple(got.shape), shape),
        look=look,
    )


def shape_cause(got: tuple[int, ...], shape: tuple[int, ...]) -> str | None:
    if len(got) > len(shape) == 2:
        return "too many dimensions: is a Flatten missing?"
    if len(got) < len(shape):
        return "a dimension is gone: squeeze also removes a batch of one"
    return None
