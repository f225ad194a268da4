"""Is the student edition all that a student needs, and nothing that they must not have?"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from hours import in_turn, night
from once import once
from tiny_course import NAME, ROOT, headcheck, make_course

from headcheck.authoring.bundle import badges, bundle, leaks, student_files
from headcheck.authoring.leaks import secrets_of
from headcheck.course.directory import Course, CourseError
from headcheck.done.notebook_file import read as read_notebook
from headcheck.done.table import verdict

SITE = Path(nbformat.__file__).parents[1]
WITHOUT_POSIX = ["fcntl", "grp", "pwd", "resource", "termios", "syslog", "posix", "pty", "tty"]


@pytest.fixture(scope="session")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The student edition of the real course."""
    return once(tmp_path_factory, "bundle", lambda place: _ignore(bundle(Course.open(ROOT), place)))


def _ignore(_: object) -> None:
    return None


@pytest.fixture(scope="session")
def installed(edition: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a new environment in which the wheel is, and of this one the libraries alone."""

    def make(place: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", place / "venv"], check=True)
        python = place / "venv" / "bin" / "python"
        wheel = next((edition / "body-and-head").glob("*.whl"))
        command = [sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", wheel]
        subprocess.run(command, check=True, capture_output=True)
        libraries = place / "libraries"  # all that is installed here, but for headcheck
        libraries.mkdir()
        for path in SITE.iterdir():
            if "headcheck" not in path.name and not path.name.endswith(".pth"):
                (libraries / path.name).symlink_to(path)
        own = next((place / "venv").glob("lib/python*/site-packages"))
        (own / "libraries.pth").write_text(f"{libraries}\n")

    return once(tmp_path_factory, "installed", make) / "venv" / "bin" / "python"


def run(python: Path, folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    command = [str(python), *map(str, arguments)]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=1000, env=environment
    )


def test_is_no_byte_of_it_a_solution_or_a_hidden_test(edition: Path) -> None:
    assert list(leaks(edition, secrets_of(Course.open(ROOT)))) == []


@pytest.mark.parametrize("place", ["README.md", "docs/more/notes.bin", "wheel", "notebook output"])
def test_is_a_planted_line_found(edition: Path, tmp_path: Path, place: str) -> None:
    folder = Path(shutil.copytree(edition / "body-and-head", tmp_path / "copy"))
    text = (ROOT / "source" / "05-create-head" / "05-create-head.py").read_text()
    (line,) = (
        line for line in text.splitlines(True) if "layers += LinBnDrop(" in line and "ReLU" in line
    )
    if place == "wheel":
        with zipfile.ZipFile(next(folder.glob("*.whl")), "a") as archive:
            archive.writestr("headcheck/lesson/extra.py", f"def f():\n{line}")
    elif place == "notebook output":
        path = folder / "notebooks" / "01-look-before-you-cut" / "01-look-before-you-cut.ipynb"
        notebook = nbformat.read(path, as_version=4)
        output = nbformat.v4.new_output("display_data", {"text/html": ["<p>\n", line, "</p>"]})
        next(c for c in notebook.cells if c.cell_type == "code").outputs = [output]
        nbformat.write(notebook, path)
    else:
        (folder / place).parent.mkdir(exist_ok=True)
        (folder / place).write_bytes(b"\xff\x00\n" + line.encode())
    (found,) = leaks(folder, secrets_of(Course.open(ROOT)))
    assert "05-create-head, create_head" in found


def test_has_the_wheel_only_what_notebooks_import(edition: Path) -> None:
    (wheel,) = (edition / "body-and-head").glob("headcheck-*+student-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        parts = {name.split("/")[1] for name in archive.namelist() if name.count("/") > 1}
        spec = archive.read("headcheck/heads/head_spec.py").decode()
    assert {part for part in parts if "." not in part} <= {"lesson", "heads", "done", "licenses"}
    assert "BatchNorm1d" not in spec and "fastai" in spec
    assert not any("grading" in path.parts or "authoring" in path.parts for path in student_files())


def test_does_every_link_lead_somewhere_in_it(edition: Path) -> None:
    from test_links import anchors, read

    folder = edition / "body-and-head"
    lost = []
    for page in [*folder.rglob("*.md"), *folder.rglob("*.ipynb")]:
        text = re.sub(r"(?s)```.*?```|`[^`\n]*`", "", read(page))
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            name, _, anchor = target.partition("#")
            there = (page.parent / name).resolve() if name else page
            if re.match(r"https?:", target):
                continue
            if not there.exists() or (anchor and anchor not in anchors(read(there))):
                lost.append(f"{page.name}: {target}")
    assert not lost


@in_turn
def test_are_two_bundles_the_same_bytes(edition: Path, tmp_path: Path) -> None:
    folder, archive = bundle(Course.open(ROOT), tmp_path)
    assert archive.read_bytes() == (edition / "body-and-head.zip").read_bytes()
    (folder / ".git").mkdir()
    (folder / ".git" / "HEAD").write_text("where it is published\n")
    bundle(Course.open(ROOT), tmp_path)  # again, over the first
    assert (folder / ".git" / "HEAD").read_text() == "where it is published\n"
    assert archive.read_bytes() == (edition / "body-and-head.zip").read_bytes()
    (folder / ".student-edition").unlink()
    with pytest.raises(CourseError, match="no student edition"):
        bundle(Course.open(ROOT), tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="bin/python")
@night("by day one head is judged by the installed package")
def test_do_the_checks_of_lessons_00_and_05_run_with_nothing_else(
    edition: Path, installed: Path
) -> None:
    where = "import headcheck, pathlib; print(pathlib.Path(headcheck.__file__).parents[1])"
    here = run(installed, edition, "-c", where).stdout.strip()
    assert here.startswith(str(installed.parents[1]))
    assert run(installed, edition, "-c", "import headcheck.grading").returncode != 0
    for lesson, said in [
        ("00-start-here", "not answered: count_children"),
        ("05-create-head", "create_head, step 1: the default head"),
    ]:
        path = edition / "body-and-head" / "notebooks" / lesson / f"{lesson}.ipynb"
        done = run(installed, edition, installed.parent / "headcheck", "check", path)
        assert done.returncode == 1, done.stderr
        assert said in done.stdout and "Traceback" not in done.stderr
        assert "is missing: run the cells" not in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="bin/python")
@in_turn
def test_is_a_right_head_right_and_a_wrong_one_wrong_without_the_graders_reference(
    edition: Path, installed: Path
) -> None:
    code = """
from headcheck import checking, expect_head, CheckFailed
from fastai.layers import AdaptiveConcatPool2d, Flatten, LinBnDrop
from fastai.vision.learner import create_head as fastai_head
from torch import nn
def mine(nf, n_out, p=0.5):
    return nn.Sequential(AdaptiveConcatPool2d(), Flatten(), *LinBnDrop(2*nf, 512, p=p/2, act=nn.ReLU()), *LinBnDrop(512, n_out, p=p))
FORBID = ["fastai.vision.learner.create_head"]
with checking("create_head", write_it_yourself=FORBID):
    expect_head(mine(16, 3), nf=16, n_out=3)
for wrong in (lambda: mine(16, 3, 0.6), lambda: fastai_head(16, 3), lambda: mine(16, 4)):
    try:
        with checking("create_head", write_it_yourself=FORBID):
            expect_head(wrong(), nf=16, n_out=3)
    except CheckFailed as failure:
        print("WRONG", str(failure).splitlines()[0])
"""
    done = run(installed, edition, "-c", code)
    assert done.stdout.count("WRONG") == 3 and "✓ create_head" in done.stdout, done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="bin/python")
@night("by day what the edition consists of")
def test_needs_nothing_that_a_notebook_imports_a_posix_system(
    edition: Path, installed: Path
) -> None:
    files = sorted(path.name for path in student_files())
    assert files
    code = f"""
import sys, torch, fastai.vision.learner, IPython.core.interactiveshell
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name in {WITHOUT_POSIX!r}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Missing())
for name in {WITHOUT_POSIX!r}:
    sys.modules[name] = None
