"""Does only what fits the schema cross, and is nothing believed before it is checked?"""

import json
import pickle
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import torch

from headcheck.inside.line import wire
from headcheck.inside.line.limits import MAX_TENSORS, MAX_TEXT, WireError
from headcheck.inside.line.values import Items


@pytest.fixture
def line() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    yield ours, theirs
    ours.close()
    theirs.close()


Line = tuple[socket.socket, socket.socket]


def put(sock: socket.socket, text: bytes, blob: bytes = b"") -> None:
    data = b"".join(struct.pack("<I", len(part)) + part for part in (text, blob))
    threading.Thread(target=sock.sendall, args=[data], daemon=True).start()


def test_a_frame_arrives_as_it_was_sent(line: Line) -> None:
    tensors = {
        1: torch.arange(6).reshape(2, 3).T,
        3: torch.zeros(0, 2, dtype=torch.bfloat16),
        5: torch.tensor(True),
    }
    tensors[7] = tensors[1]  # the same memory twice
    wire.send(line[0], {"result": {"t": "list", "v": [1, 1.5, None, True, "ä"]}}, tensors)
    reply, data = wire.receive_reply(line[1])
    assert isinstance(reply.result, Items) and reply.result.v == [1, 1.5, None, True, "ä"]
    assert type(reply.result.v[0]) is int and type(reply.result.v[3]) is bool
    for key, tensor in tensors.items():
        assert data[key].dtype == tensor.dtype and torch.equal(data[key], tensor)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"[]",
        b"\xff\xfe",
        pickle.dumps({"result": 1}),
        b"[" * 100_000,
        b'{"result": ' + b'{"t": "list", "v": [' * 5000,
        b'{"result": 1, "more": 2}',
        b'{"result": {"t": "pickle", "v": "x"}}',
        b'{"result": {"t": "list", "v": [], "more": 1}}',
        b'{"result": [1]}',
        b'{"tensors": [{"key": 1, "meta": ["float32", [-1]]}]}',
        json.dumps({"result": "x" * (MAX_TEXT + 1)}).encode(),
        json.dumps({"tensors": [{"key": k} for k in range(MAX_TENSORS + 1)]}).encode(),
        json.dumps({"raised": {"type": "x" * 300}}).encode(),
    ],
    ids=lambda text: repr(text[:50]),
)
def test_text_against_the_schema_is_refused(line: Line, text: bytes) -> None:
    put(line[0], text)
    with pytest.raises(WireError):
        wire.receive_reply(line[1])


def header(**tensors: Any) -> bytes:
    text = json.dumps(tensors).encode()
    return struct.pack("<Q", len(text)) + text + b"\0" * 8


def entry(dtype: str = "F32", shape: Any = (2,), offsets: Any = (0, 8)) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets}


@pytest.mark.parametrize(
    "blob",
    [
        b"x",
        struct.pack("<Q", 2**62) + b"{}",
        struct.pack("<Q", 2) + b"[]",
        header(a=entry()),
        header(**{"1": entry(offsets=(0, 80))}),
        header(**{"1": entry("C64", (1,))}),
        header(**{"1": entry("F8_E4M3", (8,))}),
        header(**{"1": entry(shape=(2**62, 4))}),
        header(**{"1": entry(shape=(-2,))}),
        header(**{"1": entry(shape=(1,), offsets=(0, 4)), "3": entry(shape=(2,), offsets=(0, 8))}),
        header(**{str(k): entry(shape=(0,), offsets=(0, 0)) for k in range(MAX_TENSORS + 1)}),
        header(**{"1": entry() | {"more": 1}}),
    ],
    ids=lambda blob: repr(blob[8:60]),
)
def test_a_blob_against_the_rules_is_refused(line: Line, blob: bytes) -> None:
    put(line[0], b"{}", blob)
    with pytest.raises(WireError):
        wire.receive_reply(line[1])


@pytest.mark.parametrize("before", [b"", struct.pack("<I", 2) + b"{}"])
def test_announced_sizes_are_refused_before_they_are_read(line: Line, before: bytes) -> None:
    line[0].sendall(before + struct.pack("<I", 2**32 - 1))
    with pytest.raises(WireError, match="too large"):
        wire.receive_reply(line[1])


def test_an_end_in_the_middle_is_an_end(line: Line) -> None:
    line[0].sendall(struct.pack("<I", 10) + b"{")
    line[0].close()
    with pytest.raises(wire.Gone):
        wire.receive_reply(line[1])
