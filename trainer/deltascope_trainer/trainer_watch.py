"""What happens between the steps of a run: reports, stops, saves, evaluations, and a look at what is not finite."""

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from transformers import TrainerCallback

from .checkpoints import prune, seal
from .config import RunConfig
from .devices import gpu_bytes, resident_bytes
from .errors import RunError
from .protocol import Heartbeat, Lines
from .stopping import Requests

if TYPE_CHECKING:
    from .trainer_loop import Loop

MOST_SKIPPED = 20  # steps in a row with a gradient that is not finite


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
