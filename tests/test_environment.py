"""Do the three lists of packages say the same thing?"""

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]


def name_of(requirement: str) -> str:
    return re.split(r"[<>=!~;\[ ]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def test_conda_users_get_what_pip_users_get():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text())
    pip = next(part["pip"] for part in conda["dependencies"] if isinstance(part, dict))
    listed = {line for line in pip if not line.startswith("-")}
    assert listed == {*PROJECT["dependencies"], *EXTRAS["torch"], *EXTRAS["grade"], *EXTRAS["lab"]}
    assert "-c constraints.txt" in pip


def test_every_direct_dependency_is_pinned():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = dict(line.lower().split("==") for line in lines if "==" in line)
    direct = [*PROJECT["dependencies"], *(line for extra in EXTRAS.values() for line in extra)]
    missing = {name_of(line) for line in direct} - {name.replace("_", "-") for name in pins}
    assert not missing


def test_the_constraints_name_versions_only():
    text = (ROOT / "constraints.txt").read_text()
    assert not re.search(r"https?:|@ |--", text)
