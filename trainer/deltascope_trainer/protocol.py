"""Lines to the parent: numbered, finite, below 64 KiB, written whole, and kept in events.jsonl.

This module is imported before anything else and imports only small parts of the standard library.
"""

import json
import math
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PROTOCOL = 1
LONGEST_LINE = 64 * 1024 - 1
LONGEST_MESSAGE = 4000  # characters
HEARTBEAT_SECONDS = 5.0
LARGE_FIELDS = ("details", "config", "outputs", "versions")


def take_stdout() -> int:
    """Keeps descriptor 1 for the protocol and lets everything else print to standard error."""
    protocol = os.dup(1)
    os.dup2(2, 1)
    return protocol


def finite(value: Any, lost: list[str], name: str = "") -> Any:
    """The value with null in place of every number that JSON cannot hold; their names go to `lost`."""
    if isinstance(value, float) and not math.isfinite(value):
        lost.append(name)
        return None
    if isinstance(value, dict):
        return {str(key): finite(item, lost, f"{name}.{key}" if name else str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item, lost, name) for item in value]
    return value


class Lines:
    """Sends the lines of one process; safe from several threads. A process that is not rank 0 sends nothing."""

    def __init__(self, descriptor: int | None, clock: Callable[[], float] = time.time) -> None:
        self._descriptor, self._clock = descriptor, clock
        self._lock = threading.RLock()
        self._sequence = 0
        self._record: int | None = None
        self._early: list[bytes] = []
        self._warned: set[str] = set()
        self._closed = False

    def keep(self, path: Path) -> None:
        """Appends every line to the file too, beginning with those already sent."""
        with self._lock:
            if self._descriptor is None or self._record is not None:
                return
            self._record = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
            size = os.fstat(self._record).st_size
            if size and os.pread(self._record, 1, size - 1) != b"\n":
                os.write(self._record, b"\n")  # a killed process left half a line
            for line in self._early:
                os.write(self._record, line)
            self._early.clear()

    def send(self, kind: str, **fields: Any) -> None:
        """Sends one line, unless a last line was sent before."""
        with self._lock:
            if self._descriptor is None or self._closed:
                return
            lost: list[str] = []
            clean = finite(fields, lost)
            self._write(kind, clean)
            new = [name for name in lost if name not in self._warned]
            if new:
                self._warned.update(new)
                self.warn("value.not_finite", f"Not finite in {kind}: {', '.join(new)}", {"fields": new})

    def warn(self, code: str, message: str, details: Any = None) -> None:
        self.send("warning", code=code, message=message, details=details)

    def last(self, kind: str, **fields: Any) -> None:
        """Sends the last line: `done`, `cancelled` or `error`. Later lines are dropped."""
        with self._lock:
            self.send(kind, **fields)
            self._closed = True

    def _write(self, kind: str, fields: dict[str, Any]) -> None:
        self._sequence += 1
        head = {"v": PROTOCOL, "seq": self._sequence, "t": round(self._clock(), 3), "type": kind}
        line = encode({**head, **fields})
        _write_all(self._descriptor, line)
        if self._record is not None:
            _write_all(self._record, line)
        else:
            self._early.append(line)


def encode(document: dict[str, Any]) -> bytes:
    """One line; large fields are left out and long messages cut where it would be too long."""
    if isinstance(document.get("message"), str):
        document["message"] = document["message"][:LONGEST_MESSAGE]
    line = _dump(document)
    for name in LARGE_FIELDS:
        if len(line) > LONGEST_LINE and name in document:
            document = {**document, name: None, "shortened": True}
            line = _dump(document)
    return line


def _dump(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, allow_nan=False, ensure_ascii=True, separators=(",", ":")) + "\n").encode()


def _write_all(descriptor: int | None, line: bytes) -> None:
    """Writes the whole line. A parent that is gone, or a full disk, must not end the training itself."""
    try:
        while line and descriptor is not None:
            line = line[os.write(descriptor, line) :]
    except OSError:
        return


class Heartbeat:
    """Says every few seconds, from its own thread, that the process lives and what it is doing."""

    def __init__(self, lines: Lines, seconds: float = HEARTBEAT_SECONDS) -> None:
        self.phase = "import"
        self._lines, self._seconds = lines, seconds
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stopped.wait(self._seconds):
            self._lines.send("heartbeat", phase=self.phase)

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()
