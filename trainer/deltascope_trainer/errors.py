"""What a run can fail with: one code of a closed list, a sentence, details, and an exit code."""

import errno
import os
from typing import Any

DONE, CANCELLED = 0, 10

EXIT_CODES = {
    "config.invalid": 11,
    "config.batch": 11,
    "run.exists": 11,
    "env.import": 12,
    "env.device": 12,
    "env.bf16": 12,
    "data.read": 13,
    "data.empty": 13,
    "data.labels": 13,
    "model.load": 13,
    "model.tokenizer": 13,
    "oom.device": 14,
    "oom.host": 14,
    "non_finite": 15,
    "disk.full": 16,
    "disk.write": 16,
    "checkpoint.mismatch": 17,
    "checkpoint.damaged": 17,
    "process.lost": 18,
    "internal": 70,
}
RETRYABLE = {"oom.device", "oom.host", "disk.full", "disk.write", "process.lost"}
# What the libraries between processes say when one of them is gone; NCCL's errors have a type of their own.
LOST_TEXTS = ("connection closed by peer", "connection reset by peer", "gloo", "socket")
# Where torch has no type for it: Apple's driver, and what CUDA's libraries allocate beside torch.
FULL_DEVICE_TEXTS = ("MPS backend out of memory", "ALLOC_FAILED", "CUDA error: out of memory")
NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
NO_SPACE_TEXTS = ("no space left on device", "disk quota exceeded", "file write failed", "pytorchstreamwriter failed")


class RunError(Exception):
    """A failure that the app can show: `code` is a key of `EXIT_CODES`."""

    def __init__(self, code: str, message: str, details: Any = None) -> None:
        super().__init__(message)
        assert code in EXIT_CODES, code
        self.code, self.message, self.details = code, message, details

    @property
    def exit_code(self) -> int:
        return EXIT_CODES[self.code]

    @property
    def retryable(self) -> bool:
        return self.code in RETRYABLE


class Cancelled(Exception):
    """The run was asked to stop before or between steps; nothing is wrong."""


def field_error(field: str, message: str, code: str = "config.invalid") -> RunError:
    """A configuration error of one field, in the form that the form page can place."""
    return RunError(code, f"{field}: {message}", {"fields": [{"field": field, "message": message}]})


def classify(failure: BaseException) -> RunError:
    """The run's error for any exception: out of memory and disk errors keep their own codes."""
    if isinstance(failure, RunError):
        return failure
    text = f"{type(failure).__name__}: {failure}"
    if type(failure).__name__ == "OutOfMemoryError" or any(part in text for part in FULL_DEVICE_TEXTS):
        return RunError("oom.device", "The device ran out of memory. Halve the device batch.", {"text": text[:2000]})
    if isinstance(failure, MemoryError) or "can't allocate memory" in text:
        return RunError("oom.host", "The computer ran out of memory.", {"text": text[:2000]})
    if _is_lost(failure, text):
        return RunError("process.lost", "Another process of this run ended.", {"text": text[:2000]})
    if isinstance(failure, ImportError):
        return RunError("env.import", f"A package is missing or broken: {failure}")
    if _is_full(failure, text):
        return RunError("disk.full", "The disk is full. Free some space, then resume.", {"text": text[:2000]})
    if isinstance(failure, OSError):
        return RunError("disk.write", f"Reading or writing failed: {failure}", {"text": text[:2000]})
    return RunError("internal", text[:2000])


def _is_lost(failure: BaseException, text: str) -> bool:
    if int(os.environ.get("WORLD_SIZE", "1")) == 1 or not isinstance(failure, RuntimeError):
        return False
    return type(failure).__name__.startswith("Dist") or any(part in text.lower() for part in LOST_TEXTS)


def _is_full(failure: BaseException, text: str) -> bool:
    return getattr(failure, "errno", None) in NO_SPACE or any(part in text.lower() for part in NO_SPACE_TEXTS)
