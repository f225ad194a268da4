"""Is everything in a submitted folder either read or named with the reason?"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tiny_course import NAME, headcheck, make_course

from headcheck.grading.intake import MAX_FILES, Intake, read_folder

MIB = 1 << 20


def submitted(folder: Path, files: dict[str, bytes], **options) -> Intake:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    limits = {"file_bytes": 2 * MIB, "all_bytes": 8 * MIB} | options
    return read_folder(folder, [], **limits)


def test_are_files_read_wherever_they_lie(tmp_path):
    found = submitted(tmp_path, {"a.ipynb": b"{}", "data/x.csv": b"1", "data/B.IPYNB": b"[]"})
    assert found.notebooks == {"a.ipynb": b"{}", "data/B.IPYNB": b"[]"}
    assert found.files == {"a.ipynb": b"{}", "data/x.csv": b"1", "data/B.IPYNB": b"[]"}
    assert found.notes == []


def test_is_what_computers_leave_behind_nobodys_file(tmp_path):
    left = ["__MACOSX/._a.ipynb", ".DS_Store", "._a.ipynb", ".ipynb_checkpoints/a.ipynb"]
    found = submitted(tmp_path, dict.fromkeys([*left, "Thumbs.db", "data/.DS_Store"], b"x"))
    assert (found.notebooks, found.files, found.notes) == ({}, {}, [])


def test_is_a_file_over_the_limit_named_with_the_limit(tmp_path):
    found = submitted(tmp_path, {"big.bin": bytes(2 * MIB + 1), "fits.bin": bytes(2 * MIB)})
    assert list(found.files) == ["fits.bin"]
    assert found.notes == [
        "The file big.bin is too large (over 2 MiB, the limit file_mib); left out."
    ]


def test_is_there_room_left_to_start_in_when_files_fill_it(tmp_path):
    found = submitted(tmp_path, {f"{n}.bin": bytes(2 * MIB) for n in range(4)})
    assert list(found.files) == ["0.bin", "1.bin", "2.bin"]
    assert found.notes == [
        "The files are too large together (over 8 MiB with it, the limit disk_mib); 3.bin left out."
    ]


def test_do_small_files_count_as_much_as_they_take(tmp_path):
    found = submitted(tmp_path, {f"{n:03}": b"x" for n in range(300)}, all_bytes=2 * MIB)
    assert len(found.files) == 256
    assert len(found.notes) == 44


def test_are_thousands_of_files_refused(tmp_path):
    found = submitted(tmp_path, {f"{n:04}": b"" for n in range(MAX_FILES + 1)})
    assert len(found.files) == MAX_FILES
    assert found.notes == [f"More than {MAX_FILES} extra files; the rest was left out."]


def test_do_the_lessons_own_files_come_first(tmp_path):
    ours = {"data/x.csv": MIB, "hw.ipynb": 0, "helper": 0}
    files = {"data": b"", "helper/own.py": b"", "helper2": b"", "hw.ipynb/x": b""}
    found = submitted(tmp_path, files, ours=ours)
    assert list(found.files) == ["helper2"]
    assert len(found.notes) == 3
    assert all("is in the way of the lesson's own; left out." in note for note in found.notes)
    (tmp_path / "data").unlink()
    again = submitted(tmp_path, {"data/x.csv": b"mine"}, ours=ours)
    assert "data/x.csv" not in again.files


@pytest.mark.parametrize("name", ["new\nline.txt", os.fsdecode(b"\xff.txt"), "\x1b[31mred"])
def test_is_a_name_that_is_no_text_left_out(tmp_path, name):
    try:
        found = submitted(tmp_path, {name: b"x", f"{name}-folder/x.txt": b"x", "good.txt": b"x"})
    except OSError:
        pytest.skip("this file system has no such names")
    assert list(found.files) == ["good.txt"]
    assert len(found.notes) == 2
    assert all(note.isprintable() and "cannot be used" in note for note in found.notes)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_is_nothing_followed_or_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "folder").symlink_to("/etc")
    found = submitted(tmp_path, {})
    assert found.files == {}
    assert len(found.notes) == 3


def test_is_a_lessons_own_file_over_the_limit_said_before_anything_runs(tmp_path):
    course = make_course(tmp_path / "course")
    with (course / "grader_config.py").open("a") as config:
        config.write("\nc.Headcheck.file_mib = 1\n")
    assert headcheck(course, "build", "--no-verify").returncode == 0
    folder = course / "submitted" / "ada" / NAME
    folder.mkdir(parents=True)
    (folder / f"{NAME}.ipynb").write_bytes(
        (course / "notebooks" / NAME / f"{NAME}.ipynb").read_bytes()
    )
    (course / "source" / NAME / "big.csv").write_bytes(bytes(2 * MIB))
    done = headcheck(course, "grade")
    assert done.returncode == 2
    assert "big.csv is 2 MiB, and one file may have 1 MiB" in done.stderr
    assert "c.Headcheck.file_mib" in done.stderr
    assert done.stderr.count("\n") == 1


def test_is_a_file_without_read_permission_named_with_the_remedy(tmp_path, monkeypatch):
    real = os.open

    def closed(path, *args, **kwargs):
        if str(path).endswith(("b.ipynb", "x.csv")):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *args, **kwargs)

    monkeypatch.setattr(os, "open", closed)
    found = submitted(tmp_path, {"a.ipynb": b"{}", "b.ipynb": b"{}", "x.csv": b"", "y.csv": b""})
    assert (list(found.notebooks), list(found.files)) == (["a.ipynb"], ["a.ipynb", "y.csv"])
    assert len(found.notes) == 2
    assert all("Permission denied" in note and "chmod -R u+rX" in note for note in found.notes)
