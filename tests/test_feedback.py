"""Does every student get back what is theirs, fresh, in the LMS's own form, and nothing that is secret?"""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest
from browser import chromium
from given_back import bundle, fault_of_ours, feedback, words
from lms_class import PATHS, PREFIX, SECRETS, copy_of, read_by_a_person
from test_grade import gradebook
from tiny_course import NAME, headcheck, run_python

from headcheck.course.directory import Course
from headcheck.desk.lms.collect import manifest_file, read_manifest
from headcheck.grading.record import load_record, save_record


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of(tmp_path_factory)(tmp_path_factory.mktemp("feedback"))


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Path:
    return copy_of(tmp_path_factory)(tmp_path)


def as_if_from(course: Path, preset: str, prefixes: Mapping[str, str]) -> None:
    """The manifest as another LMS's zip would have left it."""
    opened = Course.open(course)
    manifest = read_manifest(opened, NAME)
    for who, prefix in prefixes.items():
        changed = {"preset": preset, "prefix": prefix}
        manifest.students[who] = manifest.students[who].model_copy(update=changed)
    manifest_file(opened, NAME).write_text(manifest.model_dump_json())


MOODLE = {who: f"Some Body_12345{n}_assignsubmission_file_" for n, who in enumerate(PREFIX)}
SAKAI = {who: f"Double/Body, Some({who}0)/" for who in PREFIX}


# ---- what a page says ----------------------------------------------------------------------------


def test_is_the_way_to_the_mark_told_with_penalty_and_comment(course: Path) -> None:
    assert feedback(course) == 0
    said = words(bundle(course, "folders")["ada/feedback.html"])
    assert said.startswith("How do you double a number? Feedback for Ada Lovelace 2.75 of 6 ")
    assert "Automatic checks 4 / 4 Written answers 1.5 / 2" in said
    assert "Late penalty (1 day 23 hours late) −2.75" in said
    assert "You wrote Because x + x is 2 x. Comment Nearly: say why." in said
    assert "Not final" not in said


def test_does_a_student_learn_what_was_checked_and_that_a_test_was_hidden(course: Path) -> None:
    feedback(course)
    pages = bundle(course, "folders")
    bob = words(pages["bob/feedback.html"])
    assert "double hidden test 0 / 2 not right yet a hidden check: other numbers" in bob
    assert "seven 0 / 1 not right yet seven is 7" in bob
    assert "Comment on double Try it with 3." in bob
    assert "A &lt;b&gt;guess&lt;/b&gt;." in bob
    assert "1 of 6 so far Not final. One written answer is not read yet" in bob
    assert "your code raised ValueError there" in words(pages["cy/feedback.html"])
    assert "twice: written answer 0 / 2 not answered" in words(pages["dee/feedback.html"])


def test_is_what_could_not_be_graded_no_zero(course: Path) -> None:
    feedback(course)
    hal = words(bundle(course, "folders")["hal/feedback.html"])
    assert "no mark yet" in hal
    assert "is not a notebook" in hal
    assert "0 /" not in hal


def test_is_a_fault_of_ours_said_without_its_text(own: Path) -> None:
    fault_of_ours(own, "cy")
    feedback(own)
    page = words(bundle(own, "folders")["cy/feedback.html"])
    assert "One check could not be judged, by a fault of ours" in page
    assert "– / 2 not judged: a fault of ours" in page
    assert "grizzly" not in page


def test_is_a_page_always_of_the_marks_as_they_are_now(own: Path) -> None:
    feedback(own)
    before = words(bundle(own, "folders")["bob/feedback.html"])
    read_by_a_person(own, bob=2)
    (own / "dates.yaml").write_text(
        (own / "dates.yaml").read_text() + "accommodations: [{student: ada, days: 9}]\n"
    )
    feedback(own)
    after = bundle(own, "folders")
    assert "1 of 6 so far" in before
    assert "3 of 6 Automatic" in words(after["bob/feedback.html"])
    assert "5.5 of 6" in words(after["ada/feedback.html"])
    with closing(gradebook(own)) as gb:
        assert gb.find_submission(NAME, "ada").late_submission_penalty == 0


def test_can_the_lms_take_its_own_penalty_instead(course: Path) -> None:
    feedback(course, penalty=False)
    said = words(bundle(course, "folders")["ada/feedback.html"])
    assert "5.5 of 6" in said
    assert "penalty" not in said


def test_does_plain_nbgrader_make_a_page_again_when_a_mark_was_given(own: Path) -> None:
    page = own / "feedback" / "ada" / NAME / f"{NAME}.html"
    page.parent.mkdir(parents=True)
    page.write_text("the page of before: 0 points")
    done = run_python(own, "-m", "nbgrader", "generate_feedback", NAME, "--student", "ada")
    assert done.returncode == 0, done.stderr
    assert "the page of before" not in page.read_text()
    assert "2.75 / 6" in page.read_text()


# ---- what no page holds --------------------------------------------------------------------------


def leaks(course: Path) -> Iterator[str]:
    """Secrets of the course in any byte of the bundles, packed and unpacked."""
    files = [path for path in (course / "outbox").rglob("*") if path.is_file()]
    for path in files:
        data = path.read_bytes()
        texts = [data]
        if path.suffix == ".zip":
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                texts += [archive.read(name) for name in archive.namelist()]
        for text in texts:
            yield from (secret for secret in (*SECRETS, *PATHS) if secret.encode() in text)