import headcheck
for name in headcheck.__dict__["_MODULE_OF"]:
    getattr(headcheck, name)
import headcheck.done.check, headcheck.done.run_notebook
print("all there")
"""
    done = run(installed, edition, "-c", code)
    assert "all there" in done.stdout, done.stderr


# What Colab had early in 2026 and a course must not replace under a running notebook.
THERE = {
    "torch": "2.8.0+cu126",
    "torchvision": "0.23.0+cu126",
    "fastai": "2.8.4",
    "numpy": "2.0.2",
    "matplotlib": "3.10.0",
    "scikit-learn": "1.6.1",
    "ipython": "7.34.0",
}


@pytest.mark.skipif(sys.platform == "win32", reason="bin/python")
def test_stays_in_colab_what_is_there(edition: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    packages = next((tmp_path / "venv").glob("lib/python*/site-packages"))
    for name, version in THERE.items():
        folder = packages / f"{name.replace('-', '_')}-{version}.dist-info"
        folder.mkdir()
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        (folder / "METADATA").write_text(metadata)
        (folder / "RECORD").write_text("")
    before = {path.name for path in packages.iterdir()}
    wheel = next((edition / "body-and-head").glob("*.whl"))
    python = tmp_path / "venv" / "bin" / "python"
    command = [sys.executable, "-m", "pip", "--python", python, "install", "--no-index", wheel]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    after = {path.name for path in packages.iterdir()}
    assert before <= after
    assert {name.partition("-")[0] for name in after - before} == {"headcheck"}


def test_is_every_name_in_it_one_for_windows(edition: Path) -> None:
    with zipfile.ZipFile(edition / "body-and-head.zip") as archive:
        names = archive.namelist()
    assert len({name.lower() for name in names}) == len(names)
    reserved = {
        "con",
        "prn",
        "aux",
        "nul",
        *(f"{port}{n}" for port in ("com", "lpt") for n in range(10)),
    }
    for name in names:
        assert len(name) < 150 and name.isascii() and not re.search(r'[<>:"\\|?*]', name)
        for part in name.split("/"):
            assert part.partition(".")[0].lower() not in reserved and part.rstrip(". ") == part


@in_turn
def test_are_badges_there_only_when_the_repository_is_known(edition: Path, tmp_path: Path) -> None:
    first = edition / "body-and-head" / "notebooks" / "01-look-before-you-cut"
    assert "colab" not in (first / "01-look-before-you-cut.ipynb").read_text("utf-8")
    course = make_course(tmp_path / "course")
    assert headcheck(course, "build", "--no-verify").returncode == 0
    shutil.copytree(ROOT / "student", course / "student")
    for name in ("LICENSE", "pyproject.toml"):
        shutil.copy(ROOT / name, course)
    setting = 'repository = "https://github.com/somebody/course"\nhand_in = "By letter."\n'
    (course / "student" / "bundle.toml").write_text(setting)
    folder, _ = bundle(Course.open(course), tmp_path / "out")
    notebook = json.loads((folder / "notebooks" / NAME / f"{NAME}.ipynb").read_text("utf-8"))
    title = "".join(notebook["cells"][0]["source"])
    assert f"github/somebody/course/blob/main/notebooks/{NAME}/{NAME}.ipynb" in title
    assert "By letter." in (folder / "README.md").read_text("utf-8")
    file = read_notebook(folder / "notebooks" / NAME / f"{NAME}.ipynb")
    assert file.handed_out and verdict(file, [], {})[-1] == "By letter."  # progress() says it
    (course / "student" / "bundle.toml").write_text("repositry = 1\n")
    with pytest.raises(CourseError, match="repositry"):
        bundle(Course.open(course), tmp_path / "out")


def test_do_the_badges_name_the_notebook() -> None:
    links = re.findall(r"\]\((\S+)\)", badges("https://github.com/a/b/", "notebooks/x/x.ipynb"))
    assert len(links) == 3 and all("notebooks/x/x.ipynb" in link for link in links)


def test_does_each_notebook_say_what_to_install_where_the_package_is_missing(edition: Path) -> None:
    for path in (edition / "body-and-head" / "notebooks").glob("*/*.ipynb"):
        first = next(c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code")
        code = f"import sys; sys.modules['headcheck'] = None\n{first.source}"
        code = code.replace('importlib.util.find_spec("headcheck") is None', "True")
        done = run(Path(sys.executable), path.parent, "-c", code)
        (line,) = [text for text in done.stdout.splitlines() if text.startswith("%pip install ")]
        assert (path.parent / line.split()[-1]).is_file(), done.stderr
