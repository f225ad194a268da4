"""The seccomp filter: which system calls a jailed process may make.

Everything libseccomp knows by name and that existed when this list was reviewed (up to number
`REVIEWED`, Linux 6.10) is allowed, except what is refused below. A newer call does not exist as
far as a jailed process can tell, so a new kernel opens nothing. libseccomp resolves the numbers on
every architecture.
"""

from __future__ import annotations

import errno
import socket
import tempfile
from typing import Any

from headcheck.sandbox import linux

REVIEWED = 462

# Looking into or steering other processes; changing the view of the system; kernel parts with a
# history of holes; memory that no limit counts; clocks, host names and other machine-wide state.
REFUSED = [
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "process_madvise",
    "process_mrelease",
    "kcmp",
    "pidfd_getfd",
    "mount",
    "umount",
    "umount2",
    "pivot_root",
    "chroot",
    "move_mount",
    "open_tree",
    "fsopen",
    "fsconfig",
    "fsmount",
    "fspick",
    "mount_setattr",
    "statmount",
    "listmount",
    "unshare",
    "setns",
    "clone3",
    "bpf",
    "perf_event_open",
    "userfaultfd",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "add_key",
    "request_key",
    "keyctl",
    "landlock_create_ruleset",
    "landlock_add_rule",
    "landlock_restrict_self",
    "seccomp",
    "init_module",
    "finit_module",
    "delete_module",
    "create_module",
    "kexec_load",
    "kexec_file_load",
    "reboot",
    "swapon",
    "swapoff",
    "acct",
    "syslog",
    "quotactl",
    "quotactl_fd",
    "nfsservctl",
    "lookup_dcookie",
    "uselib",
    "vhangup",
    "name_to_handle_at",
    "open_by_handle_at",
    "fanotify_init",
    "fanotify_mark",
    "memfd_create",
    "memfd_secret",
    "shmget",
    "shmat",
    "shmctl",
    "shmdt",
    "semget",
    "semop",
    "semtimedop",
    "semctl",
    "msgget",
    "msgsnd",
    "msgrcv",
    "msgctl",
    "mq_open",
    "mq_unlink",
    "mq_timedsend",
    "mq_timedreceive",
    "mq_notify",
    "mq_getsetattr",
    "personality",
    "iopl",
    "ioperm",
    "modify_ldt",
    "settimeofday",
    "clock_settime",
    "adjtimex",
    "clock_adjtime",
    "stime",
    "sethostname",
    "setdomainname",
    "move_pages",
    "migrate_pages",
    "mbind",
    "set_mempolicy",
    "set_mempolicy_home_node",
]

# prctl can undo parts of the jail (the signal at the parent's death); these uses cannot.
_PRCTL_ALLOWED = {
    "PR_GET_PDEATHSIG": 2,
    "PR_GET_DUMPABLE": 3,
    "PR_SET_NAME": 15,
    "PR_GET_NAME": 16,
    "PR_GET_SECCOMP": 21,
    "PR_CAPBSET_READ": 23,
    "PR_SET_TIMERSLACK": 29,
    "PR_GET_TIMERSLACK": 30,
    "PR_SET_NO_NEW_PRIVS": 38,
    "PR_GET_NO_NEW_PRIVS": 39,
    "PR_SET_THP_DISABLE": 41,
    "PR_GET_THP_DISABLE": 42,
    "PR_SET_VMA": 0x53564D41,
}
_NAMESPACES = (
    linux.CLONE_NEWNS
    | linux.CLONE_NEWCGROUP
    | linux.CLONE_NEWUTS
    | linux.CLONE_NEWIPC
    | linux.CLONE_NEWUSER
    | linux.CLONE_NEWPID
    | linux.CLONE_NEWNET
)
_MAP_KIND, _MAP_SHARED, _MAP_SHARED_VALIDATE, _MAP_PRIVATE, _MAP_ANONYMOUS = 0xF, 1, 3, 2, 0x20


def build_filter() -> bytes:
    """The filter as a BPF program, for `linux.load_seccomp_filter` (made once: it takes 4 ms).

    Raises RuntimeError when libseccomp is not installed.
    """
    import pyseccomp as sc  # loads libseccomp.so, which may be missing

    refuse = sc.ERRNO(errno.EPERM)
    rules = sc.SyscallFilter(sc.ERRNO(errno.ENOSYS))
    rules.set_attr(sc.Attr.CTL_OPTIMIZE, 2)  # a binary tree instead of a list of 300 comparisons
    conditional = {"clone", "socket", "socketpair", "prctl", "mmap"}
    for number in range(REVIEWED + 1):
        try:
            name = sc.resolve_syscall(sc.Arch.NATIVE, number).decode()
        except ValueError:
            continue  # no such call on this architecture
        if name in REFUSED:
            if name != "clone3":  # "not implemented" sends glibc back to clone, which can be judged
                rules.add_rule(refuse, number)
        elif name not in conditional:
            rules.add_rule(sc.ALLOW, number)

    rules.add_rule(sc.ALLOW, "clone", sc.Arg(0, sc.MASKED_EQ, _NAMESPACES, 0))
    for name in ("socket", "socketpair"):
        rules.add_rule(sc.ALLOW, name, sc.Arg(0, sc.EQ, socket.AF_UNIX))
        rules.add_rule(sc.ERRNO(errno.EAFNOSUPPORT), name, sc.Arg(0, sc.NE, socket.AF_UNIX))
    for option in _PRCTL_ALLOWED.values():
        rules.add_rule(sc.ALLOW, "prctl", sc.Arg(0, sc.EQ, option))

    # Anonymous shared memory is counted by no limit of a process (RLIMIT_DATA counts private
    # memory) and can be hidden from the watchdog. Files in /dev/shm count against the quota.
    def mapping(flags: int, mask: int) -> Any:
        return sc.Arg(3, sc.MASKED_EQ, mask, flags)

    rules.add_rule(sc.ALLOW, "mmap", mapping(0, _MAP_ANONYMOUS))
    for kind, action in (
        (_MAP_PRIVATE, sc.ALLOW),
        (_MAP_SHARED, refuse),
        (_MAP_SHARED_VALIDATE, refuse),
    ):
        rules.add_rule(action, "mmap", mapping(kind | _MAP_ANONYMOUS, _MAP_KIND | _MAP_ANONYMOUS))
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()
