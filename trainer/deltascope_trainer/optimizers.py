"""Parameter groups, optimizers and the schedule of the learning rate, made by ourselves."""

import math
from collections.abc import Callable
from typing import Any

from .config import RunConfig

LORA_PLUS_RATIO = 16.0  # the usual one


def spared(name: str, parameter: Any) -> bool:
    """Biases, norm scales and DoRA magnitudes are not decayed; DoRA's may have two dimensions."""
    return parameter.ndim < 2 or "lora_magnitude" in name


def rate_ratio(config: RunConfig) -> float:
    """How much faster B learns than A; only LoRA+ makes a difference."""
    return config.lora.plus_ratio or LORA_PLUS_RATIO if config.method == "lora+" else 1.0


def parameter_groups(named: list[tuple[str, Any]], config: RunConfig) -> list[dict[str, Any]]:
    """Trained parameters by weight decay and learning rate; the first group has the configured rate."""
    ratio, groups = rate_ratio(config), {}
    for name, parameter in named:
        if not parameter.requires_grad:
            continue
        fast = ratio != 1.0 and ("lora_B" in name or "lora_embedding_B" in name)
        groups.setdefault((fast, spared(name, parameter)), []).append(parameter)
    rate = config.learning_rate or 0.0
    return [
        {"params": groups[key], "lr": rate * (ratio if key[0] else 1.0), "weight_decay": 0.0 if key[1] else decay}
        for key in sorted(groups)
        for decay in [config.weight_decay]
    ]


def make_optimizer(named: list[tuple[str, Any]], config: RunConfig) -> Any:
    import torch

    groups = parameter_groups(named, config)
    if config.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=config.learning_rate, momentum=config.momentum)
    return torch.optim.AdamW(groups, lr=config.learning_rate, betas=config.betas, eps=config.eps)


def multiplier(config: RunConfig, steps: int) -> Callable[[int], float]:
    """Factor of the learning rate at a 0-based step: linear from 1/warm-up to 1, then the schedule down to 0."""
    warmup = math.ceil(config.warmup * steps)

    def at(step: int) -> float:
        if step < warmup:
            return (step + 1) / warmup
        share = min(1.0, (step - warmup) / max(1, steps - warmup))
        if config.schedule == "cosine":
            return 0.5 * (1 + math.cos(math.pi * share))
        return 1.0 if config.schedule == "constant" else 1 - share

    return at


def make_scheduler(optimizer: Any, config: RunConfig, steps: int) -> Any:
    import torch

    return torch.optim.lr_scheduler.LambdaLR(optimizer, multiplier(config, steps))
