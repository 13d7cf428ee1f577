"""What a run will need: bytes of device memory, and of disk. Formulas and their checks: docs of training, section 8.

The same rule as src/engine/training/memory.ts, which tells it before Python is asked; both test samples/memory.json:

- A process may fill what is free on its device before the run. Of several cards the one with the least free counts for
  all; on the processor the processes share what is free evenly. 0 means that it cannot be told: then all fits.
- An estimate fits where it takes at most `USABLE` of that.
- `sharding: auto` divides where the whole does not fit, but a part does; with the device batch that is given, else 1.
- An automatic device batch is the largest divisor, up to `LARGEST_BATCH`, of a process's share of the effective batch
  that fits; 1 where none does.
"""

import dataclasses
from typing import Any

MARGIN_FACTOR = 0.1
# A driver's context and the allocator; on the processor Python with its libraries, as measured.
MARGIN_BYTES = int(0.6 * 1024**3)
HOST_MARGIN_BYTES = int(0.8 * 1024**3)
USABLE = 0.9
LARGEST_BATCH = 32
SENT_BYTES = 250 * 1024**2  # by torch's DistributedDataParallel at once, as it starts


@dataclasses.dataclass(frozen=True)
class Shape:
    """Of a decoder: parameters in all and in projections, layers, widths, vocabulary."""

    parameters: int
    linear: int
    layers: int
    hidden: int
    intermediate: int
    vocabulary: int

    @staticmethod
    def of(model: Any) -> "Shape":
        """Of a loaded model, before adapters are put in."""
        config = model.config.get_text_config()
        linear = sum(p.numel() for name, p in model.named_parameters() if ".layers." in name and p.ndim == 2)
        return Shape(
            parameters=sum(p.numel() for p in model.parameters()),
            linear=linear,
            layers=getattr(config, "num_hidden_layers", 1),
            hidden=getattr(config, "hidden_size", 1),
            intermediate=getattr(config, "intermediate_size", None) or 4 * getattr(config, "hidden_size", 1),
            vocabulary=config.vocab_size,
        )


def estimate(
    shape: Shape,
    method: str,
    optimizer: str,
    trainable: int,
    batch: int,
    tokens: int,
    answers: int,
    precision: str = "bf16",
    base_unit: int = 2,
    checkpointing: bool = True,
    host: bool = False,
    shards: int = 1,
    devices: int = 1,
) -> dict[str, int]:
    """Bytes by part on one device; `answers` is the count of positions whose logits are built, `base_unit` the bytes
    of a weight of a frozen base as it is loaded (but for packed ones), `host` the processor's memory, `shards` the
    devices that weights, gradients and optimizer states are divided among, out of `devices`."""
    n, full = trainable, method == "full"
    unit = 4 if precision == "fp32" else 2
    weights = (4 * n if full else _frozen_bytes(shape, method, base_unit) + 4 * n) / shards
    states = (8 if optimizer == "adamw" else 4) * n / shards
    kept = unit * shape.layers * batch * tokens * shape.hidden
    if not checkpointing:
        kept *= 8  # all that a layer keeps, against its input alone: 34 h against 4 h roughly
    at_loss = 12 * batch * answers * shape.vocabulary + (shape.parameters if full and precision != "fp32" else 0)
    if full:
        at_end = 4 * n / shards + 8 * shape.vocabulary * shape.hidden
    else:
        at_end = 4 * n / shards + unit * batch * tokens * (16 * shape.hidden + 8 * shape.intermediate)
    peak = max(at_loss, at_end)
    if shards > 1:
        peak += _gathered_bytes(shape, method, base_unit)
    elif devices > 1:  # gradients lie in buckets once more; before the first step weights are sent piece by piece
        peak = max(peak + 4 * n, min(SENT_BYTES, weights))
    plain = weights + states + kept + peak
    margin = int(MARGIN_FACTOR * plain) + (HOST_MARGIN_BYTES if host else MARGIN_BYTES)
    parts = {"weights": weights, "optimizer": states, "kept": kept, "peak": peak, "margin": margin}
    return {**{name: int(value) for name, value in parts.items()}, "total": int(plain + margin)}


def _frozen_bytes(shape: Shape, method: str, base_unit: int) -> int:
    if method == "qlora":
        return int(0.55 * shape.linear) + base_unit * (shape.parameters - shape.linear)
    return base_unit * shape.parameters


def _gathered_bytes(shape: Shape, method: str, base_unit: int) -> int:
    """What a device holds whole of a sharded model: all outside the layers, a layer and the next one."""
    wide = 4 * shape.parameters if method == "full" else _frozen_bytes(shape, method, base_unit)
    share = 1 - shape.linear / shape.parameters + 2 * shape.linear / (shape.parameters * max(2, shape.layers))
    return int(share * wide)


def fits(cost: int, free: int) -> bool:
    """Whether an estimate fits into what a process may fill."""
    return free <= 0 or cost <= USABLE * free


def choose_batch(effective: int, processes: int, free: int, cost: Any) -> int:
    """An automatic device batch; `cost(batch)` gives bytes."""
    share = effective // processes
    sizes = [size for size in range(min(share, LARGEST_BATCH), 0, -1) if share % size == 0]
    return next((size for size in sizes if fits(cost(size), free)), 1)


def checkpoint_bytes(trainable: int, optimizer: str) -> int:
    """fp32 weights and optimizer states of what is trained."""
    return (12 if optimizer == "adamw" else 8) * trainable


def export_bytes(kind: str, parameters: int, trainable: int, dtype: str) -> int:
    return (4 if dtype == "fp32" else 2) * (trainable if kind == "adapter" else parameters)
