"""Which cards and how many processes a device name means. Imported before anything heavy."""

import os
import re

from .errors import RunError

CUDA = re.compile(r"cuda:(\d{1,3}(?:,\d{1,3})*)")
CPUS = re.compile(r"cpu:([1-9]\d?)")
MOST_PROCESSES = 64  # more than one computer has cards


def processes_of(device: str) -> int:
    """How many processes train together: `cuda:0,1` and `cpu:2` are two."""
    cards, cpus = CUDA.fullmatch(device), CPUS.fullmatch(device)
    if cards is not None:
        places = [int(place) for place in cards[1].split(",")]
        count = len(places) if len(set(places)) == len(places) else 0
    else:
        count = int(cpus[1]) if cpus is not None else 1
    if not 1 <= count <= MOST_PROCESSES:
        raise RunError("env.device", f"{device!r} names a card twice, or more than {MOST_PROCESSES} processes")
    return count


def torch_device(device: str) -> str:
    """What torch calls the device of this process: of the cards it sees only the run's, each process has its own."""
    return f"cuda:{os.environ.get('LOCAL_RANK', '0')}" if device.startswith("cuda") else device


def narrow_gpus(device: str, environment: dict[str, str]) -> None:
    """Hides all GPUs but the wanted ones, before torch is imported: Trainer would use every one it sees.

    Processes that were launched together keep what they see.
    """
    if "LOCAL_RANK" in environment:
        return
    wanted = CUDA.fullmatch(device)
    if wanted is None and device != "auto":
        return
    places = [int(place) for place in wanted[1].split(",")] if wanted else [0]
    visible = environment.get("CUDA_VISIBLE_DEVICES")
    names = None if visible is None else [name.strip() for name in visible.split(",") if name.strip()]
    if names is None:
        environment["CUDA_VISIBLE_DEVICES"] = ",".join(map(str, places))
    elif max(places) < len(names):
        environment["CUDA_VISIBLE_DEVICES"] = ",".join(names[place] for place in places)
    elif wanted:
        raise RunError("env.device", f"{device} is not visible: CUDA_VISIBLE_DEVICES is {visible!r}")
