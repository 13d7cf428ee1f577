"""Where a run computes, and what this machine offers."""

import os
from typing import Any

from .config import RunConfig
from .errors import RunError
from .placement import CUDA, processes_of, torch_device


def choose_device(wanted: str) -> str:
    """`cuda:N`, `mps` or `cpu`; of several devices the first. Raises `env.device` when the wanted one is absent."""
    import torch

    processes = processes_of(wanted)
    if processes > 1:
        _check_several(wanted, processes)
        wanted = wanted.split(",")[0] if wanted.startswith("cuda") else "cpu"

    if os.environ.get("ACCELERATE_USE_FSDP", "").lower() == "true":
        raise RunError("env.device", "Say `sharding: full` in the configuration in place of FSDP to accelerate")
    if wanted == "cpu":
        return "cpu"
    if wanted in ("auto", "mps") and torch.backends.mps.is_available():
        return "mps"
    if torch.cuda.is_available() and (wanted == "auto" or CUDA.fullmatch(wanted)):
        return "cuda:0" if wanted == "auto" else wanted
    if wanted == "auto":
        return "cpu"
    if wanted != "mps" and not CUDA.fullmatch(wanted):
        raise RunError("env.device", f"{wanted!r} is no device; cpu, mps, auto and cuda:N are, or cuda:0,1 and cpu:2")
    built = torch.version.cuda or torch.version.hip
    why = "" if wanted == "mps" or built else "; this build of torch knows no GPU"
    raise RunError("env.device", f"{wanted} is not there{why}")


def _check_several(wanted: str, processes: int) -> None:
    import torch

    started = int(os.environ.get("WORLD_SIZE", "1"))
    if started != processes:
        raise RunError("env.device", f"{wanted} is {processes} processes, and {started} were started")
    if wanted.startswith("cuda") and torch.cuda.device_count() < processes:
        raise RunError("env.device", f"{wanted} is not there: torch sees {torch.cuda.device_count()} GPUs")


def supports_bf16(device: str) -> bool:
    import torch

    if device.startswith("cuda"):  # cards before Ampere emulate it, many times slower than fp32
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return device == "cpu"


def choose_precision(config: RunConfig, device: str) -> str:
    """The asked precision if the device has it; bf16 on GPUs that support it, else fp32."""
    if config.precision == "bf16" and not supports_bf16(device):
        raise RunError("env.bf16", f"{device} does not support bf16; choose fp32 or fp16")
    if config.precision == "fp16" and not device.startswith("cuda"):
        raise RunError("env.device", f"fp16 needs a CUDA device, not {device}")
    return config.precision or ("bf16" if device.startswith("cuda") and supports_bf16(device) else "fp32")


def check_method(method: str, device: str) -> None:
    """4-bit bases need CUDA and bitsandbytes."""
    if method != "qlora":
        return
    if not device.startswith("cuda"):
        raise RunError("env.device", f"qlora needs a CUDA device, not {device}")
    if not has_bitsandbytes():
        raise RunError("env.device", "qlora needs the package bitsandbytes, which does not import")


def has_bitsandbytes() -> bool:
    try:
        import bitsandbytes  # noqa: F401
    except Exception:  # it also fails when its binary does not fit the driver
        return False
    return True


def list_devices() -> list[dict[str, Any]]:
    """Devices as `trainingDevice` of the contract; the computer itself is last."""
    import torch

    cards = range(torch.cuda.device_count() if torch.cuda.is_available() else 0)
    apple = [_apple_device()] if torch.backends.mps.is_available() else []
    return [*(_card(f"cuda:{place}", place) for place in cards), *apple, cpu_device()]


def _card(name: str, place: int) -> dict[str, Any]:
    import torch

    free, total = torch.cuda.mem_get_info(place)
    bf16 = torch.cuda.get_device_capability(place) >= (8, 0) or torch.version.hip is not None
    kind = "rocm" if torch.version.hip else "cuda"
    return _device(name, torch.cuda.get_device_name(place), kind, total, free, bf16)


def _apple_device() -> dict[str, Any]:
    total, free = host_memory()  # it shares the computer's
    return _device("mps", "Apple GPU", "mps", total, free, False)


def cpu_device() -> dict[str, Any]:
    total, free = host_memory()
    return _device("cpu", cpu_name(), "cpu", total, free, True)


def _device(name: str, shown: str, kind: str, total: int, free: int, bf16: bool) -> dict[str, Any]:
    return {"id": name, "name": shown, "kind": kind, "memoryBytes": total, "freeBytes": free, "bf16": bf16}


def describe(device: str) -> dict[str, Any]:
    """Name and memory of the device of a run. Of several cards only this process's own is asked: asking takes some
    hundred megabytes of it."""
    if device.startswith("cuda"):
        return _card(device, int(torch_device(device).removeprefix("cuda:")))
    return _apple_device() if device == "mps" else cpu_device()


def free_bytes(device: str, processes: int) -> int:
    """Memory that each process of a run may fill: the rule of memory.py. 0 where it cannot be told.

    Several processes agree on it; all must call it.
    """
    free, held = describe(device)["freeBytes"], resident_bytes()
    found = _of_all((free, held), device) if processes > 1 else [(free, held)]
    least = min(free for free, _ in found)
    if device != "cpu" or least == 0:
        return least
    return (least + sum(held for _, held in found)) // processes  # the estimate counts what they hold by now


def _of_all(own: Any, device: str) -> list[Any]:
    from accelerate import PartialState
    from accelerate.utils import gather_object

    PartialState(cpu=device == "cpu")
    return gather_object([own])


def host_memory() -> tuple[int, int]:
    """Total and free bytes of the computer; zeros where they cannot be told."""
    try:
        import psutil
    except ImportError:
        return 0, 0
    memory = psutil.virtual_memory()
    return int(memory.total), int(memory.available)


def cpu_name() -> str:
    import platform

    return f"{platform.processor() or platform.machine() or 'CPU'}, {os.cpu_count() or 1} threads"


def resident_bytes() -> int:
    """Memory that this process holds."""
    import psutil

    return int(psutil.Process().memory_info().rss)


def gpu_bytes(device: str) -> dict[str, int] | None:
    """Memory in use, reserved, and the most that was reserved so far: what must be free for such a run.

    Of an Apple GPU, which keeps no peak, its driver's figure stands for both; none of the processor.
    """
    import torch

    if device == "mps":
        reserved = torch.mps.driver_allocated_memory()
        return {"used": torch.mps.current_allocated_memory(), "reserved": reserved, "peak": reserved}
    if not device.startswith("cuda"):
        return None
    used, reserved = torch.cuda.memory_allocated(), torch.cuda.memory_reserved()
    return {"used": used, "reserved": reserved, "peak": torch.cuda.max_memory_reserved()}
