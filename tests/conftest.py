"""What several test files share."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

# As in `headcheck.cli`, before nbformat is imported: a second of each worker.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
# ruff: noqa: E402

import pytest
import unchanged
import warm_python
from hours import leave_out_what_waits
from hypothesis import HealthCheck, settings
from isolation import needs_isolation

# Not by time: how long one example takes is up to the machine. `bench/fuzz.py` takes the long one.
# The quick one takes the same examples in every run, so that a run says something about the change.
# (Nearly: also the constants of the modules that are loaded are tried, and these are other ones in
# other workers. So how large or rare examples are is not a fault of the test's.)
ANY_SIZE = [HealthCheck.data_too_large, HealthCheck.too_slow, HealthCheck.filter_too_much]
settings.register_profile(
    "quick", max_examples=50, deadline=None, derandomize=True, suppress_health_check=ANY_SIZE
)
settings.register_profile(
    "long", max_examples=20_000, deadline=None, suppress_health_check=ANY_SIZE
)
settings.load_profile("quick")


# The files that take longest, by what they took in a whole run. A file is one worker's: one of these
# begun last would let the others wait. (`make test` tells xdist to leave this order alone.)
LONGEST_FIRST = (
    *("mistakes", "equality", "exploits", "grade", "isolated", "jail", "cluster", "progress"),
    *(
        "resident",
        "gradebook",
        "postgres",
        "formgrader",
        "desk_in",
        "bundle",
        "build",
        "own_course",
    ),
    *("audit", "draws", "demos", "demo", "marked", "unchanged", "one_submission", "regrade"),
    *("review", "export", "changed_cells", "watch_exchange", "penalties", "versions", "collect"),
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    leave_out_what_waits(config, items)
    place = {f"test_{name}": number for number, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))


def pytest_configure(config: pytest.Config) -> None:
    # (A run inside a test, as another user, has no cache.)
    if unchanged.is_used() and config.pluginmanager.hasplugin("cacheprovider"):
        config.pluginmanager.register(unchanged.Unchanged(config))


SECRET = "a-secret-of-the-graders-environment"


@pytest.fixture(scope="session")
def forkserver() -> object:
    """One warm forkserver for all tests of a worker (its imports take some seconds)."""
    if sys.platform != "linux":
        pytest.skip("the isolated engine needs Linux")
    needs_isolation()
    os.environ["HEADCHECK_TEST_SECRET"] = SECRET
    return warm_python.forkserver()


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """Not below pytest's own folder, which each pytest that begins closes to others."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
