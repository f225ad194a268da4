"""How long a person waits: `headcheck review`, `todo` and formgrader's page, with 60 and with 500 students.

    python bench/review.py [STUDENTS ...]

A small lesson; what grows with the class is what is measured. Seconds.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from browser import chromium
from marked_course import NAME, QUESTION, marked_course
from serving import review
from test_formgrader import jupyter_lab

from headcheck.course.directory import Course
from headcheck.desk.todo import todo
from headcheck.grading.gradebook import ClassGradebook


def timed(what: str, do: Callable[[], object]) -> None:
    start = time.perf_counter()
    do()
    print(f"  {what:<52} {time.perf_counter() - start:7.2f}", flush=True)


def measure(folder: Path, students: int) -> None:
    print(f"{students} students")
    course = marked_course(folder / "course", students)
    timed("todo", lambda: todo(Course.open(course)))
    with review(course, NAME, QUESTION) as served:
        found = served.answers(NAME, QUESTION)
        ids = [one["id"] for one in found]
        query = f"assignment={NAME}&name={QUESTION}"
        timed("review: list of all answers", lambda: served.answers(NAME, QUESTION))
        some = ",".join(ids[:20])
        timed("review: 20 texts", lambda: served.ask(f"api/texts?{query}&ids={some}"))

        def every() -> None:
            for at in range(0, len(ids), 20):
                served.ask(f"api/texts?{query}&ids={','.join(ids[at : at + 20])}")

        timed("review: all texts", every)
        marking = {"id": ids[1], "seen": found[1]["mark"]}
        marking |= {"wanted": {"score": 1.0, "comment": "", "waits": False}}
        timed(
            "review: the first mark (copies the gradebook)", lambda: served.ask("api/mark", marking)
        )
        marking |= {"id": ids[2], "seen": found[2]["mark"]}
        timed("review: one mark more", lambda: served.ask("api/mark", marking))
        with chromium() as browser:
            page = browser.new_page()

            def look() -> None:
                page.goto(served.link)
                page.locator("article .text > *").first.wait_for()

            timed("review: the page in a browser, first answer shown", look)
    with jupyter_lab(course, folder) as address, chromium() as browser:
        page = browser.new_context(base_url=address).new_page()
        page.route("https://**", lambda route: route.abort())
        page.goto("/login?token=a-token")
        with closing(ClassGradebook(Course.open(course))) as gradebook:
            one = gradebook.gb.find_submission_notebook(NAME, NAME, "student-001").id

        def open_submission() -> None:
            page.goto(f"/formgrader/submissions/{one}/", wait_until="domcontentloaded")
            page.locator(f"#{QUESTION}").wait_for()

        def list_them() -> None:
            page.goto(f"/formgrader/gradebook/{NAME}/{NAME}")
            page.locator("tbody tr a").first.wait_for(timeout=600_000)

        timed("formgrader: one submission", open_submission)
        timed("formgrader: the list of submissions", list_them)


if __name__ == "__main__":
    for number in map(int, sys.argv[1:] or ["60", "500"]):
        with tempfile.TemporaryDirectory(prefix="bench-review-") as place:
            measure(Path(place), number)
