"""Does a sample file become the submission it describes, with the verdict it names?"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import nbformat
import pytest
from tiny_course import NAME, POINTS, ROOT, make_course, run_python

from headcheck.authoring import release, samples
from headcheck.authoring.samples import SampleError
from headcheck.course.cells import grade_id_of, role_of
from headcheck.course.directory import Course

CLASS = ROOT / "tests" / "class"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A built course of one small lesson. Nobody grades in it, so tests may share it."""
    made = Course.open(make_course(tmp_path_factory.mktemp("course")))
    release.build(made.select()[0])
    return made


def sample(folder: Path, header: str = "", body: str = "", *, name: str = "sample.py"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'"""\nwhat: a sample\nlesson: {NAME}\n{header}\n"""\n\n{body}')
    return samples.read(path)


def submitted(course, tmp_path, header: str = "", body: str = ""):
    files = samples.compose(sample(tmp_path, header, body), course)
    return nbformat.reads(files[f"{NAME}.ipynb"].decode(), as_version=4)


def by_id(notebook):
    return {grade_id_of(cell): cell for cell in notebook.cells if grade_id_of(cell)}


# ---- answers ------------------------------------------------------------------------------------


def test_is_what_the_file_does_not_name_the_reference(course, tmp_path):
    cells = by_id(submitted(course, tmp_path, body="# %% seven\nseven = 8\n"))
    assert cells["seven"].source == "seven = 8"
    assert "return twice_as_much" in cells["double"].source
    assert "SOLUTION" not in cells["double"].source
    assert cells["why_twice"].source == samples.WRITTEN


def test_does_base_release_leave_the_stubs(course, tmp_path):
    cells = by_id(submitted(course, tmp_path, "base: release", "# %% seven\nseven = 7\n"))
    assert "is not answered yet" in cells["double"].source
    assert cells["seven"].source == "seven = 7"


def test_are_hidden_tests_never_handed_in(course, tmp_path):
    assert "secret_number" not in nbformat.writes(submitted(course, tmp_path))


def test_is_a_written_answer_text(course, tmp_path):
    cells = by_id(submitted(course, tmp_path, body="# %% why_twice\n# Because.\n#\n# So.\n"))
    assert cells["why_twice"].source == "Because.\n\nSo."


def test_may_an_answer_be_no_python(course, tmp_path):
    cells = by_id(submitted(course, tmp_path, body="# %% seven\nseven = (\n"))
    assert cells["seven"].source == "seven = ("


def test_do_added_cells_stand_where_the_title_says(course, tmp_path):
    body = "# %% before seven\na\n# %% after seven\nb\n# %% extra\nc\n"
    sources = [cell.source for cell in submitted(course, tmp_path, body=body).cells]
    at = sources.index("a")
    assert sources[at + 1].startswith("seven = ")
    assert (sources[at + 2], sources[-1]) == ("b", "c")


def test_do_extra_files_go_along(course, tmp_path):
    (tmp_path / "more" / "package").mkdir(parents=True)
    (tmp_path / "more" / "package" / "data.bin").write_bytes(b"\x00\x01")
    header = "files: {helper.py: 'x = 1'}\nfolder: more"
    files = samples.compose(sample(tmp_path, header), course)
    assert (files["helper.py"], files["package/data.bin"]) == (b"x = 1", b"\x00\x01")


def test_is_the_same_file_the_same_submission(course, tmp_path):
    one = sample(tmp_path, "damage: [duplicate double]", "# %% extra\n1\n")
    assert samples.compose(one, course) == samples.compose(one, course)


# ---- damage -------------------------------------------------------------------------------------


def damaged(course, tmp_path, order: str):
    return submitted(course, tmp_path, f"damage: [{order}]")


def test_does_delete_delete(course, tmp_path):
    assert "test_seven" not in by_id(damaged(course, tmp_path, "delete test_seven"))


@pytest.mark.parametrize("order", ["duplicate double", "split double"])
def test_do_copies_carry_the_same_grade_id(course, tmp_path, order):
    notebook = damaged(course, tmp_path, order)
    assert Counter(map(grade_id_of, notebook.cells))["double"] == 2
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)


def test_does_split_lose_no_line(course, tmp_path):
    whole = by_id(submitted(course, tmp_path))["double"].source
    halves = [
        cell.source
        for cell in damaged(course, tmp_path, "split double").cells
        if grade_id_of(cell) == "double"
    ]
    assert "\n".join(halves) == whole


