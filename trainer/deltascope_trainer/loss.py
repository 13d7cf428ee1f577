"""Batches and the loss on answer tokens: logits are built only where something is learned."""

import inspect
from typing import Any

from .data.masking import NOT_LEARNED


def padded(ids: list[list[int]], labels: list[list[int]], pad: int) -> dict[str, Any]:
    """Tensors padded on the right. Padding is masked by length, never by id: the end token is learned."""
    import torch

    width = max(map(len, ids))

    def rows(values: list[list[int]], fill: int) -> Any:
        return torch.tensor([row + [fill] * (width - len(row)) for row in values], dtype=torch.long)

    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in ids], dtype=torch.long)
    return {"input_ids": rows(ids, pad), "attention_mask": mask, "labels": rows(labels, NOT_LEARNED)}


def learned_logits(model: Any, batch: dict[str, Any]) -> tuple[Any, Any]:
    """Logits at the union of learned positions of the batch, (B, K, V), and their targets, (B, K)."""
    labels = batch["labels"][:, 1:]
    places = (labels != NOT_LEARNED).any(0).nonzero().squeeze(-1)
    inputs = {"input_ids": batch["input_ids"], "attention_mask": batch["attention_mask"]}
    if _takes_places(model):
        logits = model(**inputs, logits_to_keep=places).logits
    else:
        logits = model(**inputs).logits[:, places]
    return logits, labels[:, places]


def _takes_places(model: Any) -> bool:
    """Whether the forward of the model inside all wrappers knows `logits_to_keep`."""
    inner = getattr(model, "module", model)
    inner = inner.get_base_model() if hasattr(inner, "get_base_model") else inner
    known = getattr(inner, "_deltascope_takes_places", None)
    if known is None:
        known = "logits_to_keep" in inspect.signature(type(inner).forward).parameters
        inner._deltascope_takes_places = known
    return known


def summed_loss(model: Any, batch: dict[str, Any]) -> Any:
    """Sum of the cross-entropies in fp32 over the learned positions of the batch."""
    import torch

    logits, targets = learned_logits(model, batch)
    return torch.nn.functional.cross_entropy(
        logits.flatten(0, 1).float(), targets.flatten(), ignore_index=NOT_LEARNED, reduction="sum"
    )
