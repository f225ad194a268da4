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
# history of holes; memory that no limit counts (pages that only a pipe holds); clocks, host names,
# asynchronous I/O contexts, watches and other state that is shared beyond one submission.
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
    "vmsplice",
    "splice",
    "tee",
    "sendfile",
    "sendfile64",
    "io_setup",
    "io_destroy",
    "io_submit",
    "io_cancel",
    "io_getevents",
    "io_pgetevents",
    "inotify_init",
    "inotify_init1",
    "inotify_add_watch",
    "inotify_rm_watch",
    "cachestat",
    "ioprio_set",
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
# What else fcntl does: make pipes larger, lease files, report changes of a folder, ask who holds a
# lock.
_FCNTL_ALLOWED = {
    "F_DUPFD": 0,
    "F_GETFD": 1,
    "F_SETFD": 2,
    "F_GETFL": 3,
    "F_SETFL": 4,
    "F_SETOWN": 8,
    "F_GETOWN": 9,
    "F_SETSIG": 10,
    "F_GETSIG": 11,
    "F_SETOWN_EX": 15,
    "F_GETOWN_EX": 16,
    "F_DUPFD_QUERY": 1027,
    "F_DUPFD_CLOEXEC": 1030,
    "F_GETPIPE_SZ": 1032,
    "F_ADD_SEALS": 1033,
    "F_GET_SEALS": 1034,
}
# A lock on a file of the system would be seen by every submission that is graded at the same time:
# a way to send messages. These calls say that it worked, and lock nothing. Programs that lock their
# own files (SQLite, pip) go on; between processes of one submission such a lock protects nothing.
_FCNTL_LOCKS = {"F_SETLK": 6, "F_SETLKW": 7, "F_OFD_SETLK": 37, "F_OFD_SETLKW": 38}
# Advice to drop a file from the page cache: the next neighbour to read it would notice.
_FADVISE_ALLOWED, _FADVISE_DONTNEED = (0, 1, 2, 3, 5), 4
# Not SO_SNDBUF: what waits in a socket is counted by the number of sockets (see `watchdog`).
_SOCKET_OPTIONS = (
    socket.SO_REUSEADDR,
    socket.SO_BROADCAST,
    socket.SO_RCVBUF,
    socket.SO_KEEPALIVE,
    socket.SO_LINGER,
    socket.SO_PASSCRED,
    socket.SO_RCVLOWAT,
    socket.SO_RCVTIMEO,
    socket.SO_SNDTIMEO,
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
    conditional = {"clone", "socket", "socketpair", "setsockopt", "prctl", "mmap"}
    conditional |= {"fcntl", "flock", "fadvise64"}
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
    for option in _SOCKET_OPTIONS:
        wanted = sc.Arg(1, sc.EQ, socket.SOL_SOCKET), sc.Arg(2, sc.EQ, option)
        rules.add_rule(sc.ALLOW, "setsockopt", *wanted)
    pretend = sc.ERRNO(0)
    for command in _FCNTL_ALLOWED.values():
        rules.add_rule(sc.ALLOW, "fcntl", sc.Arg(1, sc.EQ, command))
    for command in _FCNTL_LOCKS.values():
        rules.add_rule(pretend, "fcntl", sc.Arg(1, sc.EQ, command))
    rules.add_rule(pretend, "flock")
    for advice in _FADVISE_ALLOWED:
        rules.add_rule(sc.ALLOW, "fadvise64", sc.Arg(3, sc.EQ, advice))
    rules.add_rule(pretend, "fadvise64", sc.Arg(3, sc.EQ, _FADVISE_DONTNEED))
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
