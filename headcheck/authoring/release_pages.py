"""nbgrader's exchange gives a lesson alone; here the pages that it links to go along.

In the course a lesson stands in `notebooks/NAME/` and links to `../../docs/`. Fetched from the exchange
it stands in a folder of its own, wherever the student was. So the pages lie in that folder as `docs/`,
and the links of what is released say so. grader_config.py names this for `nbgrader release_assignment`.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeReleaseAssignment

LINK = re.compile(r"""(\]\(|(?:href|src)=")([^)\s"#]+)""")
ABOVE = "../../docs/"
LESSON = "../notebooks/"


class ReleaseWithPages(ExchangeReleaseAssignment):  # type: ignore[misc]
    """nbgrader's step, and the pages."""

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy a released lesson, with the pages it links to."""
        super().do_copy(src, dest, log)
        add_pages(Path(dest), Path(self.coursedir.root) / "docs")


def add_pages(folder: Path, docs: Path) -> None:
    """Put the pages of `docs` that the notebooks of this folder link to beside them."""
    waiting: list[str] = []
    for path in sorted(folder.glob("*.ipynb")):
        notebook = json.loads(path.read_bytes())
        wanted = list(_shortened(notebook, docs))
        if wanted:
            text = json.dumps(notebook, indent=1, ensure_ascii=False)
            path.write_text(text + "\n", encoding="utf-8", newline="\n")
        waiting += wanted
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        target = folder / "docs" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.suffix != ".md":
            shutil.copyfile(docs / name, target)
            continue
        text = (docs / name).read_text(encoding="utf-8")
        beside = [link[2] for link in LINK.finditer(text)]
        waiting += [link for link in beside if _is_page(link, docs)]
        # From NAME/docs/ another lesson, fetched beside this one, is two steps away.
        text = LINK.sub(lambda link: link[1] + link[2].replace(LESSON, "../../", 1), text)
        target.write_text(text, encoding="utf-8", newline="\n")


def _shortened(notebook: Any, docs: Path) -> Iterator[str]:
    """Lets links to pages begin at the notebook's own folder; the pages' names."""
    for cell in notebook["cells"]:
        if cell["cell_type"] != "markdown":
            continue
        whole = "".join(cell["source"])
        names = [link[2].removeprefix(ABOVE) for link in LINK.finditer(whole) if ABOVE in link[2]]
        found = [name for name in names if _is_page(name, docs)]
        if found:
            for name in found:
                whole = whole.replace(f"{ABOVE}{name}", f"docs/{name}")
            cell["source"] = whole.splitlines(keepends=True)
            yield from found


def _is_page(name: str, docs: Path) -> bool:
    return ".." not in Path(name).parts and "://" not in name and (docs / name).is_file()
