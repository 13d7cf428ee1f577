"""What today's tools do, timed: PEFT's intruder tool and the script of Shuttleworth et al., with torch.

    python reference.py modules --base DIR --adapter DIR --full DIR --layer 0 --threads 2
    python reference.py gemm --threads 2

For every linear layer of one transformer layer: a thin SVD in fp32 of the base and of the tuned weight, the matrix of
all cosines between their left singular vectors, and for the full fine-tune also the singular values of the difference.
Seconds come back for each part, so that the base's SVD can be counted once for every question that needs it. Loading
torch is not counted. One JSON document is printed.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import safe_open

TOP = 10
Result = TypeVar("Result")
Reader = Callable[[str], torch.Tensor]


class Stopwatch:
    """Seconds by the name of a part."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def time(self, part: str, work: Callable[[], Result]) -> Result:
        """Do the work and add its time to the part."""
        started = time.perf_counter()
        result = work()
        self.seconds[part] = self.seconds.get(part, 0.0) + time.perf_counter() - started
        return result


def reader(folder: Path, single: str) -> Reader:
    """A function that reads one tensor in fp32 from a folder of one or more files."""
    index = folder / f"{single}.index.json"
    places = json.loads(index.read_text())["weight_map"] if index.exists() else {}

    def read(name: str) -> torch.Tensor:
        with safe_open(folder / places.get(name, single), "pt") as file:
            return file.get_tensor(name).float()

    return read


def module_names(folder: Path, layer: int) -> list[str]:
    """The linear layers of one transformer layer, from the adapter that targets them all."""
    with safe_open(folder / "adapter_model.safetensors", "pt") as file:
        names = [name.removesuffix(".lora_A.weight") for name in file.keys() if name.endswith("lora_A.weight")]  # noqa: SIM118
    plain = [name.removeprefix("base_model.model.") for name in names]
    return [name for name in plain if f".layers.{layer}." in name]


def best_cosines(base_left: torch.Tensor, left: torch.Tensor) -> list[float]:
    """The largest |cosine| of the first tuned vectors; the whole matrix is formed, as PEFT does."""
    return (left.T @ base_left).abs().max(dim=1).values[:TOP].tolist()


def measure_module(name: str, read: dict[str, Reader], scale: float, clock: Stopwatch) -> dict[str, Any]:
    """Times both questions on one module and returns the cosines they find."""
    weight = f"{name}.weight"
    base = clock.time("read", lambda: read["base"](weight))
    base_left = clock.time("base", lambda: torch.linalg.svd(base, full_matrices=False).U)
    found: dict[str, Any] = {"name": name, "shape": list(base.shape)}
    if "adapter" in read:
        factors = [read["adapter"](f"base_model.model.{name}.lora_{part}.weight") for part in "BA"]
        merged = clock.time("adapter", lambda: base + scale * (factors[0] @ factors[1]))
        left = clock.time("adapter", lambda: torch.linalg.svd(merged, full_matrices=False).U)
        found["adapter"] = clock.time("adapter", lambda: best_cosines(base_left, left))
    if "full" in read:
        tuned = clock.time("read", lambda: read["full"](weight))
        left = clock.time("full", lambda: torch.linalg.svd(tuned, full_matrices=False).U)
        found["full"] = clock.time("full", lambda: best_cosines(base_left, left))
        clock.time("full", lambda: torch.linalg.svdvals(tuned - base))
    return found


def measure_layer(options: argparse.Namespace) -> dict[str, Any]:
    """One transformer layer."""
    config = json.loads((options.adapter / "adapter_config.json").read_text())
    read = {"base": reader(options.base, "model.safetensors")}
    if "adapter" in options.parts:
        read["adapter"] = reader(options.adapter, "adapter_model.safetensors")
    if "full" in options.parts:
        read["full"] = reader(options.full, "model.safetensors")
    clock = Stopwatch()
    names = module_names(options.adapter, options.layer)
    scale = config["lora_alpha"] / config["r"]
    modules = [measure_module(name, read, scale, clock) for name in names]
    return {"torch": torch.__version__, "seconds": clock.seconds, "modules": modules}


def gemm_peak(dtype: torch.dtype, size: int = 2048) -> float:
    """Best of several products of two square matrices, in floating point operations a second."""
    left, right = torch.randn(size, size, dtype=dtype), torch.randn(size, size, dtype=dtype)
    best = float("inf")
    for _ in range(8):
        started = time.perf_counter()
        left @ right
        best = min(best, time.perf_counter() - started)
    return 2 * size**3 / best


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("mode", choices=["modules", "gemm"])
    parser.add_argument("--base", type=Path)
    parser.add_argument("--adapter", type=Path)
    parser.add_argument("--full", type=Path)
    parser.add_argument("--layer", type=int, default=0)
    parser.add_argument("--parts", default="adapter,full")
    parser.add_argument("--threads", type=int, required=True)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    if options.mode == "gemm":
        print(json.dumps({"float32": gemm_peak(torch.float32), "float64": gemm_peak(torch.float64)}))
    else:
        print(json.dumps(measure_layer(options)))


if __name__ == "__main__":
    main()
