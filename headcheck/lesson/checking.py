"""The frame around a check: whatever goes wrong inside becomes a message in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from headcheck.lesson.blame import call_in_check, error_text, is_stub, where_in_student_code
from headcheck.lesson.failures import (
    PLAIN,
    AnswerMissing,
    AnswerRaised,
    CheckFailed,
    NotAnswered,
    WriteItYourself,
)
from headcheck.lesson.forbid import forbidding

GREEN = "\x1b[32m"

# What the check that runs is about: `hidden` stands inside `checking` and has to know.
_exercise: ContextVar[str | None] = ContextVar("exercise", default=None)


@contextmanager
def checking(exercise: str, write_it_yourself: Sequence[str] = ()) -> Iterator[None]:
    """Wrap the body of a check cell: whatever goes wrong inside becomes a worded `CheckFailed`.

    `write_it_yourself` names library functions or classes ("fastai.vision.learner.create_head")
    that raise when they are called inside the block.
    """
    with forbidding(write_it_yourself):
        token = _exercise.set(exercise)
        try:
            yield
        except CheckFailed:
            raise
        except NotImplementedError as error:
            if is_stub(error):
                raise NotAnswered(exercise) from None
            raise _raised(exercise, error) from None
        except NameError as error:
            if error.name == exercise:
                raise _missing(exercise) from None
            raise _raised(exercise, error) from None
        except (Exception, SystemExit) as error:
            raise _raised(exercise, error) from None
        finally:
            _exercise.reset(token)
    print(f"{GREEN}✓ {exercise}{PLAIN}")


@contextmanager
def hidden(what: str) -> Iterator[None]:
    """Wrap hidden tests: a failure says `what` was tried, never the values behind it."""
    try:
        yield
    except (NotAnswered, WriteItYourself):
        raise
    except CheckFailed as failure:
        raise failure.concealed(what) from None
    except (Exception, SystemExit) as error:
        if is_stub(error):
            raise
        safe = AnswerRaised(
            f"a hidden check: {what}",
            cause=f"your code raised {type(error).__name__} there",
            look=where_in_student_code(error.__traceback__, _exercise.get())
            or "the options the exercise text lists: try each of them yourself, one at a time",
        )
        safe.detail = f"{type(error).__name__}: {error_text(error)}"
        raise safe from None


def _missing(exercise: str) -> CheckFailed:
    return AnswerMissing(
        f"{exercise} is not defined",
        cause="the answer cell was not run, or the name was changed",
        look="the answer cell above: run it first, and keep the name of the exercise",
    )


def _raised(exercise: str, error: BaseException) -> CheckFailed:
    place = where_in_student_code(error.__traceback__, exercise)
    call = call_in_check(exercise, error.__traceback__) or f"{exercise}: running the check"
    return AnswerRaised(
        f"{call} raised {type(error).__name__}",
        got=error_text(error) or None,
        look=place or "what the answer returns: is it what the exercise asks for?",
    )
