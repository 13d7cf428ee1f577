"""All knowledge of transformers.Trainer: its arguments, what it must not do, and where we step in."""

import contextlib
import math
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from transformers import PrinterCallback, ProgressCallback, Trainer, TrainerCallback, TrainerState, TrainingArguments

from .checkpoints import prune, seal
from .config import RunConfig
from .data.prepare import Sequence
from .devices import gpu_bytes, resident_bytes
from .errors import RunError
from .export import adapter_state, save_adapter, save_factors
from .loss import padded, summed_loss
from .optimizers import make_optimizer, make_scheduler
from .protocol import Heartbeat, Lines
from .sharding import load_optimizer_state, shard, whole, whole_optimizer_state, whole_state
from .stopping import Requests

MOST_SKIPPED = 20  # steps in a row with a gradient that is not finite
OPTIMIZER, SCHEDULER = "optimizer.pt", "scheduler.pt"  # as Trainer names them
RAW = "unconverted"  # an adapter as trained, where the checkpoint shows it against the original base


def training_arguments(config: RunConfig, run: Path, accumulation: int) -> TrainingArguments:
    """Every default that would print, save, stop or round by itself is set."""
    return TrainingArguments(
        output_dir=str(run),
        per_device_train_batch_size=config.batch.device,
        gradient_accumulation_steps=accumulation,
        num_train_epochs=config.epochs or 1,
        max_steps=config.max_steps or -1,
        max_grad_norm=config.clip or 0.0,
        optim="adamw_torch",
        bf16=config.precision == "bf16",
        fp16=config.precision == "fp16",
        use_cpu=config.device == "cpu",
        activation_checkpointing=config.activation_checkpointing,
        activation_checkpointing_kwargs={"use_reentrant": False},
        seed=config.seed,
        data_seed=config.seed,
        logging_strategy="steps",
        logging_steps=config.log.every,
        logging_nan_inf_filter=False,
        save_strategy="no",
        save_total_limit=None,
        eval_strategy="no",
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=config.device.startswith("cuda"),
        dataloader_num_workers=0,
        remove_unused_columns=False,
        include_num_input_tokens_seen="non_padding",
        auto_find_batch_size=False,
        label_names=["labels"],
        ddp_find_unused_parameters=False,
    )


def _loaded(file: Path) -> Any:
    """Mapped, since each process takes only its part."""
    return torch.load(file, map_location="cpu", mmap=True, weights_only=True)


class Sequences(torch.utils.data.Dataset):
    """Map-style, so that order needs only indices and resuming can skip without reading."""

    def __init__(self, sequences: list[Sequence]) -> None:
        self._sequences = sequences

    def __len__(self) -> int:
        return len(self._sequences)

    def __getitem__(self, place: int) -> Any:
        return self._sequences[place].encoded


