"""`headcheck bundle`: everything a student needs, and nothing else, as a folder and as one zip.

The notebooks as they are released, the pages that they link to, and `headcheck` as a wheel of the
modules that notebooks import. Where the grader has its reference, the wheel has a file that asks
fastai (`student/head_spec.py`). The same course gives the same bytes.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat

import headcheck
from headcheck import versions
from headcheck.authoring.leaks import Secrets, secrets_of
from headcheck.authoring.made_folder import put
from headcheck.course.directory import Course, CourseError
from headcheck.course.named_file import write_named
from headcheck.references import REFERENCES

PACKAGE = Path(headcheck.__file__).parent
WHEN = (2020, 1, 1, 0, 0, 0)  # in the zip: the same files, the same bytes
EPOCH = "1577836800"  # the same moment for setuptools
LIST = ".student-edition"  # what of the folder is made, and so replaced
STUDENTS_VERSION = f"{headcheck.__version__}+student"
NOT_FOUND = '"headcheck"]'  # how the first cell of a lesson ends its list of wheels


@dataclass(frozen=True)
class Settings:
    """What a course says of its student edition, in `[tool.headcheck.bundle]` of bundle.toml."""

    repository: str = ""  # https://github.com/owner/name, where the folder is published
    hand_in: str = "Your course says where."


def settings_of(course: Course) -> Settings:
    """Read `student/bundle.toml`. Raises `CourseError` for a key that nobody knows."""
    path = course.root / "student" / "bundle.toml"
    if not path.exists():
        return Settings()
    try:
        return Settings(**tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, TypeError) as error:
        raise CourseError(
            f'student/bundle.toml: {error}; it may have repository = "https://..." and hand_in = "...".'
        ) from None


def bundle(course: Course, into: Path) -> tuple[Path, Path]:
    """Make the student edition below `into`: (folder, zip). Raises `CourseError`.

    Of an earlier bundle there, what it made is replaced; another folder of that name is refused.
    """
    settings = settings_of(course)
    folder = into / "body-and-head"
    if folder.exists() and not (folder / LIST).exists():
        raise CourseError(f"{folder} is there and is no student edition; move it away.")
    with tempfile.TemporaryDirectory(prefix="headcheck-bundle-") as aside:
        made = Path(aside) / folder.name
        made.mkdir()
        wheel = student_wheel(course, made)
        _notebooks(course, made, settings, wheel.name)
        _pages(course, made)
        _texts(course, made, settings, wheel.name)
        found = list(leaks(made, secrets_of(course)))
        if found:
            raise CourseError(f"the student edition would show {found[0]}; it was not made.")
        put(made, folder, LIST)
        archive = into / f"{folder.name}.zip"
        write_named(archive.absolute(), _zip(made))
    return folder, archive


# ---- what goes in -------------------------------------------------------------------------------


def _notebooks(course: Course, folder: Path, settings: Settings, wheel: str) -> None:
    for lesson in course.lessons():
        if not lesson.release.exists():
            raise CourseError(f"{lesson.name} is not built yet; run `headcheck build` first.")
        for path in sorted(lesson.release_folder.rglob("*")):
            name = path.relative_to(course.release_root)
            if path.is_file() and ".ipynb_checkpoints" not in name.parts:
                target = folder / "notebooks" / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
        if settings != Settings():
            at = folder / "notebooks" / lesson.release.relative_to(course.release_root)
            _at_home(at, folder, settings, wheel)


def _at_home(path: Path, folder: Path, settings: Settings, wheel: str) -> None:
    """What the course says of itself: badges below the title and where the wheel is to be had, where to hand in."""
    notebook = nbformat.read(path, as_version=4)
    if settings.repository:
        where = path.relative_to(folder).as_posix()
        title, _, rest = notebook.cells[0].source.partition("\n")
        notebook.cells[0].source = f"{title}\n\n{badges(settings.repository, where)}\n{rest}"
        address = f"{settings.repository.rstrip('/')}/raw/main/{wheel}"
        for cell in notebook.cells[:3]:
            if "headcheck-*.whl" in cell.source:
                cell.source = cell.source.replace(NOT_FOUND, f'"{address}"]')
    if settings.hand_in != Settings.hand_in:
        notebook.metadata.setdefault("headcheck", {})["hand_in"] = settings.hand_in
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")


def badges(repository: str, notebook: str) -> str:
    """Links that open a notebook of a GitHub repository in Colab, Kaggle and Binder."""
    name = repository.rstrip("/").removeprefix("https://github.com/")
    return " · ".join(
        [
            f"[Open in Colab](https://colab.research.google.com/github/{name}/blob/main/{notebook})",
            f"[Kaggle](https://kaggle.com/kernels/welcome?src={repository.rstrip('/')}/blob/main/{notebook})",
            f"[Binder](https://mybinder.org/v2/gh/{name}/main?labpath={notebook})",
        ]
    )


LINK = re.compile(r"""\]\(([^)\s#]+)[^)]*\)|(?:href|src)="([^"#]+)["#]""")


def _pages(course: Course, folder: Path) -> None:
    """Every file of docs/ that a notebook links to, and what those link to."""
    waiting = [path for path in folder.rglob("*.ipynb")]
    waiting.append(folder / "README.md")
    seen: set[Path] = set()
    while waiting:
        page = waiting.pop()
        text = page.read_text(encoding="utf-8") if page.exists() else ""
        for found in LINK.finditer(text):
            link = found[1] or found[2]
            if "://" in link or link.startswith("mailto:"):
                continue
            target = Path(os.path.normpath(page.parent / link))
            name = Path(os.path.relpath(target, folder))
            original = course.root / name
            if name.parts[:1] != ("docs",) or target in seen or not original.is_file():
                continue
            seen.add(target)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(original, target)
            if target.suffix == ".md":
                waiting.append(target)


def _texts(course: Course, folder: Path, settings: Settings, wheel: str) -> None:
    own = course.root / "student"
    lessons = [_title(lesson.release) for lesson in course.lessons()]
    rows = [
        f"- [{title}](notebooks/{lesson.name}/{lesson.name}.ipynb)"
        for title, lesson in zip(lessons, course.lessons(), strict=True)
    ]
    readme = (own / "README.md").read_text(encoding="utf-8")
    readme = readme.replace("LESSONS\n", "\n".join(rows) + "\n").replace(
        "HAND_IN", settings.hand_in
    )
    _write(folder / "README.md", readme)
    _write(folder / "requirements.txt", "\n".join([f"./{wheel}", "jupyterlab>=4.2"]) + "\n")
    conda = ["name: body-and-head", "channels: [conda-forge]", "dependencies:", "  - python=3.11"]
    conda += ["  - pip", "  - pip:", "      - -r requirements.txt"]
    _write(folder / "environment.yml", "\n".join(conda) + "\n")
    shutil.copyfile(course.root / "LICENSE", folder / "LICENSE")
    for page in ("answer.md", "cheatsheet.md", "glossary.md"):
        if (course.root / "docs" / page).is_file() and not (folder / "docs" / page).exists():
            (folder / "docs").mkdir(exist_ok=True)
            shutil.copyfile(course.root / "docs" / page, folder / "docs" / page)
    _pages(course, folder)


def _title(release: Path) -> str:
    first = nbformat.read(release, as_version=4).cells[0].source
    return first.splitlines()[0].lstrip("# ")


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


# ---- the wheel ----------------------------------------------------------------------------------


def student_files() -> list[Path]:
    """The modules that notebooks import, as files of this package; the reference is not among them."""
    wanted = versions.code_of(
        *headcheck.HOME, "headcheck.done.check", "headcheck.done.run_notebook"
    )
    withheld = {PACKAGE.joinpath(*name.split(".")[1:]).with_suffix(".py") for name in REFERENCES}
    return sorted(wanted - withheld)


def student_wheel(course: Course, into: Path) -> Path:
    """Build the wheel of the student edition. Raises `CourseError` when setuptools cannot."""
    with tempfile.TemporaryDirectory(prefix="headcheck-wheel-") as aside:
        project = Path(aside)
        for path in student_files():
            target = project / "headcheck" / path.relative_to(PACKAGE)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        reference = course.root / "student" / "head_spec.py"
        if not reference.exists():
            raise CourseError("student/head_spec.py is missing: what a head is compared with.")
        (project / "headcheck" / "heads").mkdir(exist_ok=True)
        shutil.copyfile(reference, project / "headcheck" / "heads" / "head_spec.py")
        with (project / "headcheck" / "heads" / "__init__.py").open("a", encoding="utf-8") as init:
            # Before a check can make fastai's own function raise.
            init.write("\nfrom headcheck.heads import head_spec as head_spec\n")
        _write(project / "pyproject.toml", _pyproject(course))
        shutil.copyfile(course.root / "LICENSE", project / "LICENSE")
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
        command += ["--no-build-isolation", "--wheel-dir", str(project / "out"), str(project)]
        done = subprocess.run(
            command, capture_output=True, text=True, env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH}
        )
        built = sorted((project / "out").glob("*.whl"))
        if done.returncode or not built:
            said = (done.stderr.strip().splitlines() or ["pip ended"])[-1]
            raise CourseError(f"the wheel for students could not be built: {said}.")
        target = into / built[0].name
        _rezip(built[0], target)
    return target


def _pyproject(course: Course) -> str:
    needs = ",\n".join(f'    "{each}"' for each in _dependencies(course))
    return (
        '[build-system]\nrequires = ["setuptools>=77"]\nbuild-backend = "setuptools.build_meta"\n\n'
        f'[project]\nname = "headcheck"\nversion = "{STUDENTS_VERSION}"\n'
        'description = "Pictures of models, and checks that speak: for the notebooks of Body & Head"\n'
        'license = "Apache-2.0"\nlicense-files = ["LICENSE"]\nrequires-python = ">=3.11"\n'
        f"dependencies = [\n{needs},\n]\n\n"
        '[project.scripts]\nheadcheck = "headcheck.done.check:main"\n\n'
        '[tool.setuptools.packages.find]\ninclude = ["headcheck*"]\n'
    )


def _dependencies(course: Course) -> list[str]:
    """What notebooks need, from the project's own list."""
    path = course.root / "pyproject.toml"
    source = path if path.exists() else PACKAGE.parent / "pyproject.toml"
    project = tomllib.loads(source.read_text(encoding="utf-8"))["project"]
    return [*project["dependencies"], *project["optional-dependencies"]["torch"]]


# ---- zips: sorted names, one date ---------------------------------------------------------------


def _zip(folder: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                _add(out, f"{folder.name}/{path.relative_to(folder).as_posix()}", path.read_bytes())
    return buffer.getvalue()


def _rezip(wheel: Path, target: Path) -> None:
    """The same wheel, its members in order and with one date."""
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda name: (".dist-info/" in name, name)):
            _add(new, name, old.read(name))


def _add(out: zipfile.ZipFile, name: str, data: bytes) -> None:
    member = zipfile.ZipInfo(name, WHEN)
    member.external_attr = 0o644 << 16
    member.compress_type = zipfile.ZIP_DEFLATED
    out.writestr(member, data)


# ---- nothing secret -----------------------------------------------------------------------------


def leaks(folder: Path, secrets: Secrets) -> Iterator[str]:
    """Lines of solutions and hidden tests in any file of the folder, inside wheels and zips too."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield from _in_bytes(path.relative_to(folder).as_posix(), path.read_bytes(), secrets)


def _in_bytes(name: str, data: bytes, secrets: Secrets) -> Iterable[str]:
    if name.endswith((".whl", ".zip")):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.namelist():
                yield from _in_bytes(f"{name}/{member}", archive.read(member), secrets)
        return
    found = secrets.first_in(name, data)
    if found:
        yield f"{name}: {found}"
