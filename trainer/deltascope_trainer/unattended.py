"""A run that goes on when its parent ends: requests come as lines of a file, and it ends with its folder."""

import contextlib
import os
import shutil
import threading
import time
from pathlib import Path

from .stopping import LONGEST_REQUEST, Requests

LOOK_SECONDS = 0.5
GONE_SECONDS = 10.0  # a network drive that is away for a moment is no reason to end
LOG_BYTES = 10_000_000  # of standard error, where it is a file; nobody else keeps it small


class Attendant:
    """Does for a run what its parent would: it looks at the file of requests, the folder and the log."""

    def __init__(self, requests: Requests, file: Path) -> None:
        self._requests, self._file = requests, file
        self._place, self._rest = 0, b""
        self._folder = _identity(file.parent)
        self._seen = time.monotonic()

    def start(self) -> None:
        threading.Thread(target=self._attend, name="attendant", daemon=True).start()

    def _attend(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            self.look()

    def look(self) -> None:
        with contextlib.suppress(OSError):
            self._hear()
        with contextlib.suppress(OSError):
            keep_small(2, self._file.parent / "stderr.log")
        self._miss_folder()

    def _hear(self) -> None:
        with self._file.open("rb") as stream:
            stream.seek(self._place)
            piece = stream.read(LONGEST_REQUEST)
        self._place += len(piece)
        *lines, rest = (self._rest + piece).split(b"\n")
        for line in lines:
            self._requests.accept(line)
        self._rest = rest[-LONGEST_REQUEST:]

    def _miss_folder(self) -> None:
        """Where the run folder was deleted, or another one has its name, there is no place left to save to."""
        now = time.monotonic()
        if _identity(self._file.parent) in (self._folder, "unknown"):
            self._seen = now
        elif now - self._seen > GONE_SECONDS:
            self._requests.cancel(save=False)


def _identity(folder: Path) -> tuple[int, int] | str | None:
    """Which folder it is; nothing where there is none, "unknown" where that cannot be said now."""
    try:
        found = folder.stat()
    except FileNotFoundError:
        return None
    except OSError:
        return "unknown"
    return found.st_dev, found.st_ino


def keep_small(descriptor: int, log: Path, limit: int = LOG_BYTES) -> None:
    """Moves what the log holds beside it once it is large; the descriptor must have been opened to append to it."""
    found = os.fstat(descriptor)
    if found.st_size < limit or not os.path.samestat(log.stat(), found):
        return
    shutil.copyfile(log, log.with_suffix(".1.log"))
    os.ftruncate(descriptor, 0)
