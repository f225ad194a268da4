"""Runs one notebook in a fresh ipykernel, as JupyterLab does. A program: see `verify.in_kernel`.

    python -P -m headcheck.authoring.kernel_run FOLDER < notebook > notebook with its outputs

A process of its own, because what nbclient has under way cannot be ended from outside without the
traces of asyncio's and ZeroMQ's unfinished business.
"""

from __future__ import annotations

import sys

import nbformat

NO_KERNEL = 3  # exit code
# Wall time, and much of it: how fast a lesson is nobody asks here, and the machine may be busy.
CELL_SECONDS, START_SECONDS = 600, 300


def main() -> int:
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient import NotebookClient

    notebook = nbformat.reads(sys.stdin.read(), as_version=4)
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        startup_timeout=START_SECONDS,
        kernel_name="python3",
        allow_errors=True,
        resources={"metadata": {"path": sys.argv[1]}},
        # A lone kernel on this machine: its warning about unencrypted TCP is noise here.
        extra_arguments=["--HistoryManager.hist_file=:memory:", "--IPKernelApp.log_level=40"],
    )
    try:
        client.execute()
    except NoSuchKernel:
        return NO_KERNEL
    except Exception as error:  # dead kernel, timeout: nbclient's own errors
        first = (str(error).strip().splitlines() or [""])[0]
        print(f"{type(error).__name__}: {first}", file=sys.stderr)
        return 1
    sys.stdout.write(nbformat.writes(notebook))
    return 0


if __name__ == "__main__":
    sys.exit(main())
