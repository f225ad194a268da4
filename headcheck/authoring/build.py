"""From a lesson's text to what students get: refused, made, tried, and only then put into notebooks/."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from headcheck.authoring import as_graded, form, release, verify
from headcheck.course.counted import counted
from headcheck.course.directory import Course, Lesson
from headcheck.grading.changed_cells import Changes, carry_out, find_changes


def build(
    course: Course,
    lessons: Sequence[Lesson],
    *,
    trying: bool,
    draws: int,
    in_kernel: bool = True,
    migrating: bool = False,
    say: Callable[[str], None],
) -> list[str]:
    """Build what has changed; the problems, each one sentence. What has one stays as it was.

    `trying`: also run each lesson, answered and unanswered, as the grader does, and, `in_kernel`, as
    students do.
    `migrating`: where graded cells have changed, the marks that there are follow (`changed_cells`).
    """
    stale = [lesson for lesson in lessons if not release.is_current(lesson)]
    wrong = {lesson.name: verify.contract(lesson) for lesson in stale}
    changes = {
        lesson.name: find_changes(course, lesson.name, release.reference(lesson))
        for lesson in stale
        if not wrong[lesson.name]
    }
    for name, found in changes.items():
        if not found.none and not migrating:
            wrong[name] = [_before_migrating(found)]
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
                problems += verify.run(fit, say=say) if in_kernel else []
    for lesson in stale:
        if wrong[lesson.name] or _about(lesson, problems):
            say(f"{lesson.name}: NOT built")
        else:
            if not changes[lesson.name].none:
                with release.made_aside([] if trying else [lesson]):
                    pass  # so that nothing but the marks is left to go wrong
                _migrate(course, lesson, changes[lesson.name], say)
            release.build(lesson)
            say(f"{lesson.name}: built")
            if lacks := list(form.missing(release.reference(lesson).cells)):
                say(
                    f"  of the form that lessons have (docs/authoring.md) it lacks: {'; '.join(lacks)}"
                )
    if stale:
        problems += [leak for leak in verify.leaks(course) if leak not in problems]
    if not problems and not stale:
        say(f"{counted(len(lessons), 'lesson')}: nothing changed")
    return problems


def _before_migrating(changes: Changes) -> str:
    lines = "\n".join(f"  {line}" for line in changes.told)
    return (
        f"{changes.lesson}: its graded cells have changed, and the gradebook has "
        f"{counted(changes.submissions, 'submission')} of it:\n{lines}\n"
        '  A cell that only has another name now says so in its line: was="the_old_name". Nothing is '
        f"changed yet. `headcheck build {changes.lesson} --migrate` copies the gradebook and does this."
    )


def _migrate(course: Course, lesson: Lesson, changes: Changes, say: Callable[[str], None]) -> None:
    for path in carry_out(course, changes, release.reference(lesson)):
        say(f"{lesson.name}: what was there is kept in {path.relative_to(course.root)}")
    for line in changes.told:
        say(f"{lesson.name}: {line}")
    say(
        f"{lesson.name}: {counted(changes.submissions, 'submission')} to be graded again: `headcheck regrade "
        f"{lesson.name} --preview` says whose mark would move, `headcheck grade {lesson.name}` does it"
    )


def _about(lesson: Lesson, problems: Sequence[str]) -> bool:
    return any(
        f"source/{lesson.name}/" in text or text.startswith(f"{lesson.name}: ") for text in problems
    )
