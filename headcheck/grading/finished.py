"""Waiting for what other threads do, so that a Ctrl-C is seen at any moment.

A signal that comes just before a wait begins does not end it, and with busy threads beside, "just before"
is milliseconds long: a wait without an end would go on as long as what it waits for.
"""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Collection

T = TypeVar("T")
LOOK_SECONDS = 0.2


def first_finished(futures: Collection[Future[T]]) -> set[Future[T]]:
    """Those that have ended, as soon as one of them has."""
    done: set[Future[T]] = set()
    while futures and not done:
        done, _ = wait(futures, LOOK_SECONDS, FIRST_COMPLETED)
    return done


def result_of(future: Future[T]) -> T:
    """Its result, when it has one. Raises what it raised."""
    first_finished([future])
    return future.result()
