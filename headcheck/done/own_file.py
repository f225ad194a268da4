"""Which file is the notebook of this kernel? Each place where notebooks run says it in its own way."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class OwnFile:
    """The notebook as a file, and how a student gets the file to hand in, where it is another one."""

    path: Path
    download: str = ""


def own_file(names: Mapping[str, Any]) -> OwnFile | None:
    """The notebook of this kernel, whose names these are; None where nobody says."""
    path = _in_colab()
    if path is not None:
        return OwnFile(path, "File > Download > Download .ipynb")
    path = _said(names) or _only_one(Path.cwd())
    return OwnFile(path) if path else None


def not_found() -> str:
    """What to say where there is no such file."""
    if "KAGGLE_KERNEL_RUN_TYPE" in os.environ:
        return (
            "progress() reads the notebook's file, and Kaggle keeps it elsewhere. Each check above says whether "
            "it passes. To hand in: File > Download Notebook; the rest is said by: headcheck check ITS-NAME.ipynb"
        )
    several = len(list(Path.cwd().glob("*.ipynb")))
    if several:
        return (
            f"progress() reads the saved notebook, and does not know which of the {several} in {Path.cwd()} "
            "it is: say progress('its-name.ipynb')."
        )
    return (
        f"progress() reads the saved notebook, and finds none in {Path.cwd()}: save it, or say "
        "progress('its-name.ipynb')."
    )


def _said(names: Mapping[str, Any]) -> Path | None:
    """As Jupyter's server says in the environment, or VS Code among the notebook's names."""
    for said in (os.environ.get("JPY_SESSION_NAME"), names.get("__vsc_ipynb_file__")):
        if isinstance(said, str) and said:
            for path in (Path(said), Path.cwd() / Path(said).name):
                if path.suffix == ".ipynb" and path.is_file():
                    return path
    return None


def _only_one(folder: Path) -> Path | None:
    """The only notebook of the folder, or the one that is called as the folder is."""
    here = sorted(folder.glob("*.ipynb"))
    named = [path for path in here if path.stem == folder.name]
    return named[0] if named else here[0] if len(here) == 1 else None


def _in_colab() -> Path | None:
    """Colab has the notebook in the browser alone: ask for it as it stands there, and write it into a file."""
    if "google.colab" not in sys.modules:
        return None
    try:
        from google.colab import _message  # type: ignore[import-not-found]

        notebook = _message.blocking_request("get_ipynb", request="", timeout_sec=10)["ipynb"]
        name = Path(notebook["metadata"]["colab"]["name"]).name
    except (
        Exception
    ):  # no interface that Colab promises: without it, the file is looked for as elsewhere
        return None
    path = Path(tempfile.mkdtemp(prefix="headcheck-")) / name
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path
