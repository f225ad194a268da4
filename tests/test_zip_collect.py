"""Do nbgrader's own collecting and exporting work with the LMSs' names and tables?"""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from lms_class import copy_of
from nbgrader.plugins import FileNameCollectorPlugin
from test_export import CANVAS, COLUMN, cells
from tiny_course import NAME, make_course, run_python
from traitlets.config import Config

from headcheck.zip_collect import LmsNames

STUDENTS = "id,first_name,last_name,email,canvas_id,login\nada,Ada,Lovelace,,4711,alov\nbob,Bob,Müller,,4712,bmue\n"


@pytest.fixture
def collector(tmp_path: Path) -> FileNameCollectorPlugin:
    (tmp_path / "students.csv").write_text(STUDENTS)
    config = Config()
    config.CourseDirectory.root = str(tmp_path)
    return LmsNames(config=config)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"all/lovelaceada_LATE_4711_90_{NAME}-1.ipynb", ("ada", None)),
        (f"all/Bob Müller_77_assignsubmission_file/{NAME}.ipynb", ("bob", None)),
        (f"all/Bob Müller_77_assignsubmission_file_{NAME}.ipynb", ("bob", None)),
        (f"all/1-2 - Ada Lovelace - Nov 20, 2026 958 PM/{NAME}.ipynb", ("ada", "2026-11-20")),
        (f"all/Essay/Lovelace, Ada(alov)/Submission attachment(s)/{NAME}.ipynb", ("ada", None)),
        (f"all/Bob Müller_77_assignfeedback_file/{NAME}.ipynb", None),
        (f"all/somebody_4799_90_{NAME}.ipynb", None),
        ("all/lovelaceada_4711_90_helper.py", None),
        (f"all/{NAME}.ipynb", None),
    ],
)
def test_does_the_collector_read_names_as_headcheck_does(
    collector: FileNameCollectorPlugin, path: str, expected: tuple[str, str | None] | None
) -> None:
    found = collector.collect(f"/course/downloaded/{NAME}/extracted/{path}")
    if expected is None:
        assert found is None
    else:
        assert found is not None
        assert (found["student_id"], found["file_id"]) == (expected[0], f"{NAME}.ipynb")
        assert found.get("timestamp", "")[:10] == (expected[1] or "")


def test_does_nbgrader_collect_with_the_two_plugins(tmp_path: Path) -> None:
    course = make_course(tmp_path / "course")
    (course / "students.csv").write_text(STUDENTS)
    archive = course / "downloaded" / NAME / "archive" / "submissions.zip"
    archive.parent.mkdir(parents=True)
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr(f"lovelaceada_4711_90210_{NAME}.ipynb", "{}")
        out.writestr(f"müllerbob_LATE_4712_90211_{NAME}-2.ipynb", "[]")
        out.writestr("../../outside.ipynb", "{}")
    plugins = ["extractor_plugin=headcheck.zip_collect.SafeExtractor"]
    plugins += ["collector_plugin=headcheck.zip_collect.LmsNames"]
    options = [f"--ZipCollectApp.{plugin}" for plugin in plugins]
    done = run_python(course, "-m", "nbgrader", "zip_collect", NAME, *options)
    assert done.returncode == 0, done.stderr
    assert "leads out of the folder" in done.stderr
    files = sorted(
        p.relative_to(course / "submitted").as_posix() for p in course.glob("submitted/*/*/*")
    )
    assert files == [f"{who}/{NAME}/{NAME}.ipynb" for who in ("ada", "bob")]
    assert not list(tmp_path.rglob("outside.ipynb"))


def test_does_nbgrader_export_fill_in_canvass_table(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    graded_class = copy_of(tmp_path_factory)(tmp_path)
    (graded_class / "Grades.csv").write_text(CANVAS)
    options = ["--exporter=headcheck.export.Canvas", "--Canvas.template=Grades.csv"]
    done = run_python(
        graded_class,
        "-m",
        "nbgrader",
        "export",
        *options,
        "--to",
        "out.csv",
        "--student",
        '["ada"]',
    )
    assert done.returncode == 0, done.stderr
    assert cells((graded_class / "out.csv").read_bytes(), COLUMN)["4711"] == "2.75"
    bad = run_python(graded_class, "-m", "nbgrader", "export", "--exporter=headcheck.export.Moodle")
    assert bad.returncode == 2
    assert "--template FILE" in bad.stderr
    assert "Traceback" not in bad.stderr
