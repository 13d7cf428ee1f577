"""Requests from outside: cancel with or without a checkpoint, or a checkpoint now."""

import contextlib
import json
import os
import signal
import threading
from typing import Any

from .errors import Cancelled

LONGEST_REQUEST = 64 * 1024  # bytes; longer lines are not ours


class Requests:
    """What the parent asked for so far. Signals, lines and the end of standard input all end up here."""

    def __init__(self) -> None:
        self.cancelled = False
        self.save = True
        self._checkpoint = False

    def cancel(self, save: bool = True) -> None:
        """The first request counts: a later end of file does not turn "without checkpoint" round."""
        if not self.cancelled:
            self.save = save
            self.cancelled = True

    def ask_checkpoint(self) -> None:
        self._checkpoint = True

    def take_checkpoint(self) -> bool:
        """Whether a checkpoint was asked for since the last call."""
        asked, self._checkpoint = self._checkpoint, False
        return asked

    def stop_if_cancelled(self) -> None:
        """Between the steps of preparation there is nothing to save."""
        if self.cancelled:
            raise Cancelled

    def accept(self, line: bytes) -> None:
        """One line of standard input; what is not understood is ignored."""
        with contextlib.suppress(ValueError, RecursionError):
            request: Any = json.loads(line)
            if not isinstance(request, dict):
                return
            if request.get("type") == "cancel":
                self.cancel(request.get("save") is not False)
            elif request.get("type") == "checkpoint":
                self.ask_checkpoint()

    def listen(self, descriptor: int = 0) -> None:
        """Reads standard input in a thread of its own; its end means that the parent is gone."""
        threading.Thread(target=self._read, args=(descriptor,), name="requests", daemon=True).start()

    def on_signals(self) -> None:
        for name in ("SIGTERM", "SIGINT"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), lambda *_: self.cancel())
        if hasattr(signal, "SIGUSR1"):
            signal.signal(signal.SIGUSR1, lambda *_: self.ask_checkpoint())

    def _read(self, descriptor: int) -> None:
        rest = b""
        while True:
            try:
                piece = os.read(descriptor, 65536)
            except OSError:
                piece = b""
            if not piece:
                self.cancel()
                return
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                self.accept(line)
            rest = rest[-LONGEST_REQUEST:]
