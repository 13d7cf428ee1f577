"""One run from its configuration to its result."""

import dataclasses
import json
import math
import os
import shutil
import time
from pathlib import Path
from typing import Any

from .checkpoints import check_identity, checkpoints, newest_sound
from .config import RunConfig, parse_config
from .data.prepare import Prepared, files_sha256, prepare_strictly, split_strictly
from .devices import check_method, choose_device, choose_precision, describe, free_bytes
from .errors import Cancelled, RunError, field_error
from .files import file_sha256, weights_file, write_json
from .memory import Shape, checkpoint_bytes, export_bytes
from .methods import apply_method, changes_base
from .model import check_base, check_vocabulary, load_base, outline
from .placement import narrow_gpus
from .protocol import Heartbeat, Lines
from .resolve import (
    Plan,
    check_room,
    choose_sharding,
    device_batch,
    fill_from_run,
    identity,
    make_plan,
    memory_cost,
    with_device,
    with_layout,
)
from .stopping import Requests
from .versions import installed_versions

LARGE_FOR_CPU = 50_000_000  # parameters


@dataclasses.dataclass
class Context:
    """What every part of a run speaks to, and how far it came."""

    folder: Path
    lines: Lines
    heartbeat: Heartbeat
    requests: Requests
    processes: int
    step: int = 0
    checkpoint: str | None = None
    final_loss: float = math.nan

    @property
    def rank(self) -> int:
        return int(os.environ.get("RANK", "0"))


