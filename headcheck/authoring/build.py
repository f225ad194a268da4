"""From a lesson's text to what students get: refused, made, tried, and only then put into notebooks/."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from headcheck.authoring import as_graded, release, verify
from headcheck.course.directory import Course, Lesson


def build(
    course: Course,
    lessons: Sequence[Lesson],
    *,
    trying: bool,
    draws: int,
    say: Callable[[str], None],
) -> list[str]:
    """Build what has changed; the problems, each one sentence. What has one stays as it was.

    `trying`: also run each lesson, answered and unanswered, as students and as the grader do.
    """
    stale = [lesson for lesson in lessons if not release.is_current(lesson)]
    wrong = {lesson.name: verify.contract(lesson) for lesson in stale}
    sound = [lesson for lesson in stale if not wrong[lesson.name]]
    problems = [problem for found in wrong.values() for problem in found]
    if trying:
        with release.made_aside(sound) as made:
            if made and made[0].made is not None:
                problems += verify.leaks(course, made[0].made.parent)
            fit = [*made, *(lesson for lesson in lessons if lesson not in stale)]
            if not problems:
                problems += as_graded.run(fit, draws=draws, say=say)
                fit = [lesson for lesson in fit if not _about(lesson, problems)]
                problems += verify.run(fit, say=say)
    for lesson in stale:
        if wrong[lesson.name] or _about(lesson, problems):
            say(f"{lesson.name}: NOT built")
        else:
            release.build(lesson)
            say(f"{lesson.name}: built")
    if stale:
        problems += [leak for leak in verify.leaks(course) if leak not in problems]
    if not problems and not stale:
        say(f"{len(lessons)} lessons: nothing changed")
    return problems


def _about(lesson: Lesson, problems: Sequence[str]) -> bool:
    return any(
        f"source/{lesson.name}/" in text or text.startswith(f"{lesson.name}: ") for text in problems
    )
