"""`headcheck review` as somebody starts it: a process, its link, and requests to it."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit


@dataclass(frozen=True)
class Served:
    """One running review: its link and what it is asked."""

    link: str
    process: subprocess.Popen[str]

    @property
    def port(self) -> int:
        return urlsplit(self.link).port or 0

    @property
    def token(self) -> str:
        return parse_qs(urlsplit(self.link).fragment)["token"][0]

    def ask(
        self,
        path: str,
        body: object = None,
        *,
        token: str | None = None,
        **headers: str,
    ) -> tuple[int, Any, http.client.HTTPMessage]:
        """(status, JSON or text, headers) of a request with the right token, unless said otherwise."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        sent = {"X-Headcheck-Token": self.token if token is None else token}
        if body is not None:
            sent["Content-Type"] = "application/json"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = None if body is None else json.dumps(body)
        line.request("GET" if body is None else "POST", f"/{path}", data, sent)
        reply = line.getresponse()
        said = reply.read().decode()
        line.close()
        try:
            return reply.status, json.loads(said), reply.headers
        except ValueError:
            return reply.status, said, reply.headers

    def answers(self, assignment: str, name: str) -> list[dict[str, Any]]:
        query = urlencode({"assignment": assignment, "name": name})
        return list(self.ask(f"api/answers?{query}")[1]["answers"])

    def end(self) -> int:
        """Ctrl-C; the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(300)


@contextmanager
def review(course: Path, *arguments: str) -> Iterator[Served]:
    command = [sys.executable, "-m", "headcheck.cli", "review", *arguments]
    with subprocess.Popen(command, cwd=course, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Served(process.stdout.readline().strip(), process)
        finally:
            process.kill()
