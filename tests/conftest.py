"""What several test files share."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest

SECRET = "a-secret-of-the-graders-environment"


@pytest.fixture(scope="session")
def forkserver() -> Iterator[object]:
    """One warm forkserver for all tests of a worker (its imports take some seconds)."""
    if sys.platform != "linux":
        pytest.skip("the isolated engine needs Linux")
    from headcheck.grading.forkserver import Forkserver
    from headcheck.grading.jail import IsolationUnavailable

    os.environ["HEADCHECK_TEST_SECRET"] = SECRET
    try:
        server = Forkserver.start()
    except IsolationUnavailable as error:
        pytest.skip(f"this machine cannot isolate: {error}")
    with server:
        yield server
