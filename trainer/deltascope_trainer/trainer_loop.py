"""transformers.Trainer with our loss, optimizer and files: what it must not do, and where we step in."""

import contextlib
import math
import shutil
from pathlib import Path
from typing import Any

import torch
from transformers import PrinterCallback, ProgressCallback, Trainer, TrainerState

from .config import RunConfig
from .data.prepare import Sequence
from .export import adapter_state, save_adapter, save_factors
from .loss import padded, summed_loss
from .optimizers import make_optimizer, make_scheduler
from .sharding import load_optimizer_state, shard, whole, whole_optimizer_state, whole_state
from .trainer_arguments import training_arguments
from .trainer_watch import Watch

OPTIMIZER, SCHEDULER = "optimizer.pt", "scheduler.pt"  # as Trainer names them
RAW = "unconverted"  # an adapter as trained, where the checkpoint shows it against the original base


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
        if self.config.sharding == "full" and not self.is_world_process_zero():
            return  # it holds no weights until they are divided
        folder = Path(resume_from_checkpoint)
        if not self.config.adapter:
            super()._load_from_checkpoint(resume_from_checkpoint, model)
            return
        from peft import set_peft_model_state_dict
        from safetensors.torch import load_file

        raw = folder / RAW / "adapter_model.safetensors"
        state = load_file(raw if raw.is_file() else folder / "adapter_model.safetensors")
        set_peft_model_state_dict(self.accelerator.unwrap_model(model or self.model), state)

    def restore_only(self, checkpoint: str, watch: Watch) -> None:
        """A run that ended between its last checkpoint and the export has nothing left to train."""
        self._load_from_checkpoint(checkpoint)
        self.state = TrainerState.load_from_json(str(Path(checkpoint) / "trainer_state.json"))
        watch.lines.send("started", steps=self.state.max_steps, resumed_from=self.state.global_step)
        losses = [entry["loss"] for entry in self.state.log_history if "loss" in entry]
        watch.final_loss = losses[-1] if losses else math.nan


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
