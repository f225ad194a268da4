"""Can two people of one group grade one course, each with an account of their own?"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hours import night
from ordinary_user import as_ordinary_user
from tiny_course import NAME, headcheck, make_course

from headcheck.authoring.samples import Sample, compose
from headcheck.course.directory import Course

GROUP = 12300
GRADE = ("-B", "-m", "headcheck.cli", "grade", "--engine", "nbgrader", "--force")


@pytest.fixture
def course() -> Iterator[Path]:
    """Built, with one submission; the group may write everything, as an admin would set it up."""
    if os.getuid() != 0:
        pytest.skip("needs root, to become two others")
    outside = Path(tempfile.mkdtemp())  # pytest's own folders are closed to others
    outside.chmod(0o755)
    made = make_course(outside / "course")
    with (made / "grader_config.py").open("a") as config:
        config.write("c.CourseDirectory.groupshared = True\n")
    assert headcheck(made, "build", "--no-verify").returncode == 0
    sample = Sample(made, "right", NAME, loses=())
    for name, data in compose(sample, Course.open(made)).items():
        path = made / "submitted" / "ada" / NAME / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    for path in [made, *made.rglob("*")]:
        shutil.chown(path, group=GROUP)
        path.chmod(0o2775 if path.is_dir() else 0o664)
    yield made
    shutil.rmtree(outside)


@night("by day two grade one course at once")
def test_what_one_of_a_group_has_graded_the_other_can_grade_again(course: Path) -> None:
    for user in (12301, 12302, 12301):
        done = as_ordinary_user(course, user, *GRADE, group=GROUP)
        assert done.returncode == 0, done.stdout + done.stderr
    ours = [path for path in course.rglob("*") if path.stat().st_uid != 0]
    assert ours and all(path.stat().st_mode & 0o020 for path in ours if not path.is_symlink())
