"""Does a lesson go its way on a real JupyterHub: fetched, handed in, collected and graded by its buttons?

Runs where jupyterhub and configurable-http-proxy are installed (docs/jupyterhub.md): not in CI.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from several_users import Users, users
from tiny_course import NAME, make_course

TOKEN, SECONDS = "of-this-test-alone", 180.0
CONFIG = """
c.JupyterHub.bind_url = "http://127.0.0.1:{0}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{1}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{2}"
c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = "a password of this test"
c.Authenticator.allowed_users = {{"teach", "stud"}}
c.Spawner.cmd = ["{python}", "-m", "jupyterhub.singleuser"]
c.Spawner.env_keep = ["PATH", "PYTHONPATH", "LANG"]
c.Spawner.start_timeout = c.Spawner.http_timeout = {seconds}
c.JupyterHub.services = [{{"name": "test", "api_token": "{token}"}}]
c.JupyterHub.load_roles = [
    {{"name": "test", "services": ["test"], "scopes": ["admin:users", "admin:servers", "tokens"]}}
]
"""


@dataclass
class Hub:
    """A hub with the servers of `teach` and `stud`, and a token for each."""

    url: str
    machine: Users
    tokens: dict[str, str]

    def ask(self, user: str, method: str, path: str, **data: str) -> requests.Response:
        """Of a user's own server; `by`: asked with the token of another."""
        token = self.tokens[data.pop("by", user)]
        headers = {"Authorization": f"token {token}"}
        where = f"{self.url}/user/{user}/{path}"
        sent: dict[str, Any] = {"params" if method == "GET" else "data": data}
        return requests.request(method, where, headers=headers, timeout=SECONDS, **sent)


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    if importlib.util.find_spec("jupyterhub") is None or not shutil.which(
        "configurable-http-proxy"
    ):
        pytest.skip("jupyterhub or configurable-http-proxy is not installed (docs/jupyterhub.md)")
    with users("teach", "stud") as machine:
        root = machine.folder / "exchange"
        root.mkdir()
        root.chmod(0o777)
        both = f"c.CourseDirectory.course_id = 'body-and-head'\nc.Exchange.root = '{root}'\n"
        course = make_course(machine.home("teach") / "course")
        machine.give("teach")
        machine.write("stud", ".jupyter/nbgrader_config.py", both)
        where = f"c.CourseDirectory.root = '{course}'\n"
        machine.write("teach", ".jupyter/nbgrader_config.py", both + where)
        for command in (
            ("headcheck.cli", "build", "--no-verify"),
            ("nbgrader", "release_assignment", NAME),
        ):
            done = machine.run("teach", *command, where="course")
            assert done.returncode == 0, done.stderr
        with running(machine) as url:
            yield Hub(url, machine, {user: started(url, user) for user in ("teach", "stud")})


@contextmanager
def running(machine: Users) -> Iterator[str]:
    folder = machine.folder / "hub"
    folder.mkdir()
    ports = free_ports(3)
    config = CONFIG.format(*ports, python=sys.executable, seconds=SECONDS, token=TOKEN)
    (folder / "jupyterhub_config.py").write_text(config)
    command = [*machine.among, sys.executable, "-m", "jupyterhub"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log, start_new_session=True
        )
    url = f"http://127.0.0.1:{ports[0]}"

    def said() -> str:
        return (folder / "log").read_text()[-3000:]

    def answers() -> bool:
        assert process.poll() is None, said()
        return admin(url, "GET", "").ok

    try:
        until(answers, said)
        yield url
    finally:
        with suppress(ProcessLookupError):  # it has ended by itself
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=300)


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        with closing(one):
            pass
    return ports


def admin(url: str, method: str, path: str) -> requests.Response:
    headers = {"Authorization": f"token {TOKEN}"}
    body = {} if method == "POST" else None
    where = f"{url}/hub/api/{path}"
    return requests.request(method, where, headers=headers, json=body, timeout=SECONDS)


def started(url: str, user: str) -> str:
    """The user's server runs; a token for it."""
    assert admin(url, "POST", f"users/{user}/server").status_code in (201, 202)
    until(lambda: admin(url, "GET", f"users/{user}").json()["servers"][""]["ready"], lambda: user)
    return str(admin(url, "POST", f"users/{user}/tokens").json()["token"])


def until(holds: Callable[[], bool], said: Callable[[], str]) -> None:
    end = time.monotonic() + SECONDS
    while True:
        try:
            if holds():
                return
        except (requests.ConnectionError, KeyError):
            pass
        assert time.monotonic() < end, said()
        time.sleep(0.3)


def test_does_a_lesson_go_its_way(hub: Hub) -> None:
    ids = {"course_id": "body-and-head", "assignment_id": NAME}
    released = hub.ask("stud", "GET", "assignments", course_id="body-and-head").json()
    assert [one["status"] for one in released["value"]] == ["released"]
    for step in ("fetch", "submit"):
        assert hub.ask("stud", "POST", f"assignments/{step}", **ids).json()["success"]
    assert (hub.machine.home("stud") / NAME / f"{NAME}.ipynb").exists()
    collected = hub.ask("teach", "POST", f"formgrader/api/assignment/{NAME}/collect").json()
    assert collected["success"], collected
    button = f"formgrader/api/submission/{NAME}/stud/autograde"
    graded = hub.ask("teach", "POST", button).json()
    assert graded["success"], graded
    (listed,) = hub.ask("teach", "GET", "formgrader/api/assignments").json()
    assert listed["num_submissions"] == 1


def test_does_nobody_reach_the_server_or_the_course_of_the_teacher(hub: Hub) -> None:
    assert hub.ask("teach", "GET", "api/contents", by="stud").status_code == 403
    assert hub.ask("stud", "GET", "formgrader/api/assignments").json() == []
