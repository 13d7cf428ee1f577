"""Multiple-choice tasks during training, scored as the app scores them: log-likelihoods of the choices."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .data.masking import NOT_LEARNED
from .data.rows import BadRow
from .data.shapes import shape_row
from .errors import RunError

TOKENS_PER_BATCH = 8192
MOST_ITEMS = 100_000


@dataclasses.dataclass(frozen=True)
class Choice:
    ids: list[int]
    start: int  # of what is scored


@dataclasses.dataclass(frozen=True)
class Task:
    name: str
    items: list[list[Choice]]
    gold: list[set[int]]


@dataclasses.dataclass(frozen=True)
class Score:
    n: int
    accuracy: float | None  # held-out rows have a loss only
    mean_logprob: float | None
    loss: float


def read_items(path: Path) -> list[tuple[int, dict[str, Any]]]:
    """Line numbers and items of a task's file. Raises `data.read` naming the first bad line."""
    items = []
    try:
        # JSON may hold other line ends in its texts (U+2028), so only this one ends a row.
        for number, line in enumerate(path.read_text("utf-8-sig").split("\n"), 1):
            if line.strip():
                items.append((number, _item(_parsed(line))))
    except (OSError, ValueError) as failure:
        raise RunError("data.read", f"{path}: {failure}", {"rows": [], "more": False}) from None
    except BadRow as failure:
        row = {"file": str(path), "line": number, "message": str(failure)}
        raise RunError("data.read", f"{path}, line {number}: {failure}", {"rows": [row], "more": False}) from None
    if not items or len(items) > MOST_ITEMS:
        raise RunError("data.read", f"{path} holds {len(items)} items; 1 to {MOST_ITEMS:,} are supported")
    return items


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as failure:
        raise BadRow(f"not JSON ({failure})") from None


def _item(record: Any) -> dict[str, Any]:
    if not isinstance(record, dict):
        raise BadRow("not an object")
    fields = shape_row("choice", record)[1]
    gold = record["gold"] if isinstance(record["gold"], list) else [record["gold"]]
    if not all(isinstance(place, int) and 0 <= place < len(fields["choices"]) for place in gold):
        raise BadRow("'gold' names no choice")
    ending = record.get("ending")
    return {**fields, "gold": set(gold), "ending": ending if isinstance(ending, str) else None}


def read_task(path: Path, tokenizer: Any, longest: int) -> Task:
    """The task of a file, tokenized. Contexts that do not fit `longest` tokens lose their beginning."""
    items = [item for _, item in read_items(path)]
    return Task(path.stem, [_choices(item, tokenizer, longest) for item in items], [item["gold"] for item in items])


def _choices(item: dict[str, Any], tokenizer: Any, longest: int) -> list[Choice]:
    if item["ending"] is not None:
        pairs = [(item["context"] + choice, item["delimiter"] + item["ending"]) for choice in item["choices"]]
    else:
        pairs = [(item["context"], item["delimiter"] + choice) for choice in item["choices"]]
    return [encode_pair(tokenizer, *pair, item["keepSpace"], longest) for pair in pairs]


def encode_pair(tokenizer: Any, context: str, answer: str, keep_space: bool, longest: int) -> Choice:
    """The joint ids cut at the length of the context's own; white space at its end moves on unless kept."""
    if context == "":
        ids = tokenizer(answer).input_ids
        prefix = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.eos_token_id
        head, whole = 1, ids if ids[:1] == [prefix] else [prefix, *ids]
    else:
        shown = context if keep_space else context.rstrip()
        head, whole = len(tokenizer(shown).input_ids), tokenizer(context + answer).input_ids
    lost = max(0, len(whole) - longest)
    return Choice(whole[lost:], max(1, head - lost))


def score(model: Any, task: Task, pad: int, check: Callable[[], None] = lambda: None) -> Score:
    """Accuracy of the most likely choice, and the mean log-likelihood of the (first) right one."""
    flat = [(i, k, choice) for i, choices in enumerate(task.items) for k, choice in enumerate(choices)]
    flat.sort(key=lambda entry: len(entry[2].ids))
    found: list[list[float]] = [[0.0] * len(choices) for choices in task.items]
    for batch in _batches(flat):
        check()
        for (i, k, _), value in zip(batch, _log_likelihoods(model, [c for *_, c in batch], pad), strict=True):
            found[i][k] = value
    right = sum(max(range(len(s)), key=s.__getitem__) in gold for s, gold in zip(found, task.gold, strict=True))
    mean = sum(s[min(gold)] for s, gold in zip(found, task.gold, strict=True)) / len(found)
    return Score(len(found), right / len(found), mean, -mean)


def _batches(flat: list[Any]) -> list[list[Any]]:
    batches: list[list[Any]] = []
    for entry in flat:
        if not batches or (len(batches[-1]) + 1) * len(entry[2].ids) > TOKENS_PER_BATCH:
            batches.append([])
        batches[-1].append(entry)
    return batches


def _log_likelihoods(model: Any, choices: list[Choice], pad: int) -> list[float]:
    import torch

    labels = [[NOT_LEARNED] * c.start + c.ids[c.start :] for c in choices]
    with torch.no_grad():
        losses = answer_losses(model, [c.ids for c in choices], labels, pad)
    return [-sum(row) for row in losses]


def answer_losses(model: Any, ids: list[list[int]], labels: list[list[int]], pad: int) -> list[list[float]]:
    """Cross-entropy of every learned position, per sequence. Only the logits of those positions are built."""
    import torch

    from .loss import learned_logits, padded

    device = next(model.parameters()).device
    batch = {name: tensor.to(device) for name, tensor in padded(ids, labels, pad).items()}
    logits, targets = learned_logits(model, batch)
    losses = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1).float(), targets.flatten(), ignore_index=NOT_LEARNED, reduction="none"
    ).view(targets.shape)
    kept = targets != NOT_LEARNED
    return [row[mask].tolist() for row, mask in zip(losses, kept, strict=True)]


def validation_loss(model: Any, sequences: list[Any], pad: int, check: Callable[[], None] = lambda: None) -> Score:
    """Mean cross-entropy per answer token of the held-out rows."""
    import torch

    flat = sorted(((0, 0, sequence.encoded) for sequence in sequences), key=lambda entry: len(entry[2].ids))
    total, count = 0.0, 0
    for batch in _batches(flat):
        check()
        with torch.no_grad():
            losses = answer_losses(model, [e.ids for *_, e in batch], [e.labels for *_, e in batch], pad)
        total += sum(map(sum, losses))
        count += sum(map(len, losses))
    loss = total / count if count else float("nan")
    return Score(len(flat), None, None, loss)
