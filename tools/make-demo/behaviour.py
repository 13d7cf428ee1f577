"""What a model can do: accuracy on the tasks, and its loss on unseen text of the base's own kind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import AutoTokenizer, Qwen2ForCausalLM, Qwen2Tokenizer

from files import read_jsonl
from tasks import Item


def choice_sequences(tokenizer: Qwen2Tokenizer, items: list[Item]) -> list[tuple[list[int], int, int, int]]:
    """Token ids, first scored position, item and choice of every choice; short ones first, so that batches are even."""
    sequences = []
    for i, item in enumerate(items):
        start = len(tokenizer(item["context"]).input_ids)
        for k, choice in enumerate(item["choices"]):
            sequences.append((tokenizer(item["context"] + choice).input_ids, start, i, k))
    return sorted(sequences, key=lambda s: len(s[0]))


@torch.no_grad()
def accuracy(model: Qwen2ForCausalLM, tokenizer: Qwen2Tokenizer, items: list[Item], batch_size: int = 128) -> float:
    """Share of items whose right choice has the largest log probability."""
    model.eval()
    sequences = choice_sequences(tokenizer, items)
    scores = [[0.0] * len(item["choices"]) for item in items]
    for at in range(0, len(sequences), batch_size):
        batch = sequences[at : at + batch_size]
        width = max(len(ids) for ids, *_ in batch)
        inputs = torch.tensor([ids + [0] * (width - len(ids)) for ids, *_ in batch])
        logprobs = model(input_ids=inputs).logits.float().log_softmax(-1)
        for row, (ids, start, i, k) in enumerate(batch):
            scores[i][k] = sum(logprobs[row, t - 1, ids[t]].item() for t in range(start, len(ids)))
    right = sum(max(range(len(s)), key=s.__getitem__) == item["gold"] for s, item in zip(scores, items, strict=True))
    return right / len(items)


@torch.no_grad()
def text_loss(model: Qwen2ForCausalLM, tokenizer: Qwen2Tokenizer, documents: list[str]) -> float:
    """Mean cross-entropy per token on unseen text of the base's own kind; its rise is forgetting."""
    model.eval()
    encoded = sorted((tokenizer(d).input_ids + [tokenizer.eos_token_id] for d in documents), key=len)
    total, count = 0.0, 0
    for at in range(0, len(encoded), 100):
        batch = encoded[at : at + 100]
        width = max(map(len, batch))
        inputs = torch.tensor([ids + [0] * (width - len(ids)) for ids in batch])
        labels = torch.tensor([ids + [-100] * (width - len(ids)) for ids in batch])
        tokens = int((labels[:, 1:] != -100).sum())
        total += model(input_ids=inputs, labels=labels).loss.item() * tokens
        count += tokens
    return total / count


@dataclass(frozen=True)
class Probe:
    """All the questions that a model is asked, ready to ask."""

    tokenizer: Qwen2Tokenizer
    old: dict[str, list[Item]]
    new: list[Item]
    documents: list[str]

    def measure(self, model: Qwen2ForCausalLM) -> dict[str, float]:
        """Accuracy of each old task, their mean `old`, the new task, and the loss on unseen text."""
        result = {name: accuracy(model, self.tokenizer, items) for name, items in self.old.items()}
        result["old"] = sum(result.values()) / len(result)
        result["new"] = accuracy(model, self.tokenizer, self.new)
        result["text_loss"] = text_loss(model, self.tokenizer, self.documents)
        return result


def make_probe(out: Path) -> Probe:
    """The probe from the files of a demo folder."""
    tokenizer = AutoTokenizer.from_pretrained(out / "base")
    tasks = {file.stem: read_jsonl(file) for file in sorted((out / "tasks").glob("*.jsonl"))}
    documents = [row["text"] for row in read_jsonl(out / "data" / "heldout.jsonl")]
    return Probe(tokenizer, {k: v for k, v in tasks.items() if k != "compare"}, tasks["compare"], documents)