def test_does_retype_change_the_kind(course, tmp_path):
    assert by_id(damaged(course, tmp_path, "retype double"))["double"].cell_type == "markdown"
    assert by_id(damaged(course, tmp_path, "retype why_twice"))["why_twice"].cell_type == "code"


def test_does_move_move_to_the_end(course, tmp_path):
    assert grade_id_of(damaged(course, tmp_path, "move double").cells[-1]) == "double"


def test_does_strip_take_the_metadata_and_leave_the_text(course, tmp_path):
    notebook = damaged(course, tmp_path, "strip seven")
    assert "seven" not in by_id(notebook)
    assert any(cell.source.startswith("seven = 7") for cell in notebook.cells)


def test_does_unclose_leave_no_python(course, tmp_path):
    source = by_id(damaged(course, tmp_path, "unclose double"))["double"].source
    with pytest.raises(SyntaxError):
        compile(source, "cell", "exec")


def test_does_truncate_leave_half_a_file(course, tmp_path):
    whole = samples.compose(sample(tmp_path), course)[f"{NAME}.ipynb"]
    half = samples.compose(sample(tmp_path, "damage: [truncate]"), course)[f"{NAME}.ipynb"]
    assert half == whole[: len(whole) // 2]


def test_does_rename_change_the_name_of_the_file(course, tmp_path):
    files = samples.compose(sample(tmp_path, "damage: ['rename my copy.ipynb']"), course)
    assert list(files) == ["my copy.ipynb"]


# ---- expected scores ----------------------------------------------------------------------------


def test_does_a_check_in_loses_get_nothing_and_all_others_everything(tmp_path):
    expected = sample(tmp_path, "loses: [test_seven]").expected(POINTS)
    assert expected == {"test_double": 2, "test_double_text": 1, "test_seven": 0}


def test_does_loses_all_lose_all(tmp_path):
    assert set(sample(tmp_path, "loses: all").expected(POINTS).values()) == {0}


def test_does_earns_name_a_score(tmp_path):
    expected = sample(tmp_path, "loses: all\nearns: {test_double: 0.5}").expected(POINTS)
    assert sum(expected.values()) == 0.5


def test_is_a_check_that_does_not_exist_an_error(tmp_path):
    with pytest.raises(SampleError, match="has no check test_eight; it has test_double"):
        sample(tmp_path, "loses: [test_eight]").expected(POINTS)


# ---- a mutant as edits of a variant ----------------------------------------------------------------

VARIANT = """# %% double
def double(x):
    twice = x + x
    return twice
"""


@pytest.fixture
def variant(tmp_path):
    sample(tmp_path / "variants" / NAME, "", VARIANT, name="plain.py")
    return tmp_path / "mutants" / NAME


def test_is_a_mutant_the_variant_with_its_edits(variant):
    header = "base: plain\nedits:\n- replace: x + x\n  with: x - x\n- replace: '    return twice'"
    made = sample(variant, header)
    assert made.cells == (("double", "def double(x):\n    twice = x - x\n"),)
    assert made.base == "reference"


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("base: plain\nedits:\n- replace: twice\n  with: y", "'twice' stands in its base 2 times"),
        ("base: plain\nedits:\n- replace: three", "stands in its base 0 times"),
        ("base: plain\nedits:\n- with: y", "a list of `replace"),
        ("base: plain", "a list of `replace"),
        ("edits:\n- replace: x", "`edits` are of a variant"),
        ("base: fancy", "there is no 'fancy'"),
    ],
)
def test_is_an_edit_that_does_not_fit_named(variant, header, message):
    with pytest.raises(SampleError, match=message):
        sample(variant, header)


# ---- what is wrong with a file ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\n", "must begin with a docstring"),
        ('"""\nwhat: x\n"""\n', "must say `lesson"),
        ('"""\nwhat: [\n"""\n', "cannot be read as YAML"),
        (f'"""\nwhat: x\nlesson: {NAME}\nlate: soon\n"""\n', "a duration such as 2 days"),
        (
            f'"""\nwhat: x\nlesson: {NAME}\nbase: half\n"""\n',
            "`base` is reference, release or a variant",
        ),
        (f'"""\nwhat: x\nlesson: {NAME}\nloses: some\n"""\n', "a list of checks, or all"),
    ],
)
def test_is_a_wrong_header_named(tmp_path, text, message):
    path = tmp_path / "wrong.py"
    path.write_text(text)
    with pytest.raises(SampleError, match=message) as error:
        samples.read(path)
    assert str(path) in str(error.value)