def read_config(path: Path) -> RunConfig:
    try:
        return parse_config(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as failure:
        raise RunError("config.invalid", f"{path} cannot be read: {failure}", {"fields": []}) from None


def read_before(path: Path) -> dict[str, Any]:
    """The resolved configuration of the run that goes on."""
    try:
        return parse_config(path.read_text("utf-8")).document()
    except (RunError, OSError, UnicodeDecodeError) as failure:
        raise RunError("checkpoint.damaged", f"{path} cannot be read: {failure}") from None


def open_folder(folder: Path, resume: bool, lines: Lines) -> None:
    """Refuses a folder that holds a run, unless it is to go on."""
    folder.mkdir(parents=True, exist_ok=True)
    used = (folder / "final").exists() or bool(checkpoints(folder))
    if used and not resume:
        raise RunError("run.exists", f"{folder} holds checkpoints or a result; resume it or choose another folder")
    lines.keep(folder / "events.jsonl")


def run(config_path: Path, resume: bool, context: Context) -> None:
    """Trains and sends `done`; everything else that can happen is raised."""
    began = time.monotonic()
    config = read_config(config_path)
    before = context.folder / "run.json"
    if resume and before.is_file():
        config = fill_from_run(config, read_before(before))
    narrow_gpus(config.device, os.environ)
    config, tokenizer, prepared = prepare_run(config, context)
    config, model, plan, initial = build_model(config, prepared, context)
    announce(config, plan, prepared, context)
    names = installed_versions()
    who = identity(config, files_sha256(config.data), names, context.processes)
    sound = newest_sound(context.folder, context.lines, delete=context.rank == 0)
    if sound is not None:
        check_identity(*sound, who)
        warn_about_layout(*sound, config, context.lines)
    train(config, model, tokenizer, prepared, plan, initial, who, sound, context)
    finish(config, context, time.monotonic() - began)


def warn_about_layout(folder: Path, seal: dict[str, Any], config: RunConfig, lines: Lines) -> None:
    sharding = seal.get("sharding", "none")
    if sharding != config.sharding:
        message = f"{folder.name} was made with sharding {sharding}, now it is {config.sharding}"
        lines.warn("checkpoint.sharding", f"{message}: the same run, equal up to rounding")
    before = seal.get("batch", config.batch.device)
    if before != config.batch.device:
        message = f"{folder.name} was made with {before} sequences at a time, now it is {config.batch.device}"
        lines.warn("checkpoint.batch", f"{message}: the same batches, equal up to rounding and dropout")


def prepare_run(config: RunConfig, context: Context) -> tuple[RunConfig, Any, Prepared]:
    """Device and data. The heavy imports happen here, after all that rows can be refused for without them."""
    split = split_strictly(config.data)
    context.requests.stop_if_cancelled()
    import torch

    device = choose_device(config.device)
    precision = choose_precision(config, device)
    check_method(config.method, device)
    config = with_device(config, device, precision, check_base(config))
    torch.set_num_threads(config.threads or 1)
    torch.use_deterministic_algorithms(device == "cpu")
    about = describe(device)
    context.lines.send(
        "env",
        versions=installed_versions(),
        device=device,
        device_name=about["name"],
        memory=about["memoryBytes"],
        bf16=about["bf16"],
        threads=config.threads,
        processes=context.processes,
    )
    context.requests.stop_if_cancelled()
    context.heartbeat.phase = "tokenize"
    from .data.tokenizer import load_tokenizer

    tokenizer = load_tokenizer(Path(config.base.path))
    prepared = prepare_strictly(split, config, tokenizer, context.requests.stop_if_cancelled)
    _warn_about_data(config, prepared, tokenizer, context.lines)
    return config, tokenizer, prepared


def lay_out(config: RunConfig, prepared: Prepared, context: Context) -> tuple[RunConfig, Any, Plan]:
    """Sharding, device batch and the plan, from the outline of the model with its method: nothing is loaded yet."""
    free = free_bytes(config.device, context.processes)
    model = outline(config)
    check_vocabulary(model, max(max(s.encoded.ids) for s in prepared.training + prepared.validation))
    shape = Shape.of(model)
    if config.device == "cpu" and shape.parameters > LARGE_FOR_CPU:
        message = f"{shape.parameters:,} parameters on the CPU: a GPU would be much faster"
        context.lines.warn("device.cpu_large", message, {"parameters": shape.parameters})
    model = apply_method(model, config)
    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    cost = memory_cost(config, shape, trainable, prepared, context.processes)
    sharding = choose_sharding(config, context.processes, free, lambda b, s: cost(b, s)["total"])
    shards = context.processes if sharding == "full" else 1
    batch = device_batch(config, context.processes, free, lambda b: cost(b, shards)["total"])
    config = with_layout(config, batch, sharding)
    total = shape.parameters + (trainable if config.adapter else 0)
    return config, model, make_plan(config, prepared, context.processes, trainable, total, cost(batch, shards))


def build_model(config: RunConfig, prepared: Prepared, context: Context) -> tuple[RunConfig, Any, Plan, Any]:
    """Model with its method, device batch, and the plan."""
    import transformers

    context.heartbeat.phase = "load"
    config, model, plan = lay_out(config, prepared, context)
    context.requests.stop_if_cancelled()
    if config.sharding == "full" and context.rank > 0:
        return config, model, plan, None  # its part comes from the first process
    model = load_base(config, config.device)
    if config.method == "qlora" and context.rank == 0:
        from .quantised import record_error

        record_error(model, Path(config.base.path), context.folder)
    transformers.set_seed(config.seed)
    model = apply_method(model, config)
    context.requests.stop_if_cancelled()
    return config, model, plan, _initial_factors(model, config)


def _initial_factors(model: Any, config: RunConfig) -> dict[str, Any] | None:
    """The factors that were taken out of the base, as they are before the first step."""
    if not changes_base(config):
        return None
    from .export import adapter_state

    return {name: tensor.clone() for name, tensor in adapter_state(model).items()}


def announce(config: RunConfig, plan: Plan, prepared: Prepared, context: Context) -> None:
    """The plan, the resolved configuration, the flipped rows; then the disk must have room."""
    document = config.document()
    about = dataclasses.asdict(plan)
    del about["accumulation"]
    context.lines.send("plan", **about, config=document)
    if context.rank == 0:
        write_json(context.folder / "run.json", document)
        flips = "".join(json.dumps(flip, ensure_ascii=False) + "\n" for flip in prepared.split.flips())
        (context.folder / "flips.jsonl").write_text(flips, "utf-8")
        check_room(context.folder, shutil.disk_usage(context.folder).free, needed_bytes(config, plan, context.folder))


def needed_bytes(config: RunConfig, plan: Plan, folder: Path) -> int:
    """Room for the checkpoints that are kept and one more, less those already there, and the export."""
    every, keep = config.save.every, config.save.keep
    saves = 0 if every is None else math.ceil(plan.steps / every)
    kept = saves if keep == "all" else min(saves, keep + 1)
    missing = max(0, kept - len(checkpoints(folder)))
    export = export_bytes(config.save.export or "full", plan.total, plan.trainable, config.save.dtype or "bf16")
    return missing * checkpoint_bytes(plan.trainable, config.optimizer) + export


def _warn_about_data(config: RunConfig, prepared: Prepared, tokenizer: Any, lines: Lines) -> None:
    from .data.checks import checks, places
    from .data.tokenizer import readings_differ

    for check in checks(config, prepared, []):
        lines.warn(check["code"], f"{check['message'].removesuffix('.')} {places(check)}.", {"lines": check["lines"]})
    differing = readings_differ(Path(config.base.path), tokenizer)
    if differing:
        message = "tokenizer.json read by itself gives other tokens than the reader of transformers"
        lines.warn("tokenizer.differs", message, {"texts": differing})


def train(
    config: RunConfig,
    model: Any,
    tokenizer: Any,
    prepared: Prepared,
    plan: Plan,
    initial: Any,
    who: dict[str, Any],
    sound: tuple[Path, dict[str, Any]] | None,
    context: Context,
) -> None:
    from .export import export_final
    from .tasks import Evaluator
    from .trainer_loop import build_loop
    from .trainer_watch import Watch

    evaluator = Evaluator(config, tokenizer, prepared.validation, context, model)
    start, seal = sound or (None, {})
    due = seal.get("evaluation_due") is True
    watch = Watch(config, context.folder, context.lines, context.heartbeat, context.requests, who, evaluator, due)
    base_sha = config.base.sha256 or ""
    loop = build_loop(
        model,
        config,
        context.folder,
        prepared.training,
        watch,
        tokenizer.eos_token_id,
        base_sha,
        initial,
        plan.accumulation,
    )
    try:
        if start is not None and int(start.name.split("-")[1]) >= plan.steps:
            loop.restore_only(str(start), watch)
        else:
            loop.train(resume_from_checkpoint=str(start) if start else None)
    finally:
        context.step = loop.state.global_step
    if watch.stopped:
        context.checkpoint = watch.saved.name if watch.saved and context.requests.save else None
        raise Cancelled
    context.heartbeat.phase = "export"
    whole = loop.gathered()
    if context.rank == 0:
        export_final(loop.accelerator.unwrap_model(loop.model), context.folder, config, base_sha, initial, whole)
    loop.accelerator.wait_for_everyone()
    context.final_loss = watch.final_loss


def finish(config: RunConfig, context: Context, seconds: float) -> None:
    weights = weights_file(context.folder / "final")
    if weights is None:
        raise field_error("save.export", "nothing was exported", "internal")
    context.heartbeat.stop()
    output = {"kind": config.save.export, "path": "final", "sha256": file_sha256(weights)}
    context.lines.last(
        "done", step=context.step, outputs=[output], final_loss=context.final_loss, seconds=round(seconds, 3)
    )
