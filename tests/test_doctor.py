"""Does the doctor find what is wrong, and say what to do?"""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata

import pytest

from headcheck.grading import doctor


@pytest.fixture
def without_the_costly_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_forkserver", lambda *_: doctor.Finding("forkserver", True, ""))


def problems() -> dict[str, doctor.Finding]:
    return {finding.name: finding for finding in doctor.diagnose() if not finding.ok}


@pytest.mark.usefixtures("without_the_costly_check")
def test_a_machine_that_runs_these_tests_is_well() -> None:
    assert problems() == {}


@pytest.mark.usefixtures("without_the_costly_check")
def test_a_torchvision_for_another_torch_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = metadata.requires
    monkeypatch.setattr(
        metadata, "requires", lambda n: ["torch==1.2.3"] if n == "torchvision" else real(n)
    )
    finding = problems()["torch for torchvision"]
    assert "needs ==1.2.3" in finding.detail and "constraints.txt" in finding.remedy


@pytest.mark.usefixtures("without_the_costly_check")
def test_a_missing_package_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str, real: object = metadata.version) -> str:
        if name == "jupytext":
            raise metadata.PackageNotFoundError(name)
        return real(name)  # type: ignore[operator]

    monkeypatch.setattr(metadata, "version", version)
    assert problems()["jupytext"].detail == "not installed"


@pytest.mark.usefixtures("without_the_costly_check")
def test_another_system_is_told_what_it_can_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "--engine nbgrader" in problems()["isolation"].remedy


def test_the_doctor_does_not_import_torch() -> None:
    code = (
        "import sys; from headcheck.grading import doctor; from headcheck.sandbox import room, syscalls;"
        "doctor._forkserver = lambda *_: doctor.Finding('', True, '');"
        "doctor.diagnose(); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
