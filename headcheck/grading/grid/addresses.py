"""Which addresses of a scheduler are used: encrypted ones, and others when that is asked for.

Whoever reaches a plain scheduler runs code as the one who grades, also another user of the same
machine: Dask has no password.
"""

from __future__ import annotations

from headcheck.course.directory import CourseError


def checked(address: str, *, plain: bool) -> str:
    """The address, or a `CourseError` with the reason why it is not used."""
    kind, _, rest = address.rpartition("://")
    if not rest.strip("/"):
        raise CourseError(f"{address!r} is no address; a scheduler's is tls://HOST:8786.")
    if kind == "tls":
        _certificates(address)
    elif kind not in ("", "tcp"):
        raise CourseError(f"{kind}:// is not used; a scheduler's address is tls://HOST:8786.")
    elif not plain:
        raise CourseError(
            f"{address} is neither encrypted nor protected: whoever reaches it, also another user of "
            "the same machine, can run programs as you and read every mark. Use tls:// "
            "(docs/scaling.md says how), or say --plain where you are alone."
        )
    return address


def no_scheduler(address: str, error: Exception) -> CourseError:
    """What to say when Dask could not connect."""
    said = str(error).strip().splitlines() or [type(error).__name__]
    reason = said[0].rpartition(": ")[2][:200]  # before it stands what Dask calls its own parts
    return CourseError(
        f"no scheduler can be used at {address} ({reason}). Is it running there, and are "
        "the certificates those it was started with?"
    )


def _certificates(address: str) -> None:
    import dask

    for name in ("ca-file", "client.cert", "client.key"):
        if not dask.config.get(f"distributed.comm.tls.{name}", None):
            raise CourseError(
                f"{address} needs certificates, and Dask's configuration names none "
                f"(distributed.comm.tls.{name}); docs/scaling.md says how to make them."
            )


def need_dask() -> None:
    """Raises `CourseError` when Dask is not installed."""
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        raise CourseError(
            f"a cluster needs Dask, which is not installed ({error.name}): "
            "pip install -c constraints.txt -e '.[grade,dask]'"
        ) from None
