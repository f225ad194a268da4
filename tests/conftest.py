"""What several test files share."""

from __future__ import annotations

import os
import sys

import pytest
import unchanged
import warm_python
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
