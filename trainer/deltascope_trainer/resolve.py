"""From the given configuration to one without open values, and the plan that follows from it."""

import dataclasses
import math
from pathlib import Path
from typing import Any

from .canonical import config_sha
from .config import RunConfig
from .data.prepare import Prepared
from .errors import RunError, field_error
from .memory import Shape, choose_batch, estimate, fits
from .methods import resolved_alpha
from .model import weights_type
from .sharding import why_not_sharded

OPEN_FIELDS = (
    ("learning_rate",),
    ("precision",),
    ("threads",),
    ("base", "sha256"),
    ("save", "export"),
    ("save", "dtype"),
)


def fill_from_run(config: RunConfig, before: dict[str, Any]) -> RunConfig:
    """On resume, what the configuration leaves open is what the run had."""
    document = config.document()
    for path in (*OPEN_FIELDS, ("device",), ("sharding",), ("batch", "device")):
        *folders, name = path
        here, there = document, before
        for folder in folders:
            here, there = here[folder], there.get(folder, {})
        if here[name] in (None, "auto") and there.get(name) is not None:
            here[name] = there[name]
    return validated(document)


def validated(document: dict[str, Any]) -> RunConfig:
    import json

    return RunConfig.model_validate_json(json.dumps(document))


def with_device(config: RunConfig, device: str, precision: str, base_sha: str) -> RunConfig:
    """All open values but the device batch."""
    document = config.document()
    document["device"], document["precision"] = device, precision
    document["base"]["sha256"] = base_sha
    document["threads"] = config.threads or (1 if device == "cpu" else 4)
    document["learning_rate"] = config.learning_rate or (1e-4 if config.adapter else 1e-5)
    document["lora"]["alpha"] = resolved_alpha(config.lora)
    document["epochs"] = None if config.max_steps is not None else config.epochs
    save = document["save"]
    save["export"] = config.save.export or ("adapter" if config.adapter else "full")
    save["dtype"] = config.save.dtype or ("fp32" if save["export"] == "adapter" else "bf16")
    return validated(document)


def with_layout(config: RunConfig, device_batch: int, sharding: str) -> RunConfig:
    document = config.document()
    document["batch"]["device"], document["sharding"] = device_batch, sharding
    return validated(document)


@dataclasses.dataclass(frozen=True)
class Plan:
    rows: int
    steps: int
    steps_per_epoch: int
    tokens_per_epoch: int
    accumulation: int
    trainable: int
    total: int
    memory: dict[str, int]


def device_batch(config: RunConfig, processes: int, free: int, cost: Any) -> int:
    """The device batch, chosen or checked. Raises `config.batch` when it does not divide the effective batch."""
    effective, wanted = config.batch.effective, config.batch.device
    if effective % processes:
        raise field_error("batch.effective", f"{effective} does not divide by {processes} processes", "config.batch")
    if wanted == "auto":
        return choose_batch(effective, processes, free, cost)
    if effective % (wanted * processes):
        message = f"{wanted} x {processes} processes does not divide the effective batch of {effective}"
        raise field_error("batch.device", message, "config.batch")
    return wanted


def choose_sharding(config: RunConfig, processes: int, free: int, cost: Any) -> str:
    """`full` where it is asked for, or where only a part of the model fits a device; else `none`.

    `cost(batch, shards)` gives bytes per device. Raises `config.invalid` where the configuration cannot be sharded.
    """
    obstacle = why_not_sharded(config) or ("it needs several devices" if processes == 1 else None)
    if config.sharding == "full" and obstacle is not None:
        raise field_error("sharding", obstacle)
    if config.sharding != "auto":
        return config.sharding
    batch = 1 if config.batch.device == "auto" else config.batch.device
    if obstacle is not None or fits(cost(batch, 1), free):
        return "none"
    return "full" if fits(cost(batch, processes), free) else "none"


def steps_of(config: RunConfig, rows: int, batch: int, processes: int) -> tuple[int, int]:
    """Steps in all and per epoch, counted as Trainer counts them; a last incomplete batch is a step too."""
    accumulation = config.batch.effective // (batch * processes)
    batches = math.ceil(math.ceil(rows / batch) / processes)
    per_epoch = max(1, math.ceil(batches / accumulation))
    return config.max_steps or math.ceil((config.epochs or 0) * per_epoch), per_epoch


def memory_cost(config: RunConfig, shape: Shape, trainable: int, prepared: Prepared, devices: int) -> Any:
    """Function from the device batch, and the parts that the model is divided into, to bytes by part."""
    lengths = [len(sequence.encoded.ids) for sequence in prepared.training]
    learned = sorted(sequence.encoded.learned for sequence in prepared.training)
    tokens, usual = max(lengths), learned[int(0.95 * (len(learned) - 1))]

    def cost(batch: int, shards: int = 1) -> dict[str, int]:
        answers = min(tokens, batch * usual)
        checkpointing = config.activation_checkpointing
        return estimate(
            shape,
            config.method,
            config.optimizer,
            trainable,
            batch,
            tokens,
            answers,
            config.precision or "fp32",
            4 if weights_type(config) == "float32" else 2,
            checkpointing,
            config.device == "cpu",
            shards,
            devices,
        )

    return cost


def make_plan(
    config: RunConfig, prepared: Prepared, processes: int, trainable: int, total: int, memory: dict[str, int]
) -> Plan:
    batch = config.batch.device
    assert isinstance(batch, int)
    steps, per_epoch = steps_of(config, len(prepared.training), batch, processes)
    accumulation = config.batch.effective // (batch * processes)
    return Plan(len(prepared.training), steps, per_epoch, prepared.tokens(), accumulation, trainable, total, memory)


def identity(config: RunConfig, data_sha: str, versions: dict[str, str], processes: int) -> dict[str, Any]:
    """What has to be equal for an exact continuation."""
    return {
        "config_sha": config_sha(config.document()),
        "data_sha256": data_sha,
        "versions": versions,
        "device": config.device.split(":")[0],
        "processes": processes,
    }


def check_room(run: Path, free: int, needed: int) -> None:
    """Refuses to start what the disk cannot hold."""
    if needed > free:
        message = f"{run} needs {needed / 1e9:.1f} GB for checkpoints and the result, and {free / 1e9:.1f} GB are free"
        raise RunError("disk.full", message, {"needed": needed, "free": free})
