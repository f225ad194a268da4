"""Root's tests as an ordinary user of this machine, and as several."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Literal

import pytest

# In a mount namespace of its own, because root's home (where the interpreter may be) is closed to
# others. Arguments: the interpreter's folder, "lent" or "alone", `where`, user, group, the command.
_SCRIPT = """
set -e
hold=$(mktemp -d)
mount --bind "$1" "$hold"
mount -t tmpfs -o mode=755 tmpfs "$HOME"
mkdir -p "$1"
mount --move "$hold" "$1"
rmdir "$hold"
shift
if [ "$1" = lent ]; then  # as most distributions do for everybody with a login
  lists=$(mktemp -d)
  cp /etc/passwd "$lists"
  echo "ada:x:$3:$3::/nowhere:/bin/sh" >> "$lists/passwd"
  echo "ada:2000000:65536" | tee "$lists/subuid" > "$lists/subgid"
  for name in passwd subuid subgid; do
    touch "/etc/$name"
    mount --bind "$lists/$name" "/etc/$name"
  done
fi
shift
rights=
if [ "$1" != host ]; then  # what a container runtime leaves (docs/container.md)
  rights=--bounding-set=-all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap
  rights=$rights,+net_bind_service,+net_raw,+sys_chroot,+mknod,+audit_write,+setfcap
  tools=$(mktemp -d)
  chmod 755 "$tools"
  for pair in newuidmap:setuid newgidmap:setgid; do
    name=${pair%%:*}
    cp "/usr/bin/$name" "$tools" && chmod 755 "$tools/$name"
    setcap "cap_${pair##*:}+ep" "$tools/$name" && mount --bind "$tools/$name" "/usr/bin/$name"
  done || true
fi
if [ "$1" = container ]; then
  [ ! -e /proc/kcore ] || mount --bind /dev/null /proc/kcore
  mount --bind /proc/sys /proc/sys
  mount -o remount,ro,bind /proc/sys
fi
shift
user=$1 group=$2
shift 2
exec setpriv $rights --reuid="$user" --regid="$group" --groups="$group" env HOME=/nowhere "$@"
"""


def as_ordinary_user(
    folder: Path,
    user: int,
    *arguments: str,
    group: int = 12345,
    numbers: Literal["lent", "alone"] | str = "alone",
    where: Literal["host", "container", "uncovered container"] = "host",
) -> subprocess.CompletedProcess[str]:
    """Python with these arguments, in `folder`, by user number `user` of `group`.

    `numbers`: whether /etc/subuid lends that user kernel users. `where`: with what rights, and
    whether parts of /proc are covered, as in a container. Skips the test where this process is not
    root.
    """
    if os.getuid() != 0:
        pytest.skip("this already is an ordinary user")
    if not (shutil.which("unshare") and shutil.which("setpriv")):
        pytest.skip("needs the programs unshare and setpriv (util-linux)")
    interpreter = Path(sys.base_prefix)
    if not interpreter.is_relative_to(Path.home()):
        interpreter = Path(sys.prefix)
    become = ["unshare", "-m", "bash", "-c", _SCRIPT, "as-user", str(interpreter)]
    command = [*become, numbers, where, str(user), str(group), sys.executable, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=1100)
