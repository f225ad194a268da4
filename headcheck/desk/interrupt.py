"""One Ctrl-C is enough, wherever it meets the program.

Python throws an exception away that is raised while it cleans up (in a `__del__`, or when a weak
reference dies), KeyboardInterrupt too: it prints a trace, and the program goes on for ever.
"""

from __future__ import annotations

import _thread
import signal
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

SECONDS = 0.05  # by then the cleaning up has ended


def keep_interrupts() -> None:
    """From now on an interrupt that Python threw away comes once more."""
    usual = sys.unraisablehook

    def lost(what: UnraisableHookArgs) -> None:
        if not issubclass(what.exc_type, KeyboardInterrupt):
            usual(what)
            return
        again = threading.Timer(SECONDS, _interrupt)
        again.daemon = True
        again.start()

    sys.unraisablehook = lost


def _interrupt() -> None:
    if sys.platform == "win32":
        _thread.interrupt_main()
    else:  # also ends what the program waits in
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
