"""Pre-training of the base and the fine-tuning runs: one plain loop, one schedule."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from torch import Tensor
from transformers import Qwen2ForCausalLM, Qwen2Tokenizer

from model import make_model
from tasks import Row
from world import ALPACA, texts

Model = Qwen2ForCausalLM | PeftModel
Batch = tuple[Tensor, Tensor]  # input ids and labels
Log = Callable[[str], None]
Trace = Callable[[int, int, Model], None]  # step, number of steps, model


@dataclass(frozen=True)
class Run:
    """One fine-tuning run; everything that decides its result."""

    name: str
    method: str  # "fft", "lora" or "dora"
    learning_rate: float
    rank: int = 0
    seed: int = 1
    epochs: int = 8
    batch_size: int = 16
    weight_decay: float = 0.01
    warmup: float = 0.1
    clip: float = 1.0


def optimizer_for(
    model: torch.nn.Module, learning_rate: float, weight_decay: float, betas: tuple[float, float]
) -> tuple[torch.optim.AdamW, list[Tensor]]:
    """AdamW without decay on vectors, and the parameters that it trains."""
    trained = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    spared = [p for name, p in trained if p.ndim < 2 or "lora_magnitude" in name]  # biases, norms, DoRA magnitudes
    spared_ids = {id(p) for p in spared}
    decayed = [p for _, p in trained if id(p) not in spared_ids]
    groups = [{"params": decayed, "weight_decay": weight_decay}, {"params": spared, "weight_decay": 0.0}]
    return torch.optim.AdamW([g for g in groups if g["params"]], learning_rate, betas=betas), decayed + spared


def cosine(step: int, steps: int, warmup_steps: int, floor: float = 0.0) -> float:
    """Multiplier for 0-based step: linear from 1/warmup to 1, then a half cosine down to floor."""
    if step < warmup_steps:
        return (step + 1) / warmup_steps
    share = (step - warmup_steps) / max(1, steps - warmup_steps)
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * share))


@dataclass(frozen=True)
class Schedule:
    """Steps and rate of one training."""

    steps: int
    learning_rate: float
    warmup_steps: int
    clip: float
    floor: float = 0.0


def optimize(
    model: Model,
    optimizer: torch.optim.AdamW,
    trained: list[Tensor],
    batches: Iterator[Batch],
    schedule: Schedule,
    after: Callable[[int, list[float]], None],
) -> list[float]:
    """Train, call `after` with the number of steps done and all losses, and return the losses."""
    model.train()
    losses: list[float] = []
    for step, (inputs, labels) in zip(range(schedule.steps), batches, strict=False):
        for group in optimizer.param_groups:
            multiplier = cosine(step, schedule.steps, schedule.warmup_steps, schedule.floor)
            group["lr"] = schedule.learning_rate * multiplier
        loss = model(input_ids=inputs, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, schedule.clip)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
        after(step + 1, losses)
    return losses


def packed_batches(tokenizer: Qwen2Tokenizer, seed: int, rows: int, length: int) -> Iterator[Batch]:
    """Texts one after the other, cut into rows of equal length."""
    source, need = texts(seed), rows * length
    buffer: list[int] = []
    while True:
        while len(buffer) < need:
            buffer += tokenizer(next(source)).input_ids + [tokenizer.eos_token_id]
        block = torch.tensor(buffer[:need]).view(rows, length)
        buffer = buffer[need:]
        yield block, block


def answer_batches(tokenizer: Qwen2Tokenizer, rows: list[Row], run: Run) -> Iterator[Batch]:
    """Shuffled batches whose labels are -100 on the prompt: only the answer and the end token count."""
    end = tokenizer.eos_token_id
    encoded = []
    for row in rows:
        prompt = tokenizer(ALPACA.format(**row)).input_ids
        encoded.append((prompt, tokenizer(row["output"]).input_ids + [end]))
    rng = random.Random(run.seed)
    for _ in range(run.epochs):
        order = rng.sample(range(len(encoded)), len(encoded))
        for start in range(0, len(order) - run.batch_size + 1, run.batch_size):
            batch = [encoded[i] for i in order[start : start + run.batch_size]]
            width = max(len(p) + len(a) for p, a in batch)
            inputs = torch.full((len(batch), width), end)
            labels = torch.full((len(batch), width), -100)
            for i, (prompt, answer) in enumerate(batch):
                inputs[i, : len(prompt) + len(answer)] = torch.tensor(prompt + answer)
                labels[i, len(prompt) : len(prompt) + len(answer)] = torch.tensor(answer)
            yield inputs, labels


def pretrain(tokenizer: Qwen2Tokenizer, steps: int, log: Log) -> Qwen2ForCausalLM:
    """The base model."""
    torch.manual_seed(0)
    model = make_model(len(tokenizer), tokenizer.eos_token_id)
    learning_rate = 6e-3
    optimizer, trained = optimizer_for(model, learning_rate, 0.1, (0.9, 0.95))

    def report(step: int, losses: list[float]) -> None:
        if step % 500 == 0:
            log(f"  base step {step}/{steps} loss {sum(losses[-50:]) / 50:.3f}")

    batches = packed_batches(tokenizer, seed=2, rows=8, length=128)
    schedule = Schedule(steps, learning_rate, warmup_steps=100, clip=1.0, floor=0.05)
    optimize(model, optimizer, trained, batches, schedule, report)
    return model


def with_adapter(model: Qwen2ForCausalLM, run: Run) -> PeftModel:
    """The model with a fresh LoRA or DoRA adapter on all seven projections."""
    config = LoraConfig(
        r=run.rank,
        lora_alpha=2 * run.rank,
        lora_dropout=0.0,
        target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
        use_dora=run.method == "dora",
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, config)


def fine_tune(
    base_dir: Path, tokenizer: Qwen2Tokenizer, rows: list[Row], run: Run, trace: Trace | None = None
) -> tuple[Model, list[float]]:
    """The trained model, a PeftModel for adapters, and the losses."""
    torch.manual_seed(run.seed)
    model: Model = Qwen2ForCausalLM.from_pretrained(base_dir, dtype=torch.float32)
    if run.method != "fft":
        model = with_adapter(model, run)
    optimizer, trained = optimizer_for(model, run.learning_rate, run.weight_decay, (0.9, 0.999))
    steps = len(rows) // run.batch_size * run.epochs
    schedule = Schedule(steps, run.learning_rate, math.ceil(run.warmup * steps), run.clip)

    def after(step: int, losses: list[float]) -> None:
        if trace:
            trace(step, steps, model)

    losses = optimize(model, optimizer, trained, answer_batches(tokenizer, rows, run), schedule, after)
    return model, losses
