"""Frames: length-prefixed JSON over a stream socket, with hard caps on what is believed.

Used between the grader, its forkserver and the processes forked from it. The far end of a frame
may be hostile, so a length is checked before memory is spent on it, and whatever does not parse is
a `FrameError`, never a crash.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import Any

MAX_FRAME = 32 << 20  # bytes
MAX_DEPTH = 64  # deeper JSON can be read here, but not written into a notebook again
# What a lenient `Reader` says of a frame that it did not read.
TOO_LONG, TOO_DEEP = "frame too long", "frame too deep"
_LENGTH = struct.Struct("<I")


class FrameError(Exception):
    """The far end sent something that is not a frame."""


class _TooDeep(FrameError):
    """Honest JSON can be deep, too."""


def encode(message: object, default: Callable[[Any], Any] | None = None) -> bytes:
    """A frame's bytes. Lone surrogates become '?', so that every text can be stored as UTF-8.

    `default` turns what JSON does not know into something it does, as in `json.dumps`.
    """
    body = json.dumps(message, ensure_ascii=False, default=default).encode("utf-8", "replace")
    return _LENGTH.pack(len(body)) + body


def _decode(body: bytes | bytearray) -> dict[str, Any]:
    try:
        message = json.loads(body)
        if b"\\ud" in body.lower():  # an escaped lone surrogate: valid JSON, not valid text
            message = json.loads(encode(message)[_LENGTH.size :])
    except RecursionError:
        raise _TooDeep("not a frame: nested without end") from None
    except ValueError as error:
        raise FrameError(f"not a frame: {type(error).__name__}") from None
    if not isinstance(message, dict):
        raise FrameError("not a frame: expected an object")
    level: list[Any] = [message]
    for _ in range(MAX_DEPTH):
        level = [each for value in level for each in _children(value)]
        if not level:
            return message
    raise _TooDeep(f"not a frame: nested deeper than {MAX_DEPTH}")


def _children(value: Any) -> list[Any]:
    """The containers directly inside a JSON container."""
    inside = value.values() if isinstance(value, dict) else value
    return [each for each in inside if isinstance(each, dict | list)]


def send(sock: socket.socket, message: object, fds: Sequence[int] = ()) -> None:
    """Send one frame, and the given file descriptors with it."""
    data = encode(message)
    if fds:
        socket.send_fds(sock, [data[: _LENGTH.size]], list(fds))
        data = data[_LENGTH.size :]
    sock.sendall(data)


def receive(
    sock: socket.socket, max_fds: int = 0, limit: int = MAX_FRAME
) -> tuple[dict[str, Any], list[int]]:
    """Wait for one frame. Raises EOFError when the far end closed, FrameError for nonsense."""
    if not max_fds:
        return _decode(receive_part(sock, limit)), []
    head, fds, _, _ = socket.recv_fds(sock, _LENGTH.size, max_fds, socket.MSG_CMSG_CLOEXEC)
    if not head:
        raise EOFError
    return _decode(receive_part(sock, limit, head)), fds


def send_parts(sock: socket.socket, *parts: bytes) -> None:
    """Send bytes, each part with its length before it: a frame is one part, JSON."""
    waiting = b""
    for part in parts:
        waiting += _LENGTH.pack(len(part))
        if len(part) > 1 << 16:  # not worth a copy
            sock.sendall(waiting)
            sock.sendall(part)
            waiting = b""
        else:
            waiting += part
    if waiting:
        sock.sendall(waiting)


def receive_part(sock: socket.socket, limit: int, head: bytes = b"") -> bytes:
    """Wait for one part; `head`: what has arrived of its length. Raises as `receive` does."""
    head += _exactly(sock, _LENGTH.size - len(head))
    (length,) = _LENGTH.unpack(head)
    if length > limit:
        raise FrameError(f"too large: {length} bytes; the limit is {limit}")
    return _exactly(sock, length)


def _exactly(sock: socket.socket, count: int) -> bytes:
    parts = []
    while count:
        part = sock.recv(min(count, 64 << 20), socket.MSG_WAITALL)
        if not part:
            raise EOFError
        parts.append(part)
        count -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


class Reader:
    """Collects frames from bytes as they arrive, for a reader that must not block.

    `lenient`: a frame that is too long or too deep is passed over, and `{"type": TOO_LONG}` or
    `{"type": TOO_DEEP}` stands for it. Else it is a `FrameError`.
    """

    def __init__(self, limit: int = MAX_FRAME, *, lenient: bool = False) -> None:
        self._limit, self._lenient, self._buffer = limit, lenient, bytearray()
        self._skip = 0  # bytes that are still to come of a frame that is passed over

    def feed(self, data: bytes) -> Iterator[dict[str, Any]]:
        """The frames that are complete now."""
        skipped = min(self._skip, len(data))
        self._skip -= skipped
        self._buffer += memoryview(data)[skipped:]
        while len(self._buffer) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer)
            end = _LENGTH.size + length
            if length > self._limit:
                if not self._lenient or length > MAX_FRAME:
                    raise FrameError(f"a frame of {length} bytes; the limit is {self._limit}")
                self._skip = max(0, end - len(self._buffer))
                del self._buffer[:end]
                yield {"type": TOO_LONG}
                continue
            if len(self._buffer) < end:
                return
            body = bytes(self._buffer[_LENGTH.size : end])
            del self._buffer[:end]
            try:
                yield _decode(body)
            except _TooDeep:
                if not self._lenient:
                    raise
                yield {"type": TOO_DEEP}
