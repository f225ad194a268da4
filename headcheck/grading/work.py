"""What goes into grading one submission, and what comes out. Data only, no behaviour.

`Work` -> (an engine) -> `Graded`. Both are plain pydantic models, so that the same unit can be
handed to a local pool or to another machine, and done again if it was lost on the way.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

# The closed set of what can become of a check, and (the worst of them) of a submission.
Outcome = Literal[
    "passed",
    "failed",
    "error",  # student code raised
    "timeout",
    "out-of-memory",
    "died",  # the student process ended: crash, os._exit, kill
    "missing",  # the answer's name is not defined
    "grader-error",  # our fault: shown to the TA, never scored as zero in silence
]
EngineName = Literal["isolated", "nbgrader"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Limits(_Strict):
    """What one submission may use. Set in grader_config.py under `c.Headcheck`."""

    memory_mib: int = Field(default=2048, gt=0, description="memory of the whole process tree")
    cell_seconds: float = Field(
        default=60,
        gt=0,
        description="processor time of one cell or one check, of all its processes",
    )
    submission_seconds: float = Field(
        default=300, gt=0, description="processor time of the whole notebook"
    )
    wall_factor: float = Field(
        default=5,
        ge=1,
        description="wall time is limited to so many times the processor time: what only waits ends,"
        " and a busy machine costs nobody points",
    )
    processes: int = Field(default=64, gt=0, description="processes and threads at one time")
    file_mib: int = Field(default=64, gt=0, description="size of one file")
    disk_mib: int = Field(default=256, gt=0, description="all files together (kept in memory)")
    output_kib: int = Field(default=1024, gt=0, description="output kept of one cell")
    all_output_kib: int = Field(default=6144, gt=0, description="output kept of all cells together")
    demos: Literal["needed", "all"] = Field(
        default="needed", description="needed: cells that only show something do not run"
    )


class Work(_Strict):
    """One notebook of one submission, ready to be run: locked cells are the instructor's copy."""

    student: str
    assignment: str
    notebook_name: str
    notebook: bytes
    files: dict[str, bytes] = Field(
        default_factory=dict, description="what lies beside the notebook in the student's process"
    )
    lesson_files: dict[str, bytes] = Field(
        default_factory=dict,
        description="the lesson's own of these: all that lies beside the checks",
    )
    seed: int = Field(description="secret sizes and inputs are drawn from it")
    limits: Limits = Limits()


class CellResult(_Strict):
    """The verdict on one check cell. `message` is for the student, `detail` for the TA only."""

    notebook: str
    grade_id: str
    score: float
    max_score: float
    outcome: Outcome
    message: str = ""
    detail: str = ""
    published: dict[str, Any] | None = Field(
        default=None, description="what the check said for others to show: word -> JSON data"
    )


class Graded(_Strict):
    """One notebook after grading: outputs filled in, one result per check cell."""

    notebook: bytes
    cells: list[CellResult]
    outcome: Outcome
    engine: EngineName
    seed: int
    seconds: float
    peak_memory_mib: float | None = None
    notes: list[str] = Field(default_factory=list, description="what a TA should know")
    unreadable: str = Field(default="", description="for the TA: why nothing could be graded")
