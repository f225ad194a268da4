"""What reading one submission may cost: the clerk's child keeps to it, and the owner waits so long."""

from __future__ import annotations

import struct

MEMORY_MIB = 768  # beside the submission's own files
CPU_SECONDS = 30
WALL_SECONDS = 300.0  # of the child's own clock; a busy machine is no reason to lose a submission
LENGTH = struct.Struct("<I")  # of what the child says, before it
