"""The resident grader: imports everything once, then forks a process for each command it is sent.

One thread, one guest at a time: a command that it runs, or somebody who borrows its forkserver.
Whoever comes meanwhile is told so and helps himself. Nothing of a command stays here: it runs in a
process forked for it, and what that forks in the forkserver ends with it.
"""

from __future__ import annotations

import fcntl
import gc
import json
import math
import os
import select
import shlex
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, Literal, NoReturn

from headcheck.course.directory import Course, CourseError
from headcheck.course.feedback_rule import gives_feedback, now, zone_of
from headcheck.course.libraries import libraries_of
from headcheck.resident import address, command, lend
from headcheck.resident.imports import import_everything
from headcheck.resident.key import key_of
from headcheck.resident.process import stay
from headcheck.resident.watch import Pair, Places, Watcher
from headcheck.sandbox import frames, linux
from headcheck.sandbox.forkserver import Forkserver, ForkserverError
from headcheck.sandbox.jail import IsolationUnavailable

LOOK_SECONDS = 30.0  # how often it asks itself whether it is still of use
LISTEN_SECONDS = 5.0  # for what somebody who has connected is to say
STOP_SECONDS = 10.0  # for one that is told to end
REST_SECONDS = 2.0  # that nothing of a submission has changed
SHORT_SECONDS = 1.0  # a watcher that lives shorter is begun anew at the next look only
GRACE_SECONDS = 20.0  # between the interrupt and the kill of a command that nobody waits for
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
CHANGED = "headcheck, a library or the configuration has changed"

Want = Literal["command", "loan", "who"]
Verb = Literal["grade", "exchange"]
Say = Callable[[str], None]


class AlreadyServed(CourseError):
    """This user has a resident grader of this course."""

    exit_code = 1


@dataclass(frozen=True)
class _Errand:
    """A command of our own. `pairs`: the submissions of one lesson; none: everything."""

    verb: Verb
    pairs: tuple[Pair, ...]


@dataclass
class _Guest:
    """Who is served now. A borrower has neither line nor process: its end is the forkserver's to tell."""

    what: str
    lent: bool = True  # until the forkserver says that everything has ended
    since: float = field(default_factory=time.monotonic)
    line: socket.socket | None = None
    pid: int = 0
    process: int = -1  # a pidfd; -1 when it has ended
    code: int | None = None
    errand: _Errand | None = None  # if nobody has asked for it
    deadline: float | None = None  # then it is killed


