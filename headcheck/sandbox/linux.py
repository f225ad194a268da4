"""The few Linux calls that Python 3.11 does not have, by ctypes. No policy in here."""

from __future__ import annotations

import ctypes
import os
import struct

CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC = 0x20000, 0x2000000, 0x4000000, 0x8000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND = 2, 4, 8, 4096
MS_REC, MS_PRIVATE = 16384, 1 << 18
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_KEEPCAPS, PR_SET_NO_NEW_PRIVS = 1, 4, 8, 38
PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
CAP_KILL, CAP_SETGID, CAP_SETUID, CAP_SYS_ADMIN = 5, 6, 7, 21

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def prctl(option: int, value: int, address: int = 0) -> None:
    """prctl(2) with one or two arguments."""
    arguments = [ctypes.c_ulong(each) for each in (value, address, 0, 0)]
    _checked(_libc.prctl(option, *arguments), f"prctl {option}")


def unshare(flags: int) -> None:
    """Put the calling process in new namespaces (for CLONE_NEWPID: its next child)."""
    _checked(_libc.unshare(flags), f"unshare {flags:#x}")


def setns(fd: int, kind: int) -> None:
    """Enter the namespace behind `fd`."""
    _checked(_libc.setns(fd, kind), "setns")


def mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    """mount(2)."""
    strings = [os.fsencode(each) if each else None for each in (source, target, kind)]
    options = os.fsencode(data) if data else None
    result = _libc.mount(*strings, ctypes.c_ulong(flags), options)
    _checked(result, f"mount {kind or source} on {target}")


def keep_only_capabilities(mask: int) -> None:
    """Reduce the effective and permitted capabilities of this process to `mask`."""
    header = struct.pack("<Ii", 0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    low, high = mask & 0xFFFFFFFF, mask >> 32
    sets = struct.pack("<6I", low, low, 0, high, high, 0)
    _checked(_libc.capset(header, sets), "capset")


def load_seccomp_filter(program: bytes) -> None:
    """Put the calling thread and all it starts under a BPF program (8 bytes an instruction)."""
    code = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog: the number of instructions, and where they are
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(code))
    buffer = ctypes.create_string_buffer(header, len(header))
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(buffer))
