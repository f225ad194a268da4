"""What crosses between client and worker: bytes both ways, made here and read here. No pickle of ours.

A head in JSON, checked by pydantic, and after it the files as they are.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any

from headcheck.grading.work import Graded, Work

LENGTH = struct.Struct("<Q")


def work_bytes(work: Work) -> bytes:
    """A piece of work, to be sent to a worker."""
    said = work.model_dump(mode="json", exclude={"notebook", "files", "lesson_files"})
    return _pack(said, notebook={"": work.notebook}, files=work.files, ours=work.lesson_files)


def read_work(data: bytes) -> Work:
    """What `work_bytes` was given. Raises ValueError for anything else."""
    said, parts = _unpack(data, "notebook", "files", "ours")
    notebook, files, ours = parts
    return Work(**said, notebook=notebook[""], files=files, lesson_files=ours)


def graded_bytes(graded: Graded) -> bytes:
    """A result, to be sent back."""
    said = graded.model_dump(mode="json", exclude={"notebook"})
    return _pack(said, notebook={"": graded.notebook})


def read_graded(data: bytes) -> Graded:
    """What `graded_bytes` was given. Raises ValueError for anything else."""
    said, (notebook,) = _unpack(data, "notebook")
    return Graded(**said, notebook=notebook[""])


def _pack(said: Mapping[str, Any], **groups: Mapping[str, bytes]) -> bytes:
    parts = [(group, name, data) for group, files in groups.items() for name, data in files.items()]
    sizes = [(group, name, len(data)) for group, name, data in parts]
    head = json.dumps({"said": said, "parts": sizes}).encode()
    return b"".join([LENGTH.pack(len(head)), head, *(data for _, _, data in parts)])


def _unpack(data: bytes, *groups: str) -> tuple[dict[str, Any], list[dict[str, bytes]]]:
    try:
        (length,) = LENGTH.unpack_from(data)
        place = LENGTH.size + length
        head = json.loads(data[LENGTH.size : place])
        found: dict[str, dict[str, bytes]] = {group: {} for group in groups}
        for group, name, size in head["parts"]:
            found[group][name] = data[place : place + size]
            place += size
        if place != len(data) or not isinstance(head["said"], dict):
            raise ValueError("of another length")
    except (struct.error, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"not what client and worker send each other ({error!r})") from None
    return head["said"], [found[group] for group in groups]