def test_is_nothing_secret_in_any_byte_of_any_bundle(own: Path) -> None:
    for preset, prefixes in (("canvas", PREFIX), ("moodle", MOODLE), ("sakai", SAKAI)):
        as_if_from(own, preset, prefixes)
        assert feedback(own, preset) == 0
    assert feedback(own) == 0
    assert len(list((own / "outbox").rglob("*.zip"))) == 3
    assert not set(leaks(own))
    # Would it be found? What students see of a record is its message; the detail has it all.
    opened = Course.open(own)
    record = load_record(opened, "cy", NAME)
    assert record is not None
    assert "axolotl" in record.cells[0].detail
    told = record.cells[0].model_copy(update={"message": record.cells[0].detail})
    save_record(opened, record.model_copy(update={"cells": [told, *record.cells[1:]]}))
    feedback(own)
    assert "axolotl went wrong" in set(leaks(own))


@pytest.mark.parametrize("secret", ["line", "seed"])
def test_is_a_message_that_holds_a_secret_not_shown(own: Path, secret: str) -> None:
    opened = Course.open(own)
    record = load_record(opened, "bob", NAME)
    assert record is not None
    text = (
        "secret: quetzal_number = rng.randint(5, 50)" if secret == "line" else f"from {record.seed}"
    )
    told = record.cells[0].model_copy(update={"message": text})
    save_record(opened, record.model_copy(update={"cells": [told, *record.cells[1:]]}))
    feedback(own)
    page = bundle(own, "folders")["bob/feedback.html"].decode()
    assert text not in page
    assert "not shown here" in page


def test_is_another_gradings_message_left_out(own: Path) -> None:
    with closing(gradebook(own)) as gb:
        gb.find_grade("test_seven", NAME, NAME, "bob").auto_score = 1
        gb.db.commit()
    feedback(own)
    page = words(bundle(own, "folders")["bob/feedback.html"])
    assert "seven 1 / 1 passed" in page
    assert "seven is 7" not in page


# ---- the bundles ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lms", "prefixes", "name"),
    [
        ("canvas", PREFIX, "müllerbob_4712_90211_feedback.html"),
        ("moodle", MOODLE, "Some Body_123451_assignsubmission_file/feedback.html"),
        ("sakai", SAKAI, "Double/Body, Some(bob0)/Feedback Attachment(s)/feedback.html"),
    ],
)
def test_is_a_page_named_as_the_lms_takes_it_back(
    own: Path, lms: str, prefixes: Mapping[str, str], name: str
) -> None:
    as_if_from(own, lms, prefixes)
    assert feedback(own, lms) == 0
    files = bundle(own, lms)
    assert len(files) == len(prefixes)
    assert "Bob Müller" in words(files[name])


def test_is_somebody_without_a_place_in_the_lms_named(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    as_if_from(own, "moodle", {"bob": MOODLE["bob"]})
    assert feedback(own, "canvas") == 1
    assert "collected from Moodle, not from Canvas: bob" in capsys.readouterr().out
    assert len(bundle(own, "canvas")) == len(PREFIX) - 1
    as_if_from(own, "moodle", MOODLE)
    assert feedback(own, "sakai") == 1
    said = capsys.readouterr().out
    assert "no page\n" in said and "the page says so" not in said


def test_can_marks_that_are_not_final_be_held_back(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert feedback(own, hold_back=True) == 0
    assert set(bundle(own, "folders")) == {"ada/feedback.html", "dee/feedback.html"}
    assert "held back, their marks are not final: bob, cy, hal, jon" in capsys.readouterr().out


def test_do_the_others_stay_when_one_is_made_again(own: Path) -> None:
    feedback(own)
    shutil.rmtree(own / "outbox" / f"feedback-{NAME}" / "ada")
    feedback(own, "folders", "ada")
    assert len(bundle(own, "folders")) == len(PREFIX)


def test_does_the_command_line_say_what_it_would_do_and_write_nothing(own: Path) -> None:
    before = (own / "gradebook.db").read_bytes()
    done = headcheck(own, "feedback", NAME, "--for", "canvas", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "6 pages would go to" in done.stdout
    assert "Upload Submissions" in done.stdout
    assert "under the name of the file that was handed in" in done.stdout
    assert "Uploading twice makes two comments" in done.stdout
    assert not (own / "outbox").exists()
    assert (own / "gradebook.db").read_bytes() == before
    wrong = headcheck(own, "feedback", NAME, "--student", "nobody")
    assert wrong.returncode == 2
    assert "no student 'nobody'" in wrong.stderr


def test_is_a_page_good_on_a_phone_in_the_dark_and_without_the_network(course: Path) -> None:
    feedback(course)
    path = course / "outbox" / f"feedback-{NAME}" / "cy" / "feedback.html"
    assert not re.search(r"""(src|href)=|url\(|@import|https?:|<script""", path.read_text())
    with chromium() as browser:
        colours = set()
        for scheme in ("light", "dark"):
            page = browser.new_page(viewport={"width": 340, "height": 700}, color_scheme=scheme)
            page.goto(path.as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") <= 340
            colours.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        assert len(colours) == 2


def test_is_a_page_of_what_was_handed_in_before_said_or_held_back(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (own / "submitted" / "bob" / NAME / f"{NAME}.ipynb").write_text('{"cells": []}')
    feedback(own, "canvas")
    said = capsys.readouterr().out
    assert "handed in anew, and that is not graded yet; run `headcheck grade`: bob" in said
    assert "of what was handed in before" in said
    feedback(own, "canvas", hold_back=True)
    assert "bob" in capsys.readouterr().out.partition("held back")[2].partition("\n")[0]