class Loop(Trainer):
    """Trainer with our loss, groups, schedule, files, and a look at every gradient norm."""

    def __init__(
        self, *, config: RunConfig, run: Path, pad: int, base_sha: str, initial: dict[str, Any] | None, **rest: Any
    ) -> None:
        self.config, self.run, self.base_sha, self.initial = config, run, base_sha, initial
        self.sharded = False
        super().__init__(
            data_collator=lambda rows: padded([row.ids for row in rows], [row.labels for row in rows], pad), **rest
        )
        self.loss_is_scaled_for_ga = True
        self.model_accepts_loss_kwargs = True  # makes it count the learned tokens of the whole effective batch
        self.grad_norm = math.nan
        for callback in (PrinterCallback, ProgressCallback):
            self.remove_callback(callback)

    def compute_loss(
        self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        count = num_items_in_batch if num_items_in_batch is not None else (inputs["labels"][:, 1:] != -100).sum()
        return summed_loss(model, inputs) / count * self.accelerator.num_processes

    def _prepare_for_training(self, *rest: Any) -> Any:
        """After a checkpoint was loaded, before the optimizer is made: it must see what is left of the weights."""
        if self.config.sharding == "full" and not self.sharded:
            shard(self.model, self.args.device)
            self.sharded = True
        return super()._prepare_for_training(*rest)

    def _defer_fsdp_gradient_reduction(self) -> Any:
        """Nothing is deferred: gradients of all weights, kept whole from batch to batch, are what sharding spares."""
        return contextlib.nullcontext()

    def create_optimizer(self, model: Any = None) -> Any:
        if self.optimizer is None:
            self.optimizer = make_optimizer(list((model or self.model).named_parameters()), self.config)
        return self.optimizer

    def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> Any:
        if self.lr_scheduler is None:
            self.lr_scheduler = make_scheduler(optimizer or self.optimizer, self.config, num_training_steps)
        return self.lr_scheduler

    def _get_grad_norm(self, model: Any, grad_norm: Any = None) -> Any:
        norm = whole(super()._get_grad_norm(model, grad_norm=grad_norm))
        self.grad_norm = float(norm)
        return norm

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        folder = self.run / f"checkpoint-{self.state.global_step}"
        if self.is_world_process_zero():
            shutil.rmtree(folder, ignore_errors=True)
        self.accelerator.wait_for_everyone()
        super()._save_checkpoint(model, trial)
        self.accelerator.wait_for_everyone()

    def _save(self, output_dir: str | None = None, state_dict: Any = None) -> None:
        """Adapters as anyone may read them, whole models in fp32; no pickled arguments, no model card."""
        state = self.gathered()
        if not self.is_world_process_zero():
            return  # two writers of one file would spoil it for each other
        folder = Path(output_dir or self.args.output_dir)
        model = self.accelerator.unwrap_model(self.model)
        if not self.config.adapter:
            model.save_pretrained(folder, state_dict=state)
            return
        save_adapter(model, folder, self.config, self.base_sha, self.initial, whole=state)
        if self.initial is not None:
            save_factors(folder / RAW, adapter_state(model, state), self.initial)

    def gathered(self) -> dict[str, Any] | None:
        """The state of a sharded model, for the first process; all must call it. None where nothing is sharded."""
        if not self.sharded:
            return None
        return whole_state(self.model, trained_only=self.config.adapter, keep=self.is_world_process_zero())

    def _save_optimizer_and_scheduler(self, output_dir: str) -> None:
        """The same files whether sharded or not, so that a run may go on either way."""
        if not self.sharded:
            super()._save_optimizer_and_scheduler(output_dir)
            return
        state = whole_optimizer_state(self.optimizer, keep=self.is_world_process_zero())
        if self.is_world_process_zero():
            torch.save(state, Path(output_dir) / OPTIMIZER)
            torch.save(self.lr_scheduler.state_dict(), Path(output_dir) / SCHEDULER)

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        if not self.sharded or checkpoint is None:
            super()._load_optimizer_and_scheduler(checkpoint)
            return
        load_optimizer_state(self.optimizer, _loaded(Path(checkpoint) / OPTIMIZER))
        self.lr_scheduler.load_state_dict(_loaded(Path(checkpoint) / SCHEDULER))

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        folder = Path(resume_from_checkpoint)
        if not self.config.adapter:
            super()._load_from_checkpoint(resume_from_checkpoint, model)
            return
        from peft import set_peft_model_state_dict
        from safetensors.torch import load_file

        raw = folder / RAW / "adapter_model.safetensors"
        state = load_file(raw if raw.is_file() else folder / "adapter_model.safetensors")
        set_peft_model_state_dict(self.accelerator.unwrap_model(model or self.model), state)

    def restore_only(self, checkpoint: str, watch: "Watch") -> None:
        """A run that ended between its last checkpoint and the export has nothing left to train."""
        self._load_from_checkpoint(checkpoint)
        self.state = TrainerState.load_from_json(str(Path(checkpoint) / "trainer_state.json"))
        watch.lines.send("started", steps=self.state.max_steps, resumed_from=self.state.global_step)
        losses = [entry["loss"] for entry in self.state.log_history if "loss" in entry]
        watch.final_loss = losses[-1] if losses else math.nan


class Watch(TrainerCallback):
    """Reports steps, stops and saves on request, evaluates, and refuses steps that are not finite."""

    def __init__(
        self,
        config: RunConfig,
        run: Path,
        lines: Lines,
        heartbeat: Heartbeat,
        requests: Requests,
        identity: dict[str, Any],
        evaluate: Callable[[Any, int], bool],
        evaluation_due: bool = False,
    ) -> None:
        self.config, self.run, self.lines, self.heartbeat = config, run, lines, heartbeat
        self.requests, self.identity, self.evaluate = requests, identity, evaluate
        self.evaluation_due = evaluation_due  # of the step that the run stopped at
        self.loop: Loop | None = None
        self.started = self.began = time.monotonic()
        self.first_step = self.first_tokens = 0
        self.saved: Path | None = None
        self.stopped = self.out_of_time = False
        self.final_loss = math.nan
        self._skipped = 0
        self._unknown_loss = False  # a skipped step has none, and 0 would look like one

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.heartbeat.phase = "train"
        self.began, self.first_step, self.first_tokens = (
            time.monotonic(),
            state.global_step,
            state.num_input_tokens_seen,
        )
        self.lines.send("started", steps=state.max_steps, resumed_from=state.global_step)
        if self.evaluation_due:
            self.evaluation_due = not self._evaluate(state.global_step)

    def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Before the weights change: a gradient that is not finite would ruin them."""
        norm, loss = self.loop.grad_norm, float(self.loop._tr_loss)
        if math.isfinite(norm) and math.isfinite(loss):
            self._skipped = 0
            return
        self._skipped += 1
        scaled = self.config.precision == "fp16" and math.isfinite(loss)  # its scaler skips such steps by itself
        if self._skipped > MOST_SKIPPED or (self.config.limits.non_finite == "stop" and not scaled):
            details = {"loss": repr(loss), "grad_norm": repr(norm), "in_a_row": self._skipped}
            raise RunError(
                "non_finite", f"Loss {loss} with gradient norm {norm} at step {state.global_step + 1}", details
            )
        if not scaled:
            self.loop.model.zero_grad(set_to_none=True)
            self.loop._tr_loss.zero_()
            self._unknown_loss = True
            self.lines.warn("non_finite.skipped", f"Step {state.global_step + 1} is not finite and changes nothing")

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        step, last = state.global_step, state.global_step >= state.max_steps
        self._look_at_the_clock()
        cancelled = self._agreed(self.requests.cancelled) and not last
        control.should_log = control.should_log or last
        every = self.config.save.every
        asked = self._agreed(self.requests.take_checkpoint())
        if asked or (every is not None and (step % every == 0 or last)):
            control.should_save = True
        control.should_evaluate = False
        self.evaluation_due = self.config.eval.every is not None and (step % self.config.eval.every == 0 or last)
        if self.evaluation_due and not cancelled:
            self.evaluation_due = not self._evaluate(step)
            cancelled = self.evaluation_due and not last
        if cancelled:
            self.stopped = True
            control.should_training_stop, control.should_save = True, self.requests.save
        if control.should_save:
            self.heartbeat.phase = "save"

    def _look_at_the_clock(self) -> None:
        minutes = self.config.limits.minutes
        if minutes is not None and not self.out_of_time and time.monotonic() - self.started > 60 * minutes:
            self.out_of_time = True
            self.lines.warn(
                "limit.minutes", f"The limit of {minutes:g} minutes is reached; the run stops and can go on"
            )
            self.requests.cancel()

    def _agreed(self, asked: bool) -> bool:
        """Only rank 0 hears the parent; all processes must stop at the same step."""
        accelerator = self.loop.accelerator
        if accelerator.num_processes == 1:
            return asked
        flag = torch.tensor([1.0 if asked else 0.0], device=accelerator.device)
        return bool(accelerator.reduce(flag, reduction="sum").item() > 0)

    def _evaluate(self, step: int) -> bool:
        self.heartbeat.phase = "eval"
        self.loop.model.eval()
        try:
            return self.evaluate(self.loop.model, step)
        finally:
            self.loop.model.train()
            self.heartbeat.phase = "train"

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:
        if not logs or "loss" not in logs:
            return
        seconds = max(time.monotonic() - self.began, 1e-9)
        done, tokens = state.global_step - self.first_step, state.num_input_tokens_seen
        loss = None if self._unknown_loss else float(logs["loss"])
        self.final_loss = self.final_loss if loss is None else loss
        self._unknown_loss = False
        self.lines.send(
            "progress",
            step=state.global_step,
            steps=state.max_steps,
            epoch=state.epoch,
            loss=loss,
            lr=logs.get("learning_rate"),
            grad_norm=float(logs["grad_norm"]) if logs.get("grad_norm") is not None else None,
            tokens=tokens,
            tps=(tokens - self.first_tokens) / seconds,
            eta_s=(state.max_steps - state.global_step) * seconds / max(done, 1),
            gpu=gpu_bytes(self.config.device),
            rss=resident_bytes(),
        )

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        folder = self.run / f"checkpoint-{state.global_step}"
        if self.loop.is_world_process_zero():
            batch, sharding = self.config.batch.device, self.config.sharding
            about = {"batch": batch, "sharding": sharding, "evaluation_due": self.evaluation_due}
            size = seal(folder, state.global_step, {**self.identity, **about})
            sha = self.identity["config_sha"]
            self.lines.send("checkpoint", step=state.global_step, path=folder.name, bytes=size, config_sha=sha)
            prune(self.run, self.config.save.keep)
        self.saved = folder
        self.heartbeat.phase = "train"


def build_loop(
    model: Any,
    config: RunConfig,
    run: Path,
    sequences: list[Sequence],
    watch: Watch,
    pad: int,
    base_sha: str,
    initial: dict[str, Any] | None,
    accumulation: int,
) -> Loop:
    if config.sharding == "full":
        # Then Trainer neither moves nor wraps the model: we shard it once a checkpoint is loaded.
        inner = model.get_base_model() if config.adapter else model
        inner._is_distributed_loading_by_transformers = True
    loop = Loop(
        config=config,
        run=run,
        pad=pad,
        base_sha=base_sha,
        initial=initial,
        model=model,
        args=training_arguments(config, run, accumulation),
        train_dataset=Sequences(sequences),
        callbacks=[watch],
    )
    watch.loop = loop
    return loop
