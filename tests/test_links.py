"""Do the links of the lessons and the documents lead somewhere, and have the lessons one form?"""

import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parent.parent
LESSONS = sorted((ROOT / "notebooks").glob("*/*.ipynb"))
TEXTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *LESSONS]


def read(path: Path) -> str:
    if path.suffix != ".ipynb":
        return path.read_text("utf-8")
    cells = nbformat.read(path, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def anchors(text: str) -> set[str]:
    """Names a link may point at: ids, and headings as GitHub and as Jupyter spell them."""
    names = set(re.findall(r'(?:id|name)="([^"]+)"', text))
    for heading in re.findall(r"(?m)^#+ +(.+)$", text):
        plain = heading.replace("`", "").strip()
        names |= {plain.replace(" ", "-")}
        names |= {re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")}
    return names


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_does_every_link_lead_somewhere(path):
    text = re.sub(r"(?s)```.*?```|`[^`\n]*`", "", read(path))
    lost = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?:|mailto:", target):
            continue
        name, _, anchor = target.partition("#")
        there = (path.parent / name).resolve() if name else path
        if not there.exists() or (anchor and anchor not in anchors(read(there))):
            lost.append(target)
    assert not lost


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_do_header_and_footer_have_the_form_of_all_lessons(path):
    markdown = [c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type != "code"]
    header, footer = markdown[0], markdown[-1]
    assert header.startswith(f"# {path.stem[:2]} · ")
    order = ["**The question.**", "**You will be able to**", "**Time**"]
    order += ["**Difficulty**", "**Before this**"]
    places = [header.find(label) for label in order]
    assert -1 not in places and places == sorted(places)
    assert "glossary.md#" in header
    assert footer.startswith("---\n## You can now\n")
    assert "**Exit questions** (answer in your head)\n1. " in footer
    assert "**Next**" in footer and "glossary.md" in footer
    # What the next output says is no sentence below the prediction: it is folded until one opens it.
    assert not any("**Explain.**" in text for text in markdown)
