"""One run in several processes of this computer: started together, ended together."""

import logging
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

from .errors import CANCELLED, RunError
from .files import write_json
from .placement import narrow_gpus, processes_of

LOOK_SECONDS = 0.5
# From this size on glibc gives memory back once it is freed; by itself it goes up to 32 MiB, and of gathered weights
# a process then holds several times what it uses.
MAPPED_BYTES = "1048576"
FAILURE_SECONDS = 3.0  # within which a process that failed has said why


def launch(device: str, words: list[str], output: int) -> int:
    """Runs `deltascope_trainer WORDS` once for each process of a device such as `cuda:0,1`.

    `output` becomes the standard output of all of them. Returns the exit code of the first that failed, else 0.
    """
    narrow_gpus(device, os.environ)
    os.environ.setdefault("MALLOC_MMAP_THRESHOLD_", MAPPED_BYTES)
    if device.startswith("cuda"):
        _spare_old_drivers()
    from torch.distributed.elastic.multiprocessing.api import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    logging.disable(logging.CRITICAL)  # what failed is said by the processes themselves
    os.dup2(output, 1)
    settings = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=processes_of(device),
        rdzv_backend="c10d",
        rdzv_endpoint="127.0.0.1:0",
        local_addr="127.0.0.1",
        max_restarts=0,
    )
    try:
        elastic_launch(settings, sys.executable)("-u", "-s", "-m", "deltascope_trainer", *words)
    except ChildFailedError as failure:
        code = failure.get_first_failure()[1].exitcode
        return code if code > 0 else 128 - code
    except SignalException:
        return CANCELLED
    return 0


def _spare_old_drivers() -> None:
    """As `accelerate launch` does: cards of the RTX 40 series hang in NCCL with drivers before 550."""
    from accelerate.utils import check_cuda_p2p_ib_support

    if not check_cuda_p2p_ib_support():
        os.environ.setdefault("NCCL_P2P_DISABLE", "1")
        os.environ.setdefault("NCCL_IB_DISABLE", "1")


def follow_launcher() -> None:
    """Ends this process with the one that launched it: it has a session of its own, which no signal to ours reaches."""
    launcher = os.getppid()

    def watch() -> None:
        while os.getppid() == launcher:
            time.sleep(LOOK_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="launcher", daemon=True).start()


def tell_failure(folder: Path, rank: int, error: RunError) -> None:
    """For the first process, which alone speaks to the parent."""
    write_json(_file(folder, rank), {"code": error.code, "message": error.message, "details": error.details})


def failure_of_others(folder: Path, processes: int) -> RunError | None:
    """What another process failed with, if it said so; a killed one says nothing."""
    end = time.monotonic() + FAILURE_SECONDS
    while time.monotonic() < end:
        for rank in range(1, processes):
            document = _read(_file(folder, rank))
            if document is not None:
                return RunError(document["code"], f"Process {rank}: {document['message']}", document["details"])
        time.sleep(0.1)
    return None


def forget_failures(folder: Path) -> None:
    for file in folder.glob("failure-*.json"):
        file.unlink(missing_ok=True)


def _file(folder: Path, rank: int) -> Path:
    return folder / f"failure-{rank}.json"


def _read(file: Path) -> dict[str, Any] | None:
    import json

    try:
        return json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return None
