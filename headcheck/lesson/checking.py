"""The frame around a check: whatever goes wrong inside becomes a message in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from headcheck.lesson.blame import (
    call_in_check,
    error_text,
    line_below,
    name_of,
    row_for,
    where_in_student_code,
)
from headcheck.lesson.failures import (
    PLAIN,
    AnswerMissing,
    AnswerRaised,
    CheckFailed,
    NotAnswered,
    Unreadable,
    WriteItYourself,
)
from headcheck.lesson.forbid import forbidding
from headcheck.lesson.left_over import left_over
from headcheck.lesson.stub import unanswered

T = TypeVar("T")
GREEN = "\x1b[32m"
LATER = "  (hidden tests follow when it is graded)"

# What the check that runs is about: `hidden` stands inside `checking` and has to know.
_exercise: ContextVar[str | None] = ContextVar("exercise", default=None)
_hidden_tests: ContextVar[list[str] | None] = ContextVar("hidden_tests", default=None)
# How often each thing that was checked has failed, in this notebook.
_failures: Counter[tuple[str, str]] = Counter()


def exercise_now() -> str | None:
    """The exercise that is being checked."""
    return _exercise.get()


@contextmanager
def checking(
    exercise: str,
    write_it_yourself: Sequence[str] = (),
    *,
    step: str | None = None,
    instead: str | None = None,
    more: bool = True,
) -> Iterator[None]:
    """Wrap the body of a check cell: whatever goes wrong inside becomes a worded `CheckFailed`.

    `write_it_yourself` names library functions or classes ("fastai.vision.learner.create_head")
    that raise when they are called inside the block; `instead` is the sentence for that, where the
    names alone would not say what is wrong. `step` is told in praise, for exercises with several
    checks. `more=False`: no hidden tests belong to this check. No verdict depends on `left_over`: it
    is about what a student sees in the notebook.
    """
    old = left_over(exercise)
    if old:
        print(f"! The cell that you ran last for {exercise} {old}: mend it, and run it again.")
        print("  What is checked here is what it defined before, if anything.")
    with forbidding(write_it_yourself):
        token, here = _exercise.set(exercise), _hidden_tests.set([])
        try:
            yield
            all_tests = not more or bool(_hidden_tests.get())
        except WriteItYourself as failure:
            raise (WriteItYourself(sentence=instead) if instead else failure) from None
        except CheckFailed as failure:
            _failures[exercise, failure.checked] += 1
            failure.times = _failures[exercise, failure.checked]
            raise
        except NameError as error:
            if error.name == exercise:
                raise _missing(exercise) from None
            raise _raised(exercise, error) from None
        except KeyboardInterrupt as stop:
            raise _stopped(exercise, stop) from None
        except (Exception, SystemExit) as error:
            stub_of = unanswered(error)
            if stub_of:
                raise NotAnswered(stub_of, above=line_below(error.__traceback__)) from None
            raise _raised(exercise, error) from None
        finally:
            _exercise.reset(token)
            _hidden_tests.reset(here)
    part = f", {step}" if step else ""
    passed = (
        f"○ {exercise}{part}: the earlier one passes"
        if old
        else f"{GREEN}✓ {exercise}{part}{PLAIN}"
    )
    print(passed + ("" if all_tests else LATER))


@contextmanager
def hidden(what: str) -> Iterator[None]:
    """Wrap hidden tests: a failure says `what` was tried, never the values behind it."""
    if (tests := _hidden_tests.get()) is not None:
        tests.append(what)
    try:
        yield
    except (NotAnswered, WriteItYourself):
        raise
    except CheckFailed as failure:
        raise failure.concealed(what) from None
    except (Exception, SystemExit) as error:
        if unanswered(error):
            raise
        if isinstance(error, Unreadable):
            raise _unreadable(what, error).concealed(what) from None
        kind = name_of(error)
        row = row_for(error)
        safe = AnswerRaised(
            f"a hidden check: {what}",
            cause=f"your code raised {kind} there" + (f": {row.sentence}" if row else ""),
            look=where_in_student_code(error.__traceback__, _exercise.get())
            or (row.look if row else None)
            or "the options the exercise text lists: try each of them yourself, one at a time",
        )
        safe.detail = f"{type(error).__name__}: {error_text(error)}"
        raise safe from None


def once_answered(show: Callable[[], T]) -> T | None:
    """What `show` returns; one line, and None, while an answer that it needs is still missing."""
    try:
        return show()
    except NotImplementedError as error:
        exercise = unanswered(error)
        if exercise is None:
            raise
        print(NotAnswered(exercise, above=line_below(error.__traceback__)))
        return None


def _unreadable(exercise: str, error: Unreadable) -> CheckFailed:
    return AnswerRaised(
        f"{exercise}: what the answer hands back",
        cause=error.sentence,
        look="what the exercise text asks for, and nothing around it",
    )


def _missing(exercise: str) -> CheckFailed:
    return AnswerMissing(
        f"{exercise} is not defined",
        cause="the answer cell was not run or stops with an error, or the name was changed",
        look="the answer cell above: run it first, and keep the name of the exercise",
    )


def _stopped(exercise: str, stop: KeyboardInterrupt) -> CheckFailed:
    return AnswerRaised(
        f"{exercise}: stopped before it was done (KeyboardInterrupt)",
        cause="a loop in it never ends, or it takes long",
        look=where_in_student_code(stop.__traceback__, exercise)
        or "every loop of the answer: what makes it end?",
    )


def _raised(exercise: str, error: BaseException) -> CheckFailed:
    place = where_in_student_code(error.__traceback__, exercise)
    call = call_in_check(exercise, error.__traceback__)
    if isinstance(error, Unreadable):
        return _unreadable(exercise, error)
    text, row = error_text(error), row_for(error)
    cause = row.sentence if row else None
    if place is None and call and text.endswith("object is not callable"):
        return _given_away(exercise, text)
    if place is None and text.startswith(f"{exercise}() "):  # takes, is missing, got an unexpected
        cause = (
            f"{exercise} has another first line than the exercise gave it: leave its first line as it was, def "
            "or class, the name and the arguments"
        )
    if call or place:
        checked = f"{call or exercise} raised {name_of(error)}"
    else:
        checked = f"{exercise}: the check cannot go on with what came back ({name_of(error)})"
    return AnswerRaised(
        checked,
        got=text or None,
        cause=cause,
        look=place
        or (row.look if row else None)
        or "what the answer returns or leaves behind: is it what the exercise asks for?",
    )


def _given_away(exercise: str, text: str) -> CheckFailed:
    return AnswerRaised(
        f"{exercise} can be called",
        got=text.removesuffix(" is not callable"),
        cause=f"the name was given to something else: {exercise} = … in a cell of yours, or in the answer cell",
        look=f"what you try out: give it another name than {exercise}, and run the answer cell again",
    )
