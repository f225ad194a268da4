"""Who handed in one file together: what is read once, and whose mark holds for everybody of the group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from headcheck.course.directory import Course
from headcheck.desk.lms.one_file import one_file
from headcheck.desk.review.texts import same_text
from headcheck.grading.by_hand import Answer


def together(course: Course, answers: Sequence[Answer]) -> list[tuple[Answer, ...]]:
    """Answers to one question, those of a group as one; else each alone.

    A group is who was collected with one file of the LMS. One of them who was graded from another file
    since, or has a mark or comment of their own, stands apart. Raises `CourseError` for a damaged
    manifest of `headcheck collect`.
    """
    found: dict[object, list[Answer]] = {}
    for of_one_file in _by_file(course, answers):
        for answer in of_one_file:
            alone = len(of_one_file) == 1
            key = answer.id if alone else (answer.mark, same_text(course, answer))
            found.setdefault((of_one_file[0].id, key), []).append(answer)
    return [tuple(group) for group in found.values()]


def _by_file(course: Course, answers: Sequence[Answer]) -> Iterable[list[Answer]]:
    found: dict[object, list[Answer]] = {}
    files = {
        lesson: one_file(course, lesson)
        for lesson in {answer.question.assignment for answer in answers}
    }
    for answer in answers:
        file = files[answer.question.assignment].get(answer.student, answer.id)
        found.setdefault((answer.question, file), []).append(answer)
    return found.values()
