"""`headcheck book`: the lessons and documents as a static site, built without a network.

Sphinx with myst-nb and the furo theme: they come from the package index as they are, need neither
node nor templates to download, and read notebooks and our Markdown pages unchanged. The site has
the folders of the repository, so every link in a lesson holds.

Who points at a word of the glossary gets its explanation (`book_terms`). Of Sphinx's extensions for such tooltips,
one asks a server and the other loads its script from a content network; neither works without a network.

Lessons stand there as they look when nothing is answered. The pages for TAs that hold answers
(docs/ta/, docs/ta-guide.md) stay out.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from headcheck.authoring import book_terms
from headcheck.authoring.bundle import settings_of
from headcheck.authoring.executed import executed
from headcheck.authoring.made_folder import put
from headcheck.course.directory import Course, CourseError, Lesson

STUDENTS = ["docs/answer", "docs/cheatsheet", "docs/glossary", "docs/exit-questions"]
# For those who teach: these first, then every other document.
TEACHERS = ["docs/for-tas", "docs/lms"]
TEACHERS += [
    f"docs/lms-{name}"
    for name in ("canvas", "moodle", "gradescope", "brightspace", "blackboard", "sakai")
]
TEACHERS += ["docs/grading", "docs/authoring"]
LIST = ".book"  # what of the folder is made, and so replaced
WITH_ANSWERS = {"docs/ta-guide"}  # shows what students of a real week wrote
CONF = """\
project = "Body & Head"
author = "the authors of Body & Head"
extensions = ["myst_nb"]
nb_execution_mode = "off"
nb_merge_streams = True
nb_render_image_options = {"alt": "A figure; the text around it says what it shows."}
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4
suppress_warnings = ["myst.header", "misc.highlighting_failure", "mystnb.unknown_mime_type"]
html_theme = "furo"
html_title = "Body & Head"
html_static_path = ["_static"]
html_css_files = ["book.css"]
html_js_files = ["terms.js"]
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_theme_options = {"navigation_with_keys": True}
"""
CSS = """\
.output img { max-width: 100%; height: auto; }
.output pre, pre { overflow-x: auto; }
@media (max-width: 600px) {  /* a figure as wide as a phone cannot be read: let it be pushed aside */
  .output:has(img) { overflow-x: auto; }
  .output img { max-width: 640px !important; }
}
table { display: block; overflow-x: auto; }
/* A figure of plt.show() has a white ground: a frame, not a glaring box. (show_figure's have none, and are data.) */
body[data-theme="dark"] .output img:not([src^="data:"]) { border-radius: .4em; filter: brightness(.86); }
@media (prefers-color-scheme: dark) {
  body:not([data-theme="light"]) .output img:not([src^="data:"]) { border-radius: .4em; filter: brightness(.86); }
}
@media print {
  .sidebar-drawer, .toc-drawer, .mobile-header, .related-pages, .headerlink { display: none !important; }
  .cell, table, figure { break-inside: avoid; }
  body { font-size: 10pt; }
  /* The cheat sheet is one page of A4, in two columns. */
  article:has(#the-head-on-one-page) { font-size: 6.6pt; line-height: 1.2; column-count: 2; }
  article:has(#the-head-on-one-page) h1 { font-size: 12pt; margin: 0; }
  article:has(#the-head-on-one-page) h2 { font-size: 8.5pt; margin: .5em 0 .2em; }
  article:has(#the-head-on-one-page) :is(td, th, code) { padding: 1px 3px; font-size: 6.2pt; }
  article:has(#the-head-on-one-page) :is(p, ul, table) { margin: .2em 0; }
  article:has(#the-head-on-one-page) table { display: table; }
}
"""


def book(
    course: Course,
    into: Path,
    lessons: Sequence[Lesson],
    run: Callable[[Lesson, NotebookNode], NotebookNode],
) -> Path:
    """Build the site in `into`, with these lessons; returns its first page.

    `run` executes a release where none is kept. Raises `CourseError` when Sphinx is missing or
    does not like a page.
    """
    with tempfile.TemporaryDirectory(prefix="headcheck-book-") as aside:
        pages, made = Path(aside) / "pages", Path(aside) / "book"
        _pages(course, pages, lessons, run)
        _sphinx(pages, made)
        shutil.rmtree(made / "_sources", ignore_errors=True)
        put(made, into, LIST)
    return into / "index.html"


def _pages(
    course: Course,
    pages: Path,
    lessons: Sequence[Lesson],
    run: Callable[[Lesson, NotebookNode], NotebookNode],
) -> None:
    """What Sphinx reads."""
    for lesson in lessons:
        notebook = for_reading(executed(lesson, run))
        place = pages / "notebooks" / lesson.name / f"{lesson.name}.ipynb"
        place.parent.mkdir(parents=True)
        nbformat.write(notebook, place)
    there = {f"docs/{path.stem}" for path in (course.root / "docs").glob("*.md")} - WITH_ANSWERS
    documents = [name for name in (*STUDENTS, *TEACHERS) if name in there]
    documents += sorted(there.difference(documents))
    for name in documents:
        target = pages / f"{name}.md"
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(course.root / f"{name}.md", target)
    if (course.root / "docs" / "img").is_dir():
        shutil.copytree(course.root / "docs" / "img", pages / "docs" / "img")
    (pages / "_static").mkdir()
    (pages / "_static" / "book.css").write_text(CSS + book_terms.CSS, encoding="utf-8")
    glossary = course.root / "docs" / "glossary.md"
    words = glossary.read_text(encoding="utf-8") if glossary.is_file() else ""
    (pages / "_static" / "terms.js").write_text(book_terms.script(words), encoding="utf-8")
    (pages / "conf.py").write_text(CONF, encoding="utf-8")
    (pages / "index.md").write_text(_index(lessons, documents), encoding="utf-8")
    _only_links_that_lead_somewhere(pages, settings_of(course).repository)


def for_reading(notebook: NotebookNode) -> NotebookNode:
    """The notebook as a page: folded cells fold, the last cell (for handing in) goes."""
    cells = []
    for cell in notebook.cells:
        if "progress()" in cell.source.splitlines() and cell.cell_type == "code":
            continue
        hidden = cell.metadata.get("jupyter", {}).get("source_hidden", False)
        cell.metadata = nbformat.from_dict({"tags": ["hide-input"] if hidden else []})
        if cell.cell_type == "markdown":
            cell.source = _ANCHOR.sub(r"(\1)=", cell.source)
        if cell.cell_type == "code":
            cell.outputs = [_plain(output) for output in cell.outputs]
        cells.append(cell)
    notebook.cells = cells
    notebook.metadata = nbformat.from_dict(
        {"kernelspec": notebook.metadata.get("kernelspec", {}), "language_info": {"name": "python"}}
    )
    return notebook


_ANCHOR = re.compile(r'(?m)^<a id="([\w-]+)"></a>$')  # a place in a notebook, as MyST writes it


def _plain(output: NotebookNode) -> NotebookNode:
    """An error as its message alone, without the numbers that colour a terminal."""
    if output.output_type == "error":
        text = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(output.traceback))
        return nbformat.v4.new_output("stream", name="stdout", text=text + "\n")
    if output.output_type == "stream":
        output.name = "stdout"
        output.text = re.sub(r"\x1b\[[0-9;]*m", "", output.text)
    return output


def _index(lessons: Sequence[Lesson], documents: Sequence[str]) -> str:
    def tree(caption: str, names: Sequence[str]) -> str:
        lines = "\n".join(names)
        return f"```{{toctree}}\n:caption: {caption}\n:maxdepth: 1\n\n{lines}\n```\n"

    return "\n".join(
        [
            "# Body & Head\n",
            "*When I do transfer learning, is always exactly one layer removed from the old model? How many layers",
            "are added, and how would I know? Does it matter? Can a model have several heads?* Ten lessons answer with",
            "evidence that you produce yourself. Here you can read them, as they look when nothing is answered; to do",
            "them, take the notebooks.\n",
            tree("Lessons", [f"notebooks/{lesson.name}/{lesson.name}" for lesson in lessons]),
            tree("To look things up", [name for name in documents if name in STUDENTS]),
            tree("For TAs and instructors", [name for name in documents if name not in STUDENTS]),
        ]
    )


_HTML_LINK = re.compile(r'href="([^":]+)\.(?:md|ipynb)(#[^"]*)?"')
_LINK = re.compile(r"(?<!!)\[([^\[\]]+)\]\(([^)\s]+)\)")


def _only_links_that_lead_somewhere(pages: Path, repository: str) -> None:
    """Links to what is not part of the site go to the repository, or become their text."""

    def mend(page: Path, text: str) -> str:
        def one(found: re.Match[str]) -> str:
            words, target = found[1], found[2]
            name = target.partition("#")[0]
            if "://" in target or target.startswith("mailto:") or not name:
                return found[0]
            there = Path(os.path.normpath(page.parent / name))
            if there.is_file():
                return found[0]
            inside = os.path.relpath(there, pages)
            if repository and not inside.startswith(".."):
                return f"[{words}]({repository.rstrip('/')}/blob/main/{Path(inside).as_posix()})"
            return words

        return _HTML_LINK.sub(_to_the_page, _LINK.sub(one, text))

    for page in sorted(pages.rglob("*.md")):
        page.write_text(mend(page, page.read_text(encoding="utf-8")), encoding="utf-8")
    for page in sorted(pages.rglob("*.ipynb")):
        notebook = nbformat.read(page, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = mend(page, cell.source)
        nbformat.write(notebook, page)


def _to_the_page(found: re.Match[str]) -> str:
    """A link in HTML, which MyST leaves as it is, to the page that is made of a document."""
    return f'href="{found[1]}.html{(found[2] or "").replace("_", "-")}"'


def _sphinx(pages: Path, into: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", "-d", str(pages / ".doctrees")]
    command += [str(pages), str(into)]
    done = subprocess.run(command, capture_output=True, text=True)
    if "No module named sphinx" in done.stderr:
        raise CourseError("the book needs Sphinx: pip install -e '.[book]' -c constraints.txt.")
    complaints = [line for line in done.stderr.splitlines() if re.search("WARNING|ERROR", line)]
    if done.returncode or complaints:
        said = (complaints or done.stderr.strip().splitlines() or ["it ended early"])[0]
        raise CourseError(f"Sphinx does not like a page of the book: {said}")
