"""Gradescope's `results.json` for one student: one test for each check and written answer.

Students read it there, so it holds what their feedback page holds and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from headcheck.desk.feedback import LessonShown, Row, Section, sections_of
from headcheck.grading.marks import Marked
from headcheck.grading.openness import still_open
from headcheck.grading.record import Record

STAFF = "Autograder failed, tell the course staff. You have lost no points by it."


def results_json(
    shown: LessonShown,
    marked: Marked,
    record: Record | None,
    own: Mapping[str, str],
    hidden: frozenset[str],
    *,
    penalty: bool,
) -> bytes:
    """`hidden`: checks that hold hidden tests; what they say comes with the published grades."""
    still = still_open(marked)
    tests = list(_tests(sections_of(shown, marked, record, own), hidden))
    data: dict[str, Any] = {
        "output": f"{shown.title}. {_standing(still.no_mark, still.final)}",
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "stdout_visibility": "hidden",
        "tests": tests,
        "extra_data": {
            "lesson": marked.lesson,
            "late_penalty": marked.penalty if penalty else 0.0,
            "seconds_late": marked.seconds_late,
            "final": still.final,
        },
    }
    if not still.no_mark:
        data["score"] = round(marked.mark(penalty=penalty), 2)
    if record is not None:
        data["execution_time"] = round(record.seconds)
    return (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode()


def _standing(no_mark: bool, final: bool) -> str:
    if no_mark:
        return STAFF
    return "" if final else "Not final: something waits to be read by a person."


def _tests(sections: Iterable[Section], hidden: frozenset[str]) -> Iterable[dict[str, Any]]:
    number = 0
    for section in sections:
        for row in section.rows:
            number += 1
            test: dict[str, Any] = {
                "number": str(number),
                "name": f"{row.name}: {row.aspect}" if row.aspect else row.name,
                "max_score": row.most,
                "output": STAFF if row.outcome == "grader-error" else _output(row),
                "tags": [row.outcome],
                "visibility": "after_published" if row.grade_id in hidden else "visible",
            }
            if row.state != "open":
                test["score"] = row.score
                # A person's mark makes no check pass: the points say what counts.
                passed = row.outcome == "passed" if row.state == "hand" else row.score >= row.most
                if row.outcome != "not-judged":
                    test["status"] = "passed" if passed else "failed"
            if row.outcome == "grader-error":
                test["visibility"] = "visible"
            yield test
        for answer, comment in section.comments:
            yield {"name": f"comment on {answer}", "output": comment, "visibility": "visible"}


def _output(row: Row) -> str:
    facts = [f"  {label}: {text}" for label, text in row.facts]
    parts = [row.said, row.message, *facts, row.table, row.comment and f"Comment: {row.comment}"]
    return "\n".join(part for part in parts if part)