@dataclass
class _Grader:
    root: Path
    libraries: tuple[str, ...]
    run: Callable[[], object]
    idle_seconds: float
    say: Say
    key: str
    listener: socket.socket
    lock: IO[str]
    wakeup: int
    forkserver: Forkserver | None
    places: Callable[[], Places] | None = None  # what arrives there is graded
    submitted: Path | None = None
    gives_feedback: bool = False
    watcher: Watcher | None = None
    to_do: dict[Verb, dict[Pair, None]] = field(
        default_factory=lambda: {"exchange": {}, "grade": {}}
    )
    again: list[_Errand] = field(default_factory=list)  # at the next look
    midnight: bool = False  # it was, and feedback waits for it
    day: date | None = None
    ready: bool = False
    umask: int = 0o022
    guest: _Guest | None = None
    ending: str | None = None  # why it ends
    failure: str | None = None  # that it could not begin
    stops: int = 0
    used: float = field(default_factory=time.monotonic)
    looked: float = field(default_factory=time.monotonic)

    # ---- the loop --------------------------------------------------------------------------------

    def serve(self) -> None:
        """Serve until there is a reason to end and nobody is served any more."""
        while self.ending is None or self.guest is not None:
            ready = self._wait()
            if self.wakeup in ready:
                self._count_stops(os.read(self.wakeup, 64))
            if self.forkserver is not None and self.forkserver.fileno() in ready:
                self._hear_the_forkserver(self.forkserver)
            guest = self.guest
            if guest is not None and guest.process in ready:
                self._see_the_end(guest)
            if guest is not None and guest.line is not None and guest.line.fileno() in ready:
                self._hear_the_guest(guest)
            self._see_whether_the_guest_is_done()
            if self.watcher is not None and self.watcher.fileno() in ready:
                self._hear_the_watcher(self.watcher)
            self._run_an_errand()
            if self.listener.fileno() in ready:
                self._meet()
            self._look_at_the_clock()

    def _wait(self) -> set[int]:
        files = [self.wakeup, self.listener.fileno()]
        if self.watcher is not None:
            files.append(self.watcher.fileno())
        if self.forkserver is not None:
            files.append(self.forkserver.fileno())
        if self.guest is not None:
            files += [self.guest.process] if self.guest.process >= 0 else []
            files += [self.guest.line.fileno()] if self.guest.line is not None else []
        now = time.monotonic()
        ends = [self.looked + LOOK_SECONDS]
        if self.guest is None:
            ends.append(self._idle_until())
        elif self.guest.deadline is not None:
            ends.append(self.guest.deadline)
        return set(select.select(files, [], [], max(0.0, min(ends) - now))[0])

    def _look_at_the_clock(self) -> None:
        now = time.monotonic()
        if self.guest is not None:
            if self.guest.deadline is not None and now >= self.guest.deadline:
                self._signal(self.guest, signal.SIGKILL)
                self.guest.deadline = None
        elif self.ending is None and now >= self._idle_until():
            self.ending = "nobody has used it for a while"
        if now >= self.looked + LOOK_SECONDS:
            self._look()

    def _idle_until(self) -> float:
        return math.inf if self.places is not None else self.used + self.idle_seconds

    def _look(self) -> None:
        """Is it still of use?"""
        self.looked = time.monotonic()
        for errand in self.again:
            self.to_do[errand.verb] |= dict.fromkeys(errand.pairs)
        self.again = []
        if self.ending is None and not self._is_current():
            self.ending = CHANGED
        if self.ready and self.places is not None and self.ending is None:
            self._look_at_the_day()
            if self.watcher is None:
                self._watch()

    def _is_current(self) -> bool:
        try:
            place = self.root / address.FOLDER / address.name_of(self.key)
            return place.is_socket() and key_of(self.root) == self.key
        except OSError:  # the course is gone
            return False

    def _count_stops(self, signals: bytes) -> None:
        self.stops += sum(number in STOPS for number in signals)
        if not self.stops:
            return
        self.ending = self.ending or "told to"
        if self.guest is None:
            return
        if self.stops == 1:
            self.say("Ends after what it does now; the same once more ends that, too.")
        else:
            self._signal(self.guest, signal.SIGKILL)
            self._drop_the_forkserver()

    # ---- the forkserver --------------------------------------------------------------------------

    def _hear_the_forkserver(self, server: Forkserver) -> None:
        """It is ready, or has ended what was forked, or is gone."""
        try:
            if not self.ready:
                server.ready()
                self.ready = True
                self.say(
                    f"Ready: `headcheck grade` in {self.root} is served by process {os.getpid()}."
                )
                self.used = time.monotonic()
                if self.places is not None and self.watcher is None:
                    self._watch()
                return
            server.returned()
            if self.guest is not None:
                self.guest.lent = False
        except (ForkserverError, IsolationUnavailable) as error:
            started = self.ready
            self._drop_the_forkserver()
            if not started:
                self.failure = self.ending = str(error)
            elif self.ending is None:
                self.forkserver = Forkserver.launch([self.root], self.libraries)

    def _drop_the_forkserver(self) -> None:
        if self.forkserver is not None:
            self.forkserver.close()
        self.forkserver, self.ready = None, False
        if self.guest is not None:
            self.guest.lent = False

    # ---- who comes -------------------------------------------------------------------------------

    def _meet(self) -> None:
        """Hear what somebody wants, and say whether it can be had."""
        line, _ = self.listener.accept()
        kept = False
        try:
            address.require_mine(line)
            line.settimeout(LISTEN_SECONDS)
            want: Want = frames.receive(line)[0]["want"]
            self._look()
            useful = self.ending is None and self.ready and self.guest is None
            if want not in ("command", "loan") or not useful:
                frames.send(line, {"yes": False, "ending": self.ending})
                return
            frames.send(line, {"yes": True})
            if want == "loan":
                self._lend(line)
            else:
                self._run(line)
                kept = True
        except (OSError, EOFError, KeyError, ValueError, frames.FrameError, ForkserverError):
            pass  # it has gone, or is none of ours; whoever asked helps himself
        finally:
            if not kept:
                line.close()

    def _lend(self, line: socket.socket) -> None:
        assert self.forkserver is not None
        with self.forkserver.lend() as end:
            self.guest = _Guest("the forkserver, lent")
            frames.send(line, lend.terms_of(self.forkserver), [end.fileno()])

    def _run(self, line: socket.socket) -> None:
        """Fork the process that becomes the command. Its copy of `line` stays open as long as it lives:
        whoever waits at the other end sees the end of both of us."""
        request, fds = frames.receive(line, max_fds=4)
        self._fork(request, fds, line)
        line.settimeout(LISTEN_SECONDS)
        with suppress(OSError):  # it is gone: the next look at its line says so
            assert self.guest is not None
            frames.send(line, {"started": True}, [self.guest.process])

    def _fork(self, request: dict[str, Any], fds: list[int], line: socket.socket | None) -> None:
        assert self.forkserver is not None
        try:
            if len(fds) != 4:
                raise ValueError("files are missing")
            with self.forkserver.lend() as end:
                self.guest = _Guest(shlex.join(request["arguments"][1:]), line=line)
                signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
                pid = os.fork()
                if pid == 0:
                    self._be_the_command(request, fds, end)
            self.guest.pid, self.guest.process = pid, os.pidfd_open(pid)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
            for fd in fds:
                os.close(fd)

    def _be_the_command(
        self, request: dict[str, Any], fds: list[int], end: socket.socket
    ) -> NoReturn:
        code = 70
        try:
            owner = os.getppid()
            linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != owner:
                os._exit(code)
            assert self.forkserver is not None
            terms = lend.terms_of(self.forkserver)
            self.forkserver.forget()
            self.listener.close()
            self.lock.close()
            if self.watcher is not None:
                self.watcher.forget()
            signal.set_wakeup_fd(-1)
            for number in STOPS:
                signal.signal(number, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            here, *files = fds
            os.fchdir(here)
            os.umask(int(request["umask"]))
            command.become(request["arguments"], request["environment"], files, request["streams"])
            stay(lend.lent(end, terms))

            def run() -> None:
                signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
                self.run()

            code = command.exit_code(run)
        finally:
            command.end(code)

    # ---- what arrives in submitted/ and on the exchange ------------------------------------------

    def _watch(self) -> None:
        assert self.places is not None
        try:
            places = self.places()
            self.gives_feedback = gives_feedback(Course(self.root).config)
            self.watcher = Watcher(places, REST_SECONDS)
        except (CourseError, OSError) as error:
            self.say(f"Nothing is watched for now ({error}).")
            return
        self.submitted = places.submitted
        self._look_at_the_day()

    def _hear_the_watcher(self, watcher: Watcher) -> None:
        try:
            arrivals = watcher.arrived()
        except EOFError:  # somebody has put another folder there, or taken one away
            watcher.close()
            self.watcher = None
            if time.monotonic() - watcher.since > SHORT_SECONDS:
                self._watch()
            return
        lessons = self._lessons()
        for where, student, lesson in arrivals:
            if where == "submitted":
                self.to_do["grade"][student, lesson] = None
            elif lesson in lessons:
                self.to_do["exchange"][student, lesson] = None
            else:
                self.say(f"{lesson!a} on the exchange is no lesson of this course; left there.")

    def _lessons(self) -> set[str]:
        try:
            return {lesson.name for lesson in Course(self.root).lessons()}
        except CourseError as error:
            self.say(f"Nothing can be brought in for now ({error}).")
            return set()

    def _look_at_the_day(self) -> None:
        """After midnight there is feedback again."""
        if not self.gives_feedback:
            return
        try:
            today = now().astimezone(zone_of(self.root)).date()
        except (CourseError, OSError):  # whoever grades hears of it
            return
        self.midnight = self.midnight or (self.day is not None and today != self.day)
        self.day = today

    def _run_an_errand(self) -> None:
        """The submissions of one lesson, as a command of our own. What did not change it passes over."""
        if not self.ready or self.guest is not None or self.ending is not None:
            return
        errand = self._next_errand()
        if errand is None:
            return
        lesson = errand.pairs[0][1] if errand.pairs else ""
        request = {
            "arguments": [
                *("headcheck", errand.verb, "--wait", f"--course={self.root}"),
                *(f"--student={student}" for student, _ in errand.pairs),
                *(("--", lesson) if lesson else ()),
            ],
            "environment": dict(os.environ),
            "umask": self.umask,
            "streams": [["utf-8", "replace"]] * 3,
        }
        here = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self._fork(request, [here, *(os.dup(number) for number in range(3))], None)
        except (OSError, ForkserverError) as error:
            self.say(f"{errand.verb} {lesson}: could not be done now ({error}); tried again.")
            self.again.append(errand)
        else:
            assert self.guest is not None
            self.guest.errand = errand

    def _next_errand(self) -> _Errand | None:
        """Feedback and what has just come in first, so that nobody waits for a whole class."""
        if self.midnight:
            self.midnight = False
            return _Errand("exchange", ())
        for verb, pairs in self.to_do.items():
            while pairs:
                lesson = next(iter(pairs))[1]
                some = tuple(pair for pair in pairs if pair[1] == lesson)
                for pair in some:
                    del pairs[pair]
                if verb == "grade":  # one that is not there any more would keep the others from it
                    some = tuple(pair for pair in some if self._is_there(pair))
                if some:
                    return _Errand(verb, some)
        return None

    def _is_there(self, pair: Pair) -> bool:
        return self.submitted is not None and self.submitted.joinpath(*pair).is_dir()

    def _see_what_became_of(self, errand: _Errand, code: int | None) -> None:
        if code is None:  # it was killed, and says nothing of what it was to do
            self.again.append(errand)
            self.midnight = self.midnight or not errand.pairs
        elif errand.verb == "grade" and code < 2 and self.gives_feedback:
            self.to_do["exchange"] |= dict.fromkeys(errand.pairs)

    # ---- the guest -------------------------------------------------------------------------------

    def _hear_the_guest(self, guest: _Guest) -> None:
        """Ctrl-C, or that nobody waits any more: then the command is interrupted, too."""
        assert guest.line is not None
        try:
            frames.receive(guest.line)
        except (OSError, EOFError, frames.FrameError):
            guest.line.close()
            guest.line = None
            guest.deadline = time.monotonic() + GRACE_SECONDS
        self._signal(guest, signal.SIGINT)

    def _signal(self, guest: _Guest, number: signal.Signals) -> None:
        if guest.process >= 0:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(guest.process, number)

    def _see_the_end(self, guest: _Guest) -> None:
        code = os.waitstatus_to_exitcode(os.waitpid(guest.pid, 0)[1])
        guest.code = code if code >= 0 else None
        os.close(guest.process)
        guest.process = -1

    def _see_whether_the_guest_is_done(self) -> None:
        guest = self.guest
        if guest is None or guest.lent or guest.process >= 0:
            return
        self.guest, self.used = None, time.monotonic()
        how = "" if guest.code is None else f"exit code {guest.code}, "
        self.say(f"{guest.what}: {how}{self.used - guest.since:.1f} s")
        if guest.errand is not None:
            self._see_what_became_of(guest.errand, guest.code)
        if guest.line is not None:
            with suppress(OSError), guest.line:
                frames.send(guest.line, {"ended": guest.code})


# ---- from beginning to end -----------------------------------------------------------------------


def serve(
    course: Course,
    run: Callable[[], object],
    *,
    idle_minutes: float,
    say: Say,
    places: Callable[[], Places] | None = None,
) -> bool:
    """Be the resident grader of this course until there is a reason to end. `run`: the command line;
    `places`: where what arrives is graded, if that is wanted; then it does not end for being idle. True: it
    has ended because it was outdated.

    Raises `CourseError` when this user has one already, or this machine cannot isolate.
    """
    root = course.root
    key = key_of(root)
    libraries = libraries_of(course.config)
    (root / address.FOLDER).mkdir(exist_ok=True)
    with _the_only_one(root) as lock, _signals() as wakeup:
        for name in address.all_mine(root):  # of graders that were killed
            (root / address.FOLDER / name).unlink(missing_ok=True)
        try:
            forkserver = Forkserver.launch([root], libraries)
        except (IsolationUnavailable, ForkserverError) as error:
            raise CourseError(str(error)) from None
        try:
            import_everything([lesson.release for lesson in course.lessons()])
        except BaseException:
            forkserver.close()
            raise
        gc.collect()
        gc.freeze()  # no command looks for garbage in what all have in common
        listener = address.listen(root, address.name_of(key))
        grader = _Grader(
            root, libraries, run, idle_minutes * 60, say, key, listener, lock, wakeup, forkserver
        )
        grader.places = places
        grader.umask = os.umask(0o077)
        os.umask(grader.umask)
        try:
            grader.serve()
        finally:
            listener.close()
            (root / address.FOLDER / address.name_of(key)).unlink(missing_ok=True)
            if grader.watcher is not None:
                grader.watcher.close()
            if grader.forkserver is not None:
                grader.forkserver.close()
    if grader.failure is not None:
        raise CourseError(grader.failure)
    say(f"Ended: {grader.ending}.")
    return grader.ending == CHANGED


def stop(root: Path, *, say: Say) -> None:
    """End this user's resident grader of this course. Raises `CourseError` when it goes on for now."""
    place = address.lock_of(root)
    if not place.exists():
        say(f"Nothing of yours serves {root}.")
        return
    with place.open("r+") as lock:
        if _locked(lock):
            say(f"Nothing of yours serves {root}.")
            return
        holder = _holder(lock)
        if holder["host"] != socket.gethostname():
            raise CourseError(f"it runs on {holder['host']}; type the same command there.")
        os.kill(int(holder["process"]), signal.SIGTERM)
        end = time.monotonic() + STOP_SECONDS
        while not _locked(lock):
            if time.monotonic() > end:
                raise CourseError(
                    f"process {holder['process']} ends after what it does now; the same command "
                    "once more ends that, too."
                )
            time.sleep(0.05)
    say(f"Process {holder['process']} serves {root} no more.")


@contextmanager
def _signals() -> Iterator[int]:
    """A file that becomes readable at signals which ask to end."""
    ours, theirs = os.pipe()
    for fd in (ours, theirs):
        os.set_blocking(fd, False)
    before = {number: signal.signal(number, lambda *_: None) for number in STOPS}
    signal.set_wakeup_fd(theirs, warn_on_full_buffer=False)
    try:
        yield ours
    finally:
        signal.set_wakeup_fd(-1)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(ours)
        os.close(theirs)


@contextmanager
def _the_only_one(root: Path) -> Iterator[IO[str]]:
    """Hold this user's lock on serving the course; it goes with the process, however that ends."""
    with open(address.lock_of(root), "a+") as lock:
        end, ends = time.monotonic() + STOP_SECONDS, False
        while not _locked(lock):
            # Whether somebody serves with what is there now: an outdated one ends when it is asked.
            found = [_ask(root, name) for name in address.all_mine(root)]
            ends = ends or any(each and each.get("ending") for each in found)
            if not ends or time.monotonic() > end:
                holder = _holder(lock)
                raise AlreadyServed(
                    f"process {holder['process']} on {holder['host']} serves {root} already (since "
                    f"{holder['since']}). `headcheck serve --stop` ends it."
                )
            time.sleep(0.05)
        lock.truncate(0)
        since = datetime.now().astimezone().isoformat(" ", "minutes")
        me = {"process": os.getpid(), "host": socket.gethostname(), "since": since}
        lock.write(json.dumps(me))
        lock.flush()
        yield lock


def _locked(lock: IO[str]) -> bool:
    """Whether it is ours now."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(lock: IO[str]) -> dict[str, Any]:
    lock.seek(0)
    try:
        return dict(json.loads(lock.read()))
    except ValueError:  # it has just begun
        raise AlreadyServed("it is just being started; try again in a moment.") from None


def _ask(root: Path, name: str) -> dict[str, Any] | None:
    """What the grader behind a socket says of itself."""
    try:
        with address.connect(root, name, LISTEN_SECONDS) as line:
            frames.send(line, {"want": "who"})
            return frames.receive(line)[0]
    except (OSError, EOFError, frames.FrameError):
        return None
