"""Seeded weights: every case draws from its own stream, so that adding a case changes no other."""

from __future__ import annotations

import zlib

import torch
from torch import nn


def generator(name: str) -> torch.Generator:
    return torch.Generator().manual_seed(zlib.crc32(name.encode()))


def normal(shape: torch.Size | tuple[int, ...], stream: torch.Generator) -> torch.Tensor:
    return torch.randn(tuple(shape), generator=stream, dtype=torch.float64)


def power_law(shape: torch.Size, stream: torch.Generator, top: float = 4.0, exponent: float = 0.7) -> torch.Tensor:
    """A matrix with singular values top · i^-exponent and random singular vectors, as trained weights have."""
    left, _, right = torch.linalg.svd(normal(shape, stream), full_matrices=False)
    values = top * torch.arange(1, min(shape) + 1, dtype=torch.float64) ** -exponent
    return (left * values) @ right


@torch.no_grad()
def fill_base(model: nn.Module, name: str) -> None:
    stream = generator(name)
    for key, parameter in sorted(model.named_parameters()):
        if parameter.ndim == 1:
            centre = 1.0 if "norm" in key else 0.0
            parameter.copy_(centre + 0.1 * normal(parameter.shape, stream))
        elif parameter.ndim == 3:
            parameter.copy_(torch.stack([power_law(part.shape, stream) for part in parameter]))
        else:
            parameter.copy_(power_law(parameter.shape, stream))


@torch.no_grad()
def fill_adapter(model: nn.Module, name: str, strength: float) -> None:
    """Trained-looking factors; everything else that trains moves by a few percent."""
    stream = generator(name)
    for key, parameter in sorted(model.named_parameters()):
        if not parameter.requires_grad:
            continue
        noise = normal(parameter.shape, stream)
        if "lora_A" in key or "lora_embedding_A" in key:
            parameter.copy_(noise / parameter.shape[-1] ** 0.5)
        elif "lora_B" in key or "lora_embedding_B" in key:
            parameter.copy_(strength * noise)
        elif "magnitude" in key:
            parameter.mul_(1 + 0.1 * noise)
        else:
            parameter.add_(0.05 * noise)


@torch.no_grad()
def small_update(model: nn.Module, name: str, relative: float) -> None:
    """A full fine-tune in small: every matrix moves by a low-rank part and a little noise."""
    stream = generator(name)
    for _, parameter in sorted(model.named_parameters()):
        size = relative * parameter.double().pow(2).mean().sqrt()
        change = 0.2 * normal(parameter.shape, stream)
        if parameter.ndim >= 2:
            left = normal((*parameter.shape[:-1], 3), stream)
            change += left @ normal((3, parameter.shape[-1]), stream)
        parameter.copy_((parameter.double() + size * change).to(parameter.dtype))
