"""Do cells give the same outputs in our shell as under stock Jupyter?

A notebook of awkward cells runs both ways, in a real kernel through nbclient and in a student
process; clocks, identifiers and addresses are blanked, everything else must be equal.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from headcheck.grading.engines.student import StudentProcess
from headcheck.grading.work import Limits
from headcheck.sandbox.forkserver import Forkserver

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the isolated engine needs Linux")

# Each is a cell of its own; cells share one process, in this order. (A bar draws itself more often where
# the machine is slow; these are told not to.)
CELLS = {
    "a value": "6 * 7",
    "nothing": "None",
    "only a comment": "# nothing here",
    "print and value": "print('a', 'b', sep='-')\n'c'",
    "both streams": "import sys\nprint('out')\nsys.stdout.flush()\nprint('err', file=sys.stderr)",
    "many small prints": "for n in range(300): print(n, end=' ')",
    "no newline at the end": "sys.stdout.write('abc')",
    "not ascii": "größe = '✗ λ 数 🙂'\nprint(größe)\ngröße",
    "a lone surrogate": "print(ascii('\\ud800'))",
    "rich display": "from IPython.display import HTML, Markdown, SVG, JSON, Javascript, display\nHTML('<b>b</b>')",
    "several displays": "display(HTML('<i>1</i>'), Markdown('*2*'))\ndisplay({'text/plain': 'raw'}, raw=True)\nJSON({'a': [1]})",
    "own representation": "class Rich:\n    def _repr_html_(self): return '<p>'\n    def _repr_png_(self): return b'\\x89PNG'\n    def __repr__(self): return 'rich'\nRich()",
    "broken representation": "class Broken:\n    def __repr__(self): raise ValueError('no repr')\nBroken()",
    "mime bundle": "class Bundle:\n    def _repr_mimebundle_(self, include=None, exclude=None): return {'text/plain': 'p', 'application/vnd.x+json': {'k': 1}}\nBundle()",
    "updated later": "handle = display('before', display_id='fixed')\nprint('between')",
    "the update": "handle.update('after')\ndisplay('x', display_id='fixed2')",
    "clear at once": "from IPython.display import clear_output\nprint('gone')\nclear_output()\nprint('kept')",
    "clear later": "print('gone')\nclear_output(wait=True)\nprint('kept')",
    "clear with nothing after": "print('stays')\nclear_output(wait=True)",
    "a figure": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.title('t')\nplt.show()",
    "a figure as value": "fig, ax = plt.subplots(figsize=(2, 1))\nax.plot([1, 2]);",
    "two figures": "plt.figure(figsize=(1, 1)); plt.figure(figsize=(1, 1)); print('two')",
    "figure after error": "plt.figure(figsize=(1, 1))\n1 / 0",
    "bash cell": "%%bash\necho out; echo err >&2\nfor i in 1 2; do echo $i; done",
    "failing bash cell": "%%bash\nexit 3",
    "shell command": "!echo hello && printf 'no newline'",
    "shell capture": "lines = !printf 'a\\nb'\nlines",
    "os.system": "import os\nos.system('echo from system')",
    "subprocess": "import subprocess\nsubprocess.run(['echo', 'from subprocess']).returncode",
    "captured": "%%capture cap\nprint('hidden')\n1 + 1",
    "what was captured": "cap.stdout",
    "line magic": "%precision 3\n3.14159",
    "unknown magic": "%nosuchmagic",
    "magic on a file": "%%writefile note.txt\nsome text",
    "cat the file": "!cat note.txt",
    "traceback": "def f(x):\n    return g(x)\ndef g(x):\n    raise KeyError('deep')\nf(1)",
    "traceback of torch": "import torch\ntorch.ones(2, 3) @ torch.ones(2, 3)",
    "chained errors": "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise RuntimeError('second') from e",
    "group of errors": "raise ExceptionGroup('several', [ValueError(1), TypeError(2)])",
    "syntax error": "def broken(:\n    pass",
    "indentation error": "  x = 1\n y = 2",
    "name error": "undefined_name",
    "own traceback": "class Worded(Exception):\n    def _render_traceback_(self): return ['only this']\nraise Worded()",
    "a check that fails": "from headcheck import expect\nexpect(False, 'that it holds', got=1, expected=2)",
    "warning": "import warnings\nwarnings.warn('careful')",
    "deprecation": "warnings.warn('old', DeprecationWarning)",
    "logging": "import logging\nlogging.warning('logged')",
    "input": "input('? ')",
    "getpass": "import getpass\ngetpass.getpass()",
    "top-level await": "import asyncio\nawait asyncio.sleep(0.01)\n'awaited'",
    "task over two cells": "async def later():\n    await asyncio.sleep(0.01)\n    return 'late'\ntask = asyncio.ensure_future(later())",
    "its result": "await task",
    "asyncio.run": "coroutine = later()\nasyncio.run(coroutine)",
    "error while awaiting": "async def fails():\n    raise LookupError('async')\nawait fails()",
    "last expressions": "_, __, _i[:6]",
    "history": "In[1], len(Out) > 3",
    "question mark": "f?",
    "semicolon": "1 + 1;",
    "display hook of several": "1\n2\n3",
    "sys.exit": "sys.exit(2)",
    "error that cannot be printed": "class Silent(Exception):\n    def __str__(self): raise ValueError('no text')\nraise Silent()",
    "still alive": "'alive'",
    "notebook detection": "from fastcore.imports import in_notebook, in_jupyter\nin_notebook(), in_jupyter(), type(get_ipython()).__name__",
    "progress bar": "from tqdm import tqdm\nfor _ in tqdm(range(3), desc='bar', mininterval=999): pass",
    "progress bar of the notebook": "from tqdm.auto import tqdm as auto\nfor _ in auto(range(2), mininterval=999): pass\nauto.__module__",
    "fastprogress": "from fastprogress import progress_bar\nsum(progress_bar(range(3)))",
    "pandas": "import pandas as pd\npd.DataFrame({'a': [1, 2]})",
    "tensor": "torch.arange(6.).reshape(2, 3)",
    "random numbers of torch": "torch.manual_seed(3); torch.rand(2)",
    "first random number of torch": "torch.initial_seed() > 0",
    "module": "torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU())",
    "pretty printing": "{'a' * 40: list(range(30)), 'b': {'c': set([1])}}",
    "long repr": "list(range(2000))",
    "frozen stdout": "print(sys.stdout.encoding, sys.stdout.isatty(), sys.stdout.writable())",
    "redirected": "from contextlib import redirect_stdout\nimport io\nwith redirect_stdout(io.StringIO()) as s: print('caught')\ns.getvalue()",
    "threads print": "import threading\nt = threading.Thread(target=print, args=('from thread',)); t.start(); t.join()",
    "own displayhook object": "from IPython import get_ipython\nget_ipython().display_pub.__class__.__name__",
    "run cell inside": "get_ipython().run_cell('print(\"inner\")').success",
    "file names": "import inspect\ninspect.getsource(g)",
    "pickle of own class": "import pickle\nclass P: pass\ntype(pickle.loads(pickle.dumps(P()))).__module__",
    "main": "__name__",
    "environment for subprocesses": "os.environ['PAGER'], os.environ['TERM'], os.environ['FORCE_COLOR']",
    "working directory is empty but for ours": "sorted(n for n in os.listdir() if not n.startswith('.'))",
}

BLANKED = (
    (r"0x[0-9a-f]{6,}", "0xADDRESS"),
    (r"ipykernel_\d+/\d+\.py", "ipykernel_N/N.py"),
    (r"\d+(\.\d+)?(it/s|s/it)|\?it/s|\d\d:\d\d", "TIME"),
    (r"/home/student|/tmp/[\w/.-]*work", "HERE"),
    (r"[0-9a-f]{32}", "IDENTIFIER"),
)


def blank(value: Any) -> Any:
    """The value without what differs between two runs of the same thing."""
    if isinstance(value, str):
        for pattern, name in BLANKED:
            value = re.sub(pattern, name, value)
        return value
    if isinstance(value, dict):
        return {key: blank(each) for key, each in value.items() if key != "transient"}
    if isinstance(value, list):
        return [blank(each) for each in value]
    return value


def comparable(outputs: list[NotebookNode]) -> list[Any]:
    """Outputs with streams put together: when a kernel flushes depends on the clock."""
    streams: dict[str, str] = {}
    others = []
    for node in outputs:
        if node.output_type == "stream":
            streams[node.name] = streams.get(node.name, "") + node.text
        else:
            others.append(blank(dict(node)))
    return [blank(streams), others]


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> dict[str, NotebookNode]:
    home = tmp_path_factory.mktemp("stock")
    here = home / "work"
    here.mkdir()
    notebook = new_notebook(cells=[new_code_cell(code) for code in CELLS.values()])
    notebook.metadata.kernelspec = {"name": "python3", "language": "python", "display_name": "p"}
    resources = {"metadata": {"path": str(here)}}
    client = NotebookClient(
        notebook, timeout=600, startup_timeout=600, allow_errors=True, resources=resources
    )
    env = {**os.environ, "HOME": str(home), "OMP_NUM_THREADS": "1"}
    del env["PYTEST_CURRENT_TEST"]  # ipykernel does not pass on what subprocesses print with it
    client.execute(env=env)
    return dict(zip(CELLS, notebook.cells, strict=True))


@pytest.fixture(scope="module")
def ours(forkserver: Forkserver) -> dict[str, NotebookNode]:
    done = {}
    with StudentProcess(forkserver, Limits(output_kib=4096)) as student:
        for name, code in CELLS.items():
            run = student.run_cell(code)
            done[name] = new_code_cell(
                code, outputs=run.outputs, execution_count=run.execution_count
            )
    return done


@pytest.mark.parametrize("name", CELLS)
def test_same_outputs_as_stock_jupyter(
    name: str, stock: dict[str, NotebookNode], ours: dict[str, NotebookNode]
) -> None:
    assert comparable(ours[name].outputs) == comparable(stock[name].outputs)
    assert ours[name].execution_count == stock[name].execution_count


def test_what_comes_out_is_a_valid_notebook(ours: dict[str, NotebookNode], tmp_path: Path) -> None:
    notebook = new_notebook(cells=list(ours.values()))
    nbformat.validate(notebook)
    nbformat.write(notebook, tmp_path / "written.ipynb")
    assert nbformat.read(tmp_path / "written.ipynb", as_version=4) == notebook
