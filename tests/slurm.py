"""A real Slurm of the tests' own: one node, which is this machine, on loopback; all its files in a temporary folder."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

SECONDS = 300.0
# Eight cores and 32 GB are said to be there, so that the lines of docs/scaling.md can be typed as they stand.
CONFIG = """
ClusterName=ofthetests
SlurmctldHost={node}(127.0.0.1)
SlurmctldPort={ctld}
SlurmdPort={d}
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
SlurmUser=root
SlurmdUser=root
AuthInfo=socket={folder}/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/ctld.pid
SlurmdPidFile={folder}/d.pid
SlurmctldLogFile={folder}/ctld.log
SlurmdLogFile={folder}/d.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
KillWait=2
SchedulerParameters=sched_interval=1,batch_sched_delay=0
NodeName={node} NodeAddr=127.0.0.1 CPUs=8 RealMemory=32000
PartitionName=all Nodes={node} Default=YES State=UP MaxTime=INFINITE
"""


@dataclass
class Slurm:
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "SLURM_CONF": str(self.folder / "slurm.conf")}

    def ask(self, *command: str) -> str:
        """What a command of Slurm's prints."""
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def jobs(self) -> list[str]:
        """The state of each job that has not ended."""
        return self.ask("squeue", "--noheader", "--array", "--format=%T").split()


@contextmanager
def slurm(among: Sequence[str] = ()) -> Iterator[Slurm]:
    """Start one and end it. Skips the test where there is none. `among`: what its programs begin with,
    to see other users than this machine has."""
    needed = ("slurmctld", "slurmd", "munged", "sbatch", "srun")
    if missing := [name for name in needed if not shutil.which(name, path=_path())]:
        pytest.skip(
            f"{', '.join(missing)} not installed "
            "(Debian: apt install slurmctld slurmd slurm-client munge)"
        )
    if os.getuid() != 0:
        pytest.skip("slurmd starts jobs as root alone")
    folder = Path(tempfile.mkdtemp(prefix="slurm-"))  # short: a socket's path has few letters
    folder.chmod(0o755)
    processes: list[subprocess.Popen[bytes]] = []

    def start(*command: str) -> subprocess.Popen[bytes]:
        path = {"PATH": _path(), "SLURM_CONF": str(folder / "slurm.conf")}
        with (folder / f"{command[0]}.out").open("wb") as log:
            process = subprocess.Popen(
                [*among, *command],
                env=os.environ | path,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        processes.append(process)
        return process

    def logs() -> str:
        return "\n".join(
            file.read_text()[-1500:] for file in folder.iterdir() if file.suffix in (".log", ".out")
        )

    made = Slurm(folder)
    try:
        for name in ("state", "spool"):
            (folder / name).mkdir()
        (folder / "key").write_bytes(secrets.token_bytes(64))
        (folder / "key").chmod(0o600)
        ctld, d = _free_ports(2)
        node = socket.gethostname().partition(".")[0]
        config = CONFIG.format(node=node, folder=folder, ctld=ctld, d=d)
        (folder / "slurm.conf").write_text(config)
        files = [
            f"--{what}-file={folder}/{name}"
            for what, name in (
                ("key", "key"),
                ("pid", "m.pid"),
                ("log", "m.log"),
                ("seed", "m.seed"),
            )
        ]
        start(
            "munged",
            "--foreground",
            "--force",
            "--num-threads=2",
            f"--socket={folder}/munge",
            *files,
        )
        until((folder / "munge").exists, logs)
        start("slurmctld", "-D", "-c")
        start("slurmd", "-D", "-c")
        sinfo = ["sinfo", "--noheader", "--format=%T"]
        until(
            lambda: (
                subprocess.run(sinfo, env=made.environment, capture_output=True).stdout == b"idle\n"
            ),
            logs,
        )
        yield made
    finally:
        subprocess.run(
            ["scancel", "--signal=KILL", "--full", "--partition=all"],
            env=made.environment,
            capture_output=True,
        )
        for process in reversed(processes):
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=SECONDS)
        shutil.rmtree(folder)


def _path() -> str:
    return f"{os.environ['PATH']}:/usr/sbin:/sbin"


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def until(true: Callable[[], object], said: Callable[[], str] = str) -> None:
    """Wait for a condition. What `said` returns is shown when it does not come."""
    end = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < end, said()
        time.sleep(0.05)
