"""The list of runs, and one run from training to its row of results."""

from __future__ import annotations

import os

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import Qwen2ForCausalLM

from behaviour import make_probe
from files import load_merged, read_jsonl, save_checkpoint, write_jsonl
from model import make_tokenizer
from spectra import ARMS, analyse, scaled, summary
from tasks import as_choice_items, compare_rows, old_tasks
from training import Log, Model, Run, fine_tune, pretrain
from world import texts

transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()

# Learning rates come from a small scan: each rank gets one at which it learns the new task about
# equally well. alpha / r is constant, so a rate that suits r = 1 would wreck r = 64.
LORA_RATES = {1: 1e-2, 4: 4e-3, 16: 1.25e-3, 64: 4e-4}
GRID = [
    Run("fft", "fft", 3e-4),
    *[Run(f"lora-r{rank}", "lora", rate, rank) for rank, rate in LORA_RATES.items()],
]
EXTRA = [
    Run("fft-hot", "fft", 1e-3),
    Run("lora-r4-hot", "lora", 8e-3, 4),
    Run("dora-r4", "dora", 4e-3, 4),
]
SCALED_RUNS = ("lora-r1", "lora-r4-hot")
FACTORS = (0.0, 0.25, 0.5, 0.75, 0.9)


@dataclass(frozen=True)
class Sizes:
    """How much of everything; the defaults are the real demo."""

    pretrain_steps: int = 3000
    tokenizer_texts: int = 30000
    seeds: int = 3
    epochs: int = 8
    items: int = 200
    documents: int = 600
    train_rows: int | None = None


QUICK = Sizes(pretrain_steps=20, tokenizer_texts=3000, seeds=1, epochs=1, items=8, documents=20, train_rows=32)


def one_thread() -> None:
    """See the note on threads in main.py."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)


def write_data(out: Path, sizes: Sizes) -> None:
    """The tasks, the training rows and the unseen texts."""
    train, test = compare_rows(seed=21, test_size=150)
    unseen = texts(seed=77)
    write_jsonl(out / "data" / "compare-train.jsonl", train[: sizes.train_rows])
    write_jsonl(out / "data" / "heldout.jsonl", [{"text": next(unseen)} for _ in range(sizes.documents)])
    for name, items in {
        **old_tasks(seed=5, limit=sizes.items),
        "compare": as_choice_items(test[: sizes.items]),
    }.items():
        write_jsonl(out / "tasks" / f"{name}.jsonl", items)


def make_base(out: Path, sizes: Sizes, log: Log) -> None:
    """Tokenizer and base model, trained and saved."""
    tokenizer = make_tokenizer(1024, sizes.tokenizer_texts)
    save_checkpoint(pretrain(tokenizer, sizes.pretrain_steps, log), out / "base", tokenizer)


def make_tuned(out: Path, run: Run, folder: Path, trace: bool) -> list[float]:
    """Train one run and save it; with a trace, also six times on the way. Returns the losses."""
    tokenizer, rows = make_probe(out).tokenizer, read_jsonl(out / "data" / "compare-train.jsonl")

    def keep(step: int, total: int, model: Model) -> None:
        if step % max(1, total // 6) == 0 and step < total:
            save_checkpoint(model, out / "trace" / f"{run.name}-step{step:03d}", tokenizer)

    model, losses = fine_tune(out / "base", tokenizer, rows, run, keep if trace else None)
    save_checkpoint(model, folder, tokenizer)
    return losses


def make_run(job: tuple[Path, Run, dict[str, float]]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Train, save, reload and measure one run; everything measured is measured on the saved files."""
    out, run, base_measured = job
    one_thread()
    kept = run.seed == 1
    folder = out / run.name if kept else out / ".scratch" / f"{run.name}-{run.seed}"
    losses = make_tuned(out, run, folder, trace=kept and run.name == "lora-r1")
    probe = make_probe(out)
    tuned = load_merged(folder, out / "base")
    matrices = analyse(Qwen2ForCausalLM.from_pretrained(out / "base", dtype=torch.float32), tuned)

    def measure(candidate: Qwen2ForCausalLM) -> dict[str, float]:
        measured = probe.measure(candidate)
        return {**measured, "forgetting": measured["text_loss"] - base_measured["text_loss"]}

    row = {**asdict(run), "final_loss": sum(losses[-10:]) / len(losses[-10:]), **summary(matrices), **measure(tuned)}
    scaling = []
    if kept and run.name in SCALED_RUNS:
        for factor in FACTORS:
            scaling += [{"factor": factor, "arm": arm, **measure(scaled(tuned, matrices, factor, arm))} for arm in ARMS]
    return row, scaling
