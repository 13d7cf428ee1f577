"""Evaluation between the steps of a run."""

from pathlib import Path
from typing import Any

from .config import RunConfig
from .evaluation import Score, read_task, score, validation_loss


class Stopped(Exception):
    """A cancelled run does not wait for its evaluation."""


class Evaluator:
    """Scores the configured tasks and the held-out rows, and sends one `eval` line for each."""

    def __init__(self, config: RunConfig, tokenizer: Any, validation: list[Any], context: Any, model: Any) -> None:
        longest = getattr(model.config.get_text_config(), "max_position_embeddings", None) or 2048
        wanted = config.eval.tasks if config.eval.every is not None else []
        self._tasks = [read_task(Path(path), tokenizer, longest) for path in wanted]
        self._validation, self._pad, self._context = validation, tokenizer.eos_token_id, context

    def __call__(self, model: Any, step: int) -> bool:
        """Whether everything was scored; what is left waits for the run to go on."""
        try:
            if self._validation:
                self._send(step, "validation", validation_loss(model, self._validation, self._pad, self._check))
            for task in self._tasks:
                self._send(step, task.name, score(model, task, self._pad, self._check))
        except Stopped:
            return False
        return True

    def _check(self) -> None:
        if self._context.requests.cancelled and self._context.processes == 1:
            raise Stopped

    def _send(self, step: int, name: str, result: Score) -> None:
        self._context.lines.send(
            "eval",
            step=step,
            task=name,
            n=result.n,
            accuracy=result.accuracy,
            mean_logprob=result.mean_logprob,
            loss=result.loss,
        )
