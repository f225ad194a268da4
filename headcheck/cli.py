"""The command line. Imports nothing heavy until a command needs it.

Exit codes: 0 all well, 1 something in the course or a submission is wrong, 2 bad usage.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from enum import StrEnum
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Annotated

import typer

import headcheck
from headcheck.course.counted import counted
from headcheck.start import STOPPED, leave_if_served

# jsonschema, which nbformat imports, compiles a grammar of web addresses when it finds this package:
# 1.3 of 2.9 seconds of our start, for a format that no notebook has.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

app = typer.Typer(
    name="headcheck",
    help="Build the course, grade submissions, report to the class.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

CourseOption = Annotated[
    Path, typer.Option("--course", metavar="DIR", help="The course directory.")
]
Assignments = Annotated[
    list[str] | None,
    typer.Argument(metavar="[ASSIGNMENT]...", help="Names of lessons; all when none is named."),
]
Students = Annotated[
    list[str] | None, typer.Option(metavar="ID", help="Only this student; may be repeated.")
]
Jobs = Annotated[int | None, typer.Option(min=1, help="How many at a time.", show_default="cores")]
Results = Annotated[
    Path | None, typer.Option("--json", metavar="FILE", help="Write the results as JSON.")
]
AlsoJson = Annotated[
    Path | None, typer.Option("--json", metavar="FILE", help="Write it as JSON, too.")
]
Plain = Annotated[
    bool, typer.Option("--plain", help="Also without encryption: you are alone there.")
]
Scheduler = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="Let the workers of a Dask cluster run them.")
]
Wait = Annotated[bool, typer.Option("--wait", help="Wait while somebody else grades this course.")]
OnlySay = Annotated[bool, typer.Option("--dry-run", help="Only say what would be written.")]


class Engine(StrEnum):
    """Who runs the notebooks."""

    isolated = "isolated"
    nbgrader = "nbgrader"


def _version(asked: bool) -> None:
    """What a report of a fault should say; without an import that takes time."""
    if asked:
        from headcheck.which import which

        print(which())
        raise typer.Exit


@app.callback()
def _commands(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Say which headcheck this is."
        ),
    ] = False,
) -> None:
    """Build the course, grade submissions, report to the class."""
    from headcheck.desk.interrupt import keep_interrupts
    from headcheck.desk.pipes import let_readers_leave

    keep_interrupts()
    let_readers_leave()


@contextmanager
def plain_errors() -> Iterator[None]:
    """A `CourseError` ends the command with its one sentence, and exit code 2."""
    from headcheck.course.directory import CourseError
    from headcheck.course.files import OF_A_DISK

    try:
        yield
    except CourseError as error:
        fail(str(error), error.exit_code)
    except OSError as error:
        # A file that is open already has no name.
        if error.strerror is None or (error.filename is None and error.errno not in OF_A_DISK):
            raise
        fail(_of_a_file(error), 2)
    except KeyboardInterrupt:
        fail(STOPPED, 130)


def _of_a_file(error: OSError) -> str:
    """What keeps a file from being read or written, and what to do."""
    if error.filename is None:
        return f"a disk says: {error.strerror}. Mend that and run the same command again. What was finished is kept."
    path = Path(os.fsdecode(error.filename))
    remedy = {
        errno.ENOSPC: f"the disk of {path.parent} is full. Free some space",
        errno.EDQUOT: f"your quota on the disk of {path.parent} is used up. Free some space",
        errno.EROFS: f"the disk of {path.parent} is read-only. Make it writable",
        errno.EACCES: f"you may not do that in {path.parent} (`ls -ld` says whose it is). Mend that",
        errno.EPERM: f"you may not do that in {path.parent} (`ls -ld` says whose it is). Mend that",
    }.get(error.errno or 0, f"{error.strerror}. Mend that")
    return f"{path}: {remedy} and run the same command again. What was finished is kept."


def fail(message: str, code: int) -> None:
    """Say one sentence on stderr and end."""
    from headcheck.desk.visible import lines

    print(f"headcheck: {lines(message)}", file=sys.stderr)
    raise typer.Exit(code)


# ---- build --------------------------------------------------------------------------------------


@app.command()
def build(
    assignments: Assignments = None,
    course: CourseOption = Path(),
    verify: Annotated[
        bool,
        typer.Option(help="Also run each changed lesson, answered and unanswered, and grade it."),
    ] = True,
    draws: Annotated[
        int, typer.Option(min=1, metavar="N", help="How often the hidden sizes are drawn for that.")
    ] = 10,
    kernel: Annotated[
        bool, typer.Option(help="Verify also in a Jupyter kernel, which students have.")
    ] = True,
    migrate: Annotated[
        bool,
        typer.Option(
            "--migrate", help="Where graded cells have changed: keep the marks there are."
        ),
    ] = False,
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Only say whether notebooks/ is what source/ gives; exit 1 if not."
        ),
    ] = False,
) -> None:
    """Make source/*/*.ipynb and notebooks/ from the lessons' texts, and verify each lesson.

    Example: headcheck build 05-create-head
    """
    with plain_errors():
        from headcheck.course.directory import Course

        found = Course.open(course)
        lessons = found.select(assignments or [])
        if check:
            from headcheck.authoring.release import first_difference
            from headcheck.authoring.verify import leaks

            wrong = leaks(found)
            difference = first_difference(found, lessons)
            if difference or wrong:
                fail(difference or wrong[0], 1)
            print(f"notebooks/ is what source/ gives ({counted(len(lessons), 'lesson')}).")
            return

        from headcheck.authoring.build import build as build_lessons
        from headcheck.grading.alone import alone

        with alone(found, wait=False) if migrate else nullcontext():
            problems = build_lessons(
                found,
                lessons,
                trying=verify,
                draws=draws,
                in_kernel=kernel,
                migrating=migrate,
                say=print,
            )
        for problem in problems:
            print(f"headcheck: {problem}", file=sys.stderr)
        if problems:
            raise typer.Exit(1)


# ---- a course of one's own ----------------------------------------------------------------------


class CourseKind(StrEnum):
    """What the lessons of a new course use."""

    plain = "plain"
    pandas = "pandas"
    torch = "torch"


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
    kind: Annotated[
        CourseKind, typer.Option(help="What its lessons use; plain: Python alone.")
    ] = CourseKind.plain,
) -> None:
    """Begin a course of your own: a lesson, sample answers to it, the configuration.

    Example: headcheck init my-course --kind pandas
    """
    with plain_errors():
        from headcheck.authoring.own_course import init as begin

        course = begin(folder, kind.value)
        print(f"{course.root} is a course with one lesson. Now:\n")
        print(f"  cd {folder}\n  headcheck build\n  headcheck samples\n")
        print("README.md there says what comes then.")


@app.command("new-lesson")
def new_lesson(
    name: Annotated[str, typer.Argument(help="Such as sorting, or 07-sorting.")],
    course: CourseOption = Path(),
) -> None:
    """Begin another lesson: an example to write over, with sample answers.

    Example: headcheck new-lesson sorting
    """
    with plain_errors():
        from headcheck.authoring.own_course import new_lesson as begin
        from headcheck.course.directory import Course

        found = Course.open(course)
        for path in begin(found, name):
            print(path.relative_to(found.root))


@app.command()
def samples(
    assignments: Assignments = None, course: CourseOption = Path(), jobs: Jobs = None
) -> None:
    """Grade the sample answers of tests/ in a copy of the course: does each get the marks it should?

    Example: headcheck samples 01-first

    Exit code 1: a mark is not what its sample says.
    """
    with plain_errors():
        from headcheck.authoring.sample_marks import wrong_marks
        from headcheck.course.directory import Course

        found = Course.open(course)
        lessons = found.select(assignments or [])
        wrong = wrong_marks(found, lessons, jobs=jobs, say=print)
        for problem in wrong:
            print(f"headcheck: {problem}", file=sys.stderr)
    raise typer.Exit(1 if wrong else 0)


# ---- audit --------------------------------------------------------------------------------------


@app.command()
def audit(
    assignments: Assignments = None,
    course: CourseOption = Path(),
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 1 when a mutant lives; for CI.")
    ] = False,
    draws: Annotated[
        int, typer.Option(min=1, metavar="N", help="How often hidden sizes are drawn.")
    ] = 10,
    jobs: Jobs = None,
    json_file: Results = None,
) -> None:
    """Are the checks any good? Change the reference answers, and show what no check notices.

    Example: headcheck audit 02-the-cut

    Nothing in the course is changed. An audit that was stopped goes on where it was (docs/authoring.md).
    """
    with plain_errors():
        from headcheck.authoring.audit import audit_command
        from headcheck.course.directory import Course

        lessons = Course.open(course).select(assignments or [])
        code = audit_command(lessons, draws=draws, jobs=jobs, check=check, json_file=json_file)
    raise typer.Exit(code)


# ---- grade --------------------------------------------------------------------------------------


@app.command()
def grade(
    assignments: Assignments = None,
    course: CourseOption = Path(),
    student: Students = None,
    jobs: Jobs = None,
    force: Annotated[bool, typer.Option(help="Grade again what did not change.")] = False,
    json_file: Results = None,
    engine: Annotated[
        Engine, typer.Option(help="nbgrader: one ordinary kernel, not isolated.")
    ] = Engine.isolated,
    wait: Wait = False,
    seed: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Draw the hidden sizes from this number.")
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Say what comes out, check by check, and write nothing."),
    ] = False,
    scheduler: Scheduler = None,
    plain: Plain = False,
) -> None:
    """Grade what lies in submitted/<student>/<assignment>/ into the gradebook.

    For a student who asks: `headcheck grade 05-create-head --student ada --dry-run` does the last
    grading again, with the same hidden sizes.
    """
    with plain_errors():
        from headcheck.course.directory import Course
        from headcheck.grading.alone import alone
        from headcheck.grading.pool import open_pool
        from headcheck.seed import SEED_VARIABLE

        opened = Course.open(course)
        if seed is not None:
            os.environ[SEED_VARIABLE] = str(seed)
        with (
            nullcontext() if dry_run else alone(opened, wait=wait),
            closing(
                open_pool(
                    engine.value,
                    opened,
                    1 if dry_run and scheduler is None else jobs,
                    scheduler=scheduler,
                    plain=plain,
                )
            ) as starting,
        ):
            if dry_run:
                from headcheck.desk.rehearse import rehearse_command

                raise typer.Exit(
                    rehearse_command(
                        opened,
                        assignments or [],
                        student or [],
                        json_file=json_file,
                        pool=starting,
                    )
                )
            from headcheck.desk.grade import grade_command  # slow, and so is what is starting

            code = grade_command(
                opened,
                assignments or [],
                student or [],
                force=force,
                json_file=json_file,
                pool=starting,
            )
    raise typer.Exit(code)


# ---- serve --------------------------------------------------------------------------------------


@app.command()
def serve(
    course: CourseOption = Path(),
    idle: Annotated[
        float, typer.Option(min=0.01, metavar="MINUTES", help="End after so long without work.")
    ] = 15,
    stop: Annotated[
        bool, typer.Option("--stop", help="End the one that serves this course.")
    ] = False,
    watch: Annotated[
        bool,
        typer.Option(
            "--watch", help="Also grade what arrives in submitted/ and on nbgrader's exchange."
        ),
    ] = False,
) -> None:
    """Keep a grader warm: `headcheck grade` then takes about a second for one submission.

    Example: headcheck serve &

    Nothing else changes: what is typed, printed and recorded is the same, and without it (or while it is
    busy) every command does its work itself. It ends when idle, when headcheck, a library or the
    configuration changes, at Ctrl-C, or with `headcheck serve --stop`. With --watch it is never idle, and
    begins anew after a change.
    """
    with plain_errors():
        from headcheck.course.directory import Course, CourseError

        opened = Course.open(course)
        if sys.platform != "linux":
            raise CourseError("headcheck serve keeps isolated graders warm, and those need Linux.")
        from headcheck.resident import server
        from headcheck.resident.watch import Places

        def say(sentence: str) -> None:
            print(sentence, flush=True)

        if stop:
            server.stop(opened.root, say=say)
        else:

            def places() -> Places:
                from headcheck.grading.exchange import inbound_of  # slow

                return Places(opened.step_folder("submitted"), inbound_of(opened))

            watched = places if watch else None
            outdated = server.serve(opened, app, idle_minutes=idle, say=say, places=watched)
            if outdated and watch:  # with what is there now
                os.execv(sys.executable, [sys.executable, "-m", "headcheck.cli", *sys.argv[1:]])


# ---- worker -------------------------------------------------------------------------------------


@app.command()
def worker(
    address: Annotated[str, typer.Argument(help="The scheduler: tls://HOST:8786.")],
    jobs: Jobs = None,
    library: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="As in c.Headcheck.libraries; may be repeated; `none` when that list is empty.",
        ),
    ] = None,
    plain: Plain = False,
) -> None:
    """Run submissions on this machine for a `headcheck grade --scheduler ADDRESS` elsewhere.

    Example: headcheck worker tls://login.example.org:8786 --jobs 8

    Runs until its scheduler ends. What to start first, certificates, Slurm: docs/scaling.md.
    """
    with plain_errors():
        from headcheck.course.libraries import named
        from headcheck.grading.grid.be_worker import be_worker
        from headcheck.grading.pool import cores

        be_worker(address, jobs or cores(), named(library), plain=plain)


# ---- regrade ------------------------------------------------------------------------------------


@app.command()
def regrade(
    assignments: Assignments = None,
    course: CourseOption = Path(),
    preview: Annotated[
        bool, typer.Option("--preview", help="Grade in a copy, and write a plan.")
    ] = False,
    apply: Annotated[
        Path | None, typer.Option("--apply", metavar="PLAN", help="Do exactly what a plan says.")
    ] = None,
    undo: Annotated[
        bool,
        typer.Option(
            "--undo", help="Take the newest applied plan back, or the PLAN named after it."
        ),
    ] = False,
    student: Students = None,
    plan_file: Annotated[
        Path | None, typer.Option("--plan", metavar="FILE", help="Where --preview writes the plan.")
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the moves as JSON.")
    ] = None,
    jobs: Jobs = None,
    force: Annotated[
        bool, typer.Option(help="Also what would be graded with the same tests as before.")
    ] = False,
    engine: Annotated[
        Engine, typer.Option(help="nbgrader: one ordinary kernel, not isolated.")
    ] = Engine.isolated,
    wait: Wait = False,
    scheduler: Scheduler = None,
    plain: Plain = False,
) -> None:
    """Say whose mark a fixed test would move, do exactly that, take it back.

    Example: headcheck regrade 05-create-head --preview

    Then `headcheck regrade --apply PLAN`, and `headcheck regrade --undo`. Marks and comments that a
    person gave are never touched. Exit code 1: something has moved since the plan was made, or the
    grader failed.
    """
    with plain_errors():
        from headcheck.course.directory import Course, CourseError
        from headcheck.grading.alone import alone
        from headcheck.grading.pool import open_pool

        if sum((preview, apply is not None, undo)) != 1:
            raise CourseError("say one of --preview, --apply PLAN and --undo; see --help.")
        if scheduler is not None and not preview:
            raise CourseError("only --preview runs notebooks; --scheduler goes with it alone.")
        opened = Course.open(course)
        if preview:
            with closing(
                open_pool(engine.value, opened, jobs, scheduler=scheduler, plain=plain)
            ) as starting:
                from headcheck.desk.regrade import preview_command

                code = preview_command(
                    opened,
                    assignments or [],
                    student or [],
                    force=force,
                    plan_file=plan_file,
                    json_file=json_file,
                    pool=starting,
                )
        else:
            from headcheck.desk.regrade import apply_command, undo_command

            named = [Path(name) for name in assignments or []]
            if student or plan_file or len(named) > (1 if undo else 0):
                raise CourseError("a plan is done, and taken back, as a whole; name nothing else.")
            with alone(opened, wait=wait):
                if apply is not None:
                    code = apply_command(opened, apply)
                else:
                    code = undo_command(opened, named[0] if named else None)
    raise typer.Exit(code)


# ---- show ---------------------------------------------------------------------------------------


@app.command()
def show(
    student: Annotated[str, typer.Argument(help="Whose submission.")],
    assignment: Annotated[str, typer.Argument(help="Of which lesson.")],
    check: Annotated[
        str | None, typer.Argument(help="One check; all that lost points when none is named.")
    ] = None,
    course: CourseOption = Path(),
    run: Annotated[bool, typer.Option(help="Also grade it again, in a copy.")] = True,
    json_file: AlsoJson = None,
    engine: Annotated[
        Engine, typer.Option(help="nbgrader: one ordinary kernel, not isolated.")
    ] = Engine.isolated,
) -> None:
    """Show one submission to answer a student who asks about a mark. Writes nothing.

    Example: headcheck show ada 05-create-head test_create_head

    The answer, the message, what only you may see, the seed, earlier results, and whether a grading
    in a copy with the same hidden sizes says the same. Exit code 1: it does not.
    """
    with plain_errors():
        from headcheck.course.directory import Course
        from headcheck.grading.pool import open_pool

        opened = Course.open(course)
        with closing(open_pool(engine.value, opened, 1)) if run else nullcontext() as starting:
            from headcheck.desk.show import show_command

            code = show_command(
                opened, student, assignment, check, json_file=json_file, pool=starting
            )
    raise typer.Exit(code)


# ---- collect ------------------------------------------------------------------------------------


class Preset(StrEnum):
    """Which LMS named the files."""

    canvas = "canvas"
    moodle = "moodle"
    gradescope = "gradescope"
    brightspace = "brightspace"
    blackboard = "blackboard"
    sakai = "sakai"
    plain = "plain"


@app.command()
def collect(
    download: Annotated[
        Path | None, typer.Argument(metavar="FILE|FOLDER", help="The zip that the LMS gave you.")
    ] = None,
    assignment: Annotated[
        str | None, typer.Argument(help="Its lesson; guessed from the files' names.")
    ] = None,
    course: CourseOption = Path(),
    preset: Annotated[Preset | None, typer.Option(help="How the LMS names files; guessed.")] = None,
    pattern: Annotated[
        str | None,
        typer.Option(
            metavar="REGEX",
            help="For any other LMS: with (?P<student>), (?P<file>), (?P<timestamp>).",
        ),
    ] = None,
    worksheet: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Moodle's grading worksheet: whose numbers, and groups' members."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done.")
    ] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the plan as JSON.")
    ] = None,
    undo: Annotated[
        bool, typer.Option("--undo", help="Take the last collect back: it was the wrong zip.")
    ] = False,
) -> None:
    """Put what an LMS gave you into submitted/<student>/<assignment>/.

    Example: headcheck collect ~/Downloads/submissions.zip --dry-run

    Who is who says students.csv in the course directory, and who has left not-ours.txt (docs/lms.md). What
    a newer attempt replaces is kept in submitted/.earlier/; --undo puts it back. Exit code 1: something has no place, see the table.
    """
    with plain_errors():
        from datetime import UTC, datetime

        from headcheck.course.dates import read_dates
        from headcheck.course.directory import Course, CourseError
        from headcheck.course.named_file import write_named
        from headcheck.course.not_ours import not_ours
        from headcheck.course.roster import read_roster
        from headcheck.desk.lms import collect as desk
        from headcheck.desk.lms.taken_back import note, take_back
        from headcheck.desk.lms.told import show_plan
        from headcheck.desk.lms.unplaced import remember_unplaced
        from headcheck.desk.unknown_names import warn_of_who_has_not_left

        opened = Course.open(course)
        if undo:
            if any((download, assignment, preset, pattern, worksheet, dry_run, json_file)):
                raise CourseError(
                    "--undo takes the last collect back as a whole; name nothing else."
                )
            with desk.one_at_a_time(opened):
                for said in take_back(opened).told():
                    print(said)
                print("What waits now: headcheck todo")
            return
        if download is None:
            raise CourseError("name the zip (or folder) that the LMS gave you; see --help.")
        with nullcontext() if dry_run else desk.one_at_a_time(opened):
            made = desk.plan(
                opened,
                download,
                lesson=assignment,
                preset=preset.value if preset else None,
                pattern=pattern,
                worksheet=worksheet,
            )
            listed = read_roster(opened.root)
            warn_of_who_has_not_left(opened, listed)
            roster = not_ours(opened.root).without(one.id for one in listed)
            show_plan(made, roster=roster, dates=read_dates(opened.root))
            if json_file is not None:
                import json

                write_named(json_file.absolute(), json.dumps(desk.as_data(made), indent=1).encode())
            if dry_run:
                print("Nothing was written (--dry-run).")
            else:
                now = datetime.now(UTC)
                note(opened, made, now)
                damaged = list(desk.carry_out(opened, made, now))
                made.refused += damaged
                for one in damaged:
                    print(f"headcheck: {one.path}: {one.why}", file=sys.stderr)
                options = desk.options(assignment, preset, pattern, worksheet)
                remember_unplaced(opened, made, options)
                changed = sum(one.what in ("new", "newer") for one in made.arrivals)
                print(
                    f"{counted(changed, 'submission')} written to {opened.step_folder('submitted')}."
                )
    raise typer.Exit(0 if made.complete else 1)


# ---- feedback -----------------------------------------------------------------------------------


class Back(StrEnum):
    """How feedback is bundled."""

    canvas = "canvas"
    moodle = "moodle"
    sakai = "sakai"
    folders = "folders"


WithoutPenalty = Annotated[
    bool,
    typer.Option("--without-penalty", help="Our late penalty is left out: the LMS takes its own."),
]


Send = Annotated[
    bool, typer.Option("--send", help="Through Canvas's API; says first what would be sent.")
]
Yes = Annotated[bool, typer.Option("--yes", help="With --send: do it.")]
CanvasUrl = Annotated[
    str | None, typer.Option(metavar="URL", envvar="CANVAS_URL", help="With --send.")
]
CanvasNumber = Annotated[
    str | None, typer.Option(metavar="NUMBER", envvar="CANVAS_COURSE", help="With --send.")
]


@app.command()
def feedback(
    assignments: Assignments = None,
    course: CourseOption = Path(),
    student: Students = None,
    lms: Annotated[
        Back, typer.Option("--for", help="Named as this LMS takes it back.")
    ] = Back.folders,
    hold_back: Annotated[
        bool, typer.Option("--hold-back", help="No page while a mark is not final.")
    ] = False,
    without_penalty: WithoutPenalty = False,
    output: Annotated[
        Path | None, typer.Option(metavar="PLACE", help="Instead of outbox/feedback-...")
    ] = None,
    dry_run: OnlySay = False,
    send: Send = False,
    yes: Yes = False,
    column: Annotated[
        str | None,
        typer.Option("--column", metavar="NAME", help="With --send: the assignment in Canvas."),
    ] = None,
    canvas_url: CanvasUrl = None,
    canvas_course: CanvasNumber = None,
) -> None:
    """Make each student's page, always from the marks as they are now, ready to send back.

    Example: headcheck feedback 05-create-head --for canvas

    What to click in each LMS: docs/lms-canvas.md, docs/lms-moodle.md and so on. No page holds hidden
    tests or what is for teachers alone. Exit code 1: somebody's page has no place in that LMS.
    """
    with plain_errors():
        from headcheck.course.directory import Course
        from headcheck.desk.lms.canvas_api import checked
        from headcheck.desk.lms.canvas_comments import SendTo
        from headcheck.desk.lms.send_back import feedback_command

        code = feedback_command(
            Course.open(course),
            assignments or [],
            student or [],
            lms=lms.value,
            hold_back=hold_back,
            penalty=not without_penalty,
            to=output,
            dry_run=dry_run,
            send=SendTo(checked(canvas_url, canvas_course), column, yes) if send else None,
        )
    raise typer.Exit(code)


# ---- exchange -----------------------------------------------------------------------------------


@app.command()
def exchange(
    assignments: Assignments = None,
    course: CourseOption = Path(),
    student: Students = None,
    wait: Wait = False,
) -> None:
    """Bring in what was handed in through nbgrader's exchange, and give feedback back there.

    Example: headcheck exchange && headcheck grade && headcheck exchange

    Feedback is released for each new grading, so many in a day as `c.Headcheck.feedback_per_day` says
    (docs/serve.md); without that line nothing is. Links, half copies and other people's names are left where
    they are. Exit code 1: something could not be brought in or given back.
    """
    with plain_errors():
        from headcheck.course.directory import Course
        from headcheck.desk.exchange import exchange_command
        from headcheck.grading.alone import alone

        opened = Course.open(course)
        with alone(opened, wait=wait):
            code = exchange_command(opened, assignments or [], student or [])
    raise typer.Exit(code)


# ---- export -------------------------------------------------------------------------------------


class Out(StrEnum):
    """Where marks go."""

    canvas = "canvas"
    moodle = "moodle"
    csv = "csv"
    gradescope = "gradescope"


class Missing(StrEnum):
    """What a student who handed in nothing gets."""

    keep = "keep"
    zero = "zero"


@app.command()
def export(
    assignments: Assignments = None,
    to: Annotated[Out, typer.Option("--to", help="Who gets the marks.")] = Out.csv,
    course: CourseOption = Path(),
    template: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The table that the LMS exported, to be filled in."),
    ] = None,
    column: Annotated[
        str | None,
        typer.Option(
            "--column", "--grade-column", metavar="NAME", help="Where the marks go in it."
        ),
    ] = None,
    student: Students = None,
    unfinished: Annotated[
        bool, typer.Option("--unfinished", help="Also with unread answers, or of an earlier file.")
    ] = False,
    missing: Annotated[
        Missing, typer.Option(help="Who handed in nothing: leave the cell, or a zero.")
    ] = Missing.keep,
    scale: Annotated[
        bool, typer.Option("--scale", help="Scale marks to the points that the LMS has.")
    ] = False,
    without_penalty: WithoutPenalty = False,
    output: Annotated[
        Path | None, typer.Option(metavar="PLACE", help="Instead of outbox/...")
    ] = None,
    dry_run: OnlySay = False,
    send: Send = False,
    yes: Yes = False,
    canvas_url: CanvasUrl = None,
    canvas_course: CanvasNumber = None,
) -> None:
    """Write the marks, as they are now, into the table that the LMS gave you.

    Example: headcheck export 05-create-head --to canvas --template ~/Downloads/Grades.csv

    Everything else in the table stays as it is, to the byte (docs/lms.md). csv: one long table with every
    question, for who teaches. Exit code 1: a mark did not find its place, see the summary.
    """
    with plain_errors():
        from headcheck.course.directory import Course
        from headcheck.desk.lms.canvas_api import checked
        from headcheck.desk.lms.export import Request, export_command
        from headcheck.desk.lms.outgoing import Wishes

        zero = missing is Missing.zero
        wishes = Wishes(not without_penalty, unfinished, missing_zero=zero, scale=scale)
        request = Request(
            to=to.value,
            assignments=assignments or [],
            students=student or [],
            template=template,
            column=column,
            output=output,
            wishes=wishes,
            dry_run=dry_run,
            send_to=checked(canvas_url, canvas_course) if send else None,
            really=yes,
        )
        code = export_command(Course.open(course), request)
    raise typer.Exit(code)


# ---- bundle, book, check ------------------------------------------------------------------------


@app.command()
def bundle(
    course: CourseOption = Path(),
    into: Annotated[Path, typer.Option(metavar="DIR", help="Where to put it.")] = Path("dist"),
) -> None:
    """Make the student edition: a folder ready to publish, and one zip, without any solution.

    Example: headcheck bundle --into dist
    """
    with plain_errors():
        from headcheck.authoring.bundle import bundle as make
        from headcheck.course.directory import Course

        folder, archive = make(Course.open(course), into)
        print(f"{folder}\n{archive} ({archive.stat().st_size / 1000:.0f} kB)")


@app.command()
def book(
    assignments: Assignments = None,
    course: CourseOption = Path(),
    into: Annotated[Path, typer.Option(metavar="DIR", help="Where to put it.")] = Path("dist/book"),
) -> None:
    """Make the course a static site to read: lessons as they look unanswered, and the documents.

    Example: headcheck book 05-create-head --into dist/book
    """
    with plain_errors():
        from headcheck.authoring.book import book as make
        from headcheck.authoring.verify import run_release
        from headcheck.course.directory import Course

        found = Course.open(course)
        print(make(found, into, found.select(assignments or []), run_release))


@app.command()
def check(
    notebook: Annotated[Path, typer.Argument(metavar="NOTEBOOK", help="A notebook file.")],
    seconds: Annotated[int, typer.Option(help="How long it may take.")] = 600,
) -> None:
    """For students: run a notebook's visible checks, and say what is missing before handing in.

    Example: headcheck check 05-create-head.ipynb
    """
    from headcheck.done.check import check as run_checks

    raise typer.Exit(run_checks(notebook, seconds))


# ---- doctor -------------------------------------------------------------------------------------


@app.command()
def doctor() -> None:
    """Say whether this machine can grade, and what to do if not.

    Example: headcheck doctor
    """
    from headcheck.grading.doctor import diagnose

    findings = diagnose()
    for finding in findings:
        print(f"{'ok' if finding.ok else 'PROBLEM':<8} {finding.name}: {finding.detail}")
        if finding.remedy:
            print(f"{'':<8} -> {finding.remedy}")
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)


# ---- todo ---------------------------------------------------------------------------------------


@app.command()
def todo(
    course: CourseOption = Path(),
    json_file: AlsoJson = None,
) -> None:
    """Say what waits for a person, and the command for it.

    Example: headcheck todo

    Written answers, faults of the grader, what could not be graded, files that have no place, pages and
    tables of marks that have changed since. Exit code 1: something needs to be put right; written answers
    that wait and what should be sent again are no fault.
    """
    with plain_errors():
        from headcheck.course.directory import Course
        from headcheck.desk.todo import todo_command

        code = todo_command(Course.open(course), json_file)
    raise typer.Exit(code)


# ---- review -------------------------------------------------------------------------------------


@app.command()
def review(
    assignment: Annotated[
        str | None, typer.Argument(metavar="ASSIGNMENT", help="The lesson.")
    ] = None,
    question: Annotated[
        str | None, typer.Argument(metavar="WRITTEN_ANSWER", help="Its question: why_...")
    ] = None,
    course: CourseOption = Path(),
    port: Annotated[
        int, typer.Option(min=0, max=65535, metavar="N", help="0: any that is free.")
    ] = 0,
    anonymous: Annotated[
        bool, typer.Option("--anonymous", help="The page never learns whose answer it is.")
    ] = False,
) -> None:
    """Read and mark written answers: one page per question, the marking scheme beside them.

    Example: headcheck review 05-create-head why_these_layers

    Prints a link for the browser of this machine and serves the page until Ctrl-C. Marks and
    comments go straight into the gradebook, where formgrader sees them, too.
    """
    with plain_errors():
        from headcheck.course.directory import Course
        from headcheck.desk.review.server import review as serve

        opened = Course.open(course)
        serve(opened, assignment, question, port=port, anonymous=anonymous, say=print)


# ---- report -------------------------------------------------------------------------------------


@app.command()
def report(
    course: CourseOption = Path(),
    leaderboard: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also write the leaderboard alone, without names."),
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Also write the tables behind its figures as CSV."),
    ] = None,
) -> None:
    """Write report.html: the class, question by question, from what was graded so far.

    Example: headcheck report --csv tables
    """
    with plain_errors():
        from headcheck.course.directory import Course
        from headcheck.desk.report import write_class_board, write_report, write_tables

        found = Course.open(course)
        # The tables first: somebody named their folder, and it may be the wrong one.
        made = write_tables(found, csv.absolute()) if csv is not None else []
        for written in (write_report(found), *made):
            print(written)
        if leaderboard is not None:
            write_class_board(found, leaderboard.absolute())
            print(leaderboard)


# ---- similarity ---------------------------------------------------------------------------------


@app.command()
def similarity(
    assignments: Assignments = None,
    course: CourseOption = Path(),
    least: Annotated[
        int, typer.Option(min=1, metavar="N", help="Say nothing of pairs that share fewer pieces.")
    ] = 20,
    csv: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write the pairs as CSV.")
    ] = None,
) -> None:
    """Say which graded submissions share more code than the lesson explains: a hint to look.

    Example: headcheck similarity 05-create-head

    Writes similarity.html, where they stand side by side; the report names them, too.
    """
    with plain_errors():
        from headcheck.course.directory import Course
        from headcheck.desk.hints import similarity_command

        code = similarity_command(Course.open(course), assignments or [], csv, least)
    raise typer.Exit(code)


def _installed_first() -> None:
    """Go on as the installed package when `python -m` has found a clone in the working directory.

    Whoever stands in a course that holds one is graded by the same code as with `headcheck`.
    """
    here = Path.cwd()
    if sys.flags.safe_path or Path(__file__).resolve().parents[1] != here:
        return
    rest = [place for place in sys.path if Path(place or ".").resolve() != here]
    for finder in sys.meta_path:  # of an editable install one of its own
        found = finder.find_spec("headcheck", rest if finder is PathFinder else None)
        if found is not None:
            if found.origin != headcheck.__file__:
                os.execv(
                    sys.executable, [sys.executable, "-P", "-m", "headcheck.cli", *sys.argv[1:]]
                )
            return


if __name__ == "__main__":
    _installed_first()
    leave_if_served()
    app()