@pytest.mark.parametrize(
    ("header", "body", "message"),
    [
        ("", "# %% eight\n8\n", "has no cell eight; it has setup, double"),
        ("", "# %% instead of seven\n8\n", "is not understood"),
        ("damage: [burn seven]", "", "damage 'burn seven' is not known"),
        ("damage: [delete eight]", "", "has no cell eight"),
    ],
)
def test_is_a_file_that_does_not_fit_the_lesson_named(course, tmp_path, header, body, message):
    with pytest.raises(SampleError, match=message):
        submitted(course, tmp_path, header, body)


# ---- a whole class ------------------------------------------------------------------------------


@pytest.fixture
def small_class(tmp_path):
    folder = tmp_path / "class"
    for student, header in {"ada": "", "bo": "late: 3 hours"}.items():
        sample(folder, header, name=f"{student}/{NAME}.py")
    (folder / "due.yaml").write_text(f"{NAME}: 2026-10-05 18:00:00\n")
    return folder


def test_does_the_command_hand_in_a_class(tmp_path, small_class):
    from nbgrader.api import Gradebook
    from nbgrader.utils import parse_utc

    root = make_course(tmp_path / "course")
    release.build(Course.open(root).select()[0])
    done = run_python(root, "-m", "headcheck.authoring.samples", str(small_class), "submitted")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "2 submissions of 2 students are in submitted.\n"
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
        due = book.find_assignment(NAME).duedate
    handed_in = {
        student: parse_utc((root / "submitted" / student / NAME / "timestamp.txt").read_text())
        for student in ("ada", "bo")
    }
    assert handed_in["ada"] < due < handed_in["bo"]
    assert (handed_in["bo"] - due).total_seconds() == 3 * 3600


def test_does_a_second_call_replace_what_was_handed_in(course, tmp_path, small_class):
    place = tmp_path / "submitted"
    (place / "eve").mkdir(parents=True)
    (place / "eve" / "kept.txt").write_text("not ours")
    samples.compose_class(small_class, place, course)
    (place / "ada" / NAME / "old.txt").write_text("from before")
    samples.compose_class(small_class, place, course)
    files = sorted(p.relative_to(place).as_posix() for p in place.rglob("*") if p.is_file())
    both = [
        f"{student}/{NAME}/{name}"
        for student in ("ada", "bo")
        for name in (f"{NAME}.ipynb", "timestamp.txt")
    ]
    assert files == sorted([*both, "eve/kept.txt"])


def test_is_a_wrong_file_found_before_anything_is_handed_in(course, tmp_path, small_class):
    sample(small_class, body="# %% eight\n8\n", name=f"zoe/{NAME}.py")
    with pytest.raises(SampleError, match="has no cell eight"):
        samples.compose_class(small_class, tmp_path / "submitted", course)
    assert not (tmp_path / "submitted").exists()


def test_does_a_missing_release_say_to_build(tmp_path, small_class):
    root = make_course(tmp_path / "course")
    done = run_python(root, "-m", "headcheck.authoring.samples", str(small_class), "submitted")
    assert done.returncode == 2
    assert "run `headcheck build` first" in done.stderr


# ---- the real sample files ----------------------------------------------------------------------


def everything():
    """Every sample file of the project."""
    for name in ("class", "mutants", "variants"):
        yield from samples.read_folder(ROOT / "tests" / name)


def test_does_every_sample_file_fit_its_lesson():
    """Its header, its cells and the checks in `loses`: all exist in the lesson it names."""
    course = Course.open(ROOT)
    known = {lesson.name: release.reference(lesson).cells for lesson in course.lessons()}
    for one in everything():
        cells = {grade_id_of(cell): cell for cell in known[one.lesson]}
        points = {
            grade_id: float(cell.metadata.nbgrader.points)
            for grade_id, cell in cells.items()
            if grade_id and role_of(cell) == "check"
        }
        one.expected(points)
        for title, _ in one.cells:
            assert title == "extra" or title.split()[-1] in cells, f"{one.path}: {title}"


def test_are_there_ten_students_of_the_kinds_a_teacher_meets():
    students = samples.read_folder(CLASS)
    assert len({one.student for one in students}) >= 10
    assert {one.lesson for one in students} == set(samples.due_dates(CLASS))
    assert any(one.late for one in students)
    assert any(one.damage for one in students)
    assert any(one.base == "release" and one.loses is None for one in students)
    full = [s for s in students if s.loses == () and s.lesson.startswith("05") and s.cells]
    assert len(full) >= 2
