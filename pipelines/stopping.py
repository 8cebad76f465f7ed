"""Stopping soon: the work runs in a thread of its own, the main thread owns the signals and calls the work off."""

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future

PATIENCE = 1.0
"""Seconds that work which is called off has to close its files; then the process ends as if it were killed."""


class Stopped(BaseException):
    """A signal called the work off. No Exception, so that nothing takes it for a failure to be dealt with."""


def stoppable(work: Callable[[], int]) -> int:
    """Run `work` and return its exit code; or, soon after SIGTERM or SIGINT, 143 or 130.

    A signal stops the SQL that runs and raises Stopped in `work`. Work that is done all the same ends with 0.
    Must be called in the main thread. What `work` raises is raised here.
    """
    signals: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: signals.append(number))
    outcome: Future[int] = Future()
    thread = threading.Thread(target=_settle, args=(outcome, work), name="work", daemon=True)
    thread.start()
    while thread.is_alive() and not signals:
        thread.join(0.05)
    if not signals:
        return outcome.result()
    _call_off(thread)
    code = 128 + signals[0]
    if thread.is_alive():
        _leave(code)
    is_done = outcome.done() and not outcome.exception() and outcome.result() == 0
    return 0 if is_done else code


def _settle(outcome: Future[int], work: Callable[[], int]) -> None:
    try:
        outcome.set_result(work())
    except BaseException as error:
        outcome.set_exception(error)


def _call_off(thread: threading.Thread) -> None:
    until = time.monotonic() + PATIENCE
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(Stopped))
    while thread.is_alive() and time.monotonic() < until:
        _interrupt_sql()
        thread.join(0.05)


def _interrupt_sql() -> None:
    """Interrupt the SQL that runs; none does before the engine is loaded, and it is not loaded for this."""
    if interrupt := getattr(sys.modules.get("connectors.engine"), "interrupt", None):
        interrupt()


def _leave(code: int) -> None:
    """End the process now: work that hangs in a network or a library would hold up the interpreter's own way out."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
