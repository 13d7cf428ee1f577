"""What is trained: everything, or the factors of an adapter."""

import re
from typing import Any

from .config import Lora, RunConfig
from .errors import field_error

FACTORED_INIT = ("pissa", "pissa_niter_4", "olora")


def initial_factors(config: RunConfig) -> str | bool:
    """peft's `init_lora_weights`; these names mean that factors are taken out of the base."""
    if config.lora.init != "default":
        return config.lora.init
    return config.method if config.method in ("pissa", "olora") else True


def changes_base(config: RunConfig) -> bool:
    return config.adapter and initial_factors(config) in FACTORED_INIT


def resolved_alpha(lora: Lora) -> float:
    return lora.alpha if isinstance(lora.alpha, int | float) else lora.alpha.ratio * lora.rank


def apply_method(model: Any, config: RunConfig) -> Any:
    """The model with its trained parameters in fp32 and everything else frozen; also of one without weights."""
    if not config.adapter:
        return model
    from peft import LoraConfig, get_peft_model

    if config.method == "qlora":
        widen_norms(model)
    check_targets(model, config.lora)
    alpha = resolved_alpha(config.lora)
    targets = config.lora.targets
    settings = LoraConfig(
        r=config.lora.rank,
        lora_alpha=int(alpha) if float(alpha).is_integer() else alpha,
        lora_dropout=config.lora.dropout,
        target_modules=targets if isinstance(targets, str) else list(targets),
        init_lora_weights=initial_factors(config) if _has_weights(model) else True,
        use_rslora=config.method == "rslora",
        use_dora=config.method == "dora",
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, settings)


def widen_norms(model: Any) -> None:
    """Norm scales of a 4-bit base in fp32, as QLoRA has them. peft's `prepare_model_for_kbit_training` widens the
    embeddings too, and with them everything that flows through the layers: twice the memory for the same digits."""
    import torch

    for parameter in model.parameters():
        if parameter.ndim == 1 and parameter.is_floating_point():
            parameter.data = parameter.data.to(torch.float32)


def _has_weights(model: Any) -> bool:
    return not next(model.parameters()).is_meta


def check_targets(model: Any, lora: Lora) -> None:
    """Every name must match a linear layer, and the rank must not exceed the smallest of them."""
    shapes = {name: tuple(module.weight.shape) for name, module in _linear_layers(model) if name != "lm_head"}
    if lora.targets != "all-linear":
        for target in lora.targets:
            if not any(name == target or name.endswith("." + target) for name in shapes):
                known = sorted({re.sub(r".*\.", "", name) for name in shapes})
                raise field_error("lora.targets", f"{target!r} matches no linear layer; there are {', '.join(known)}")
        chosen = [n for n in shapes if any(n == t or n.endswith("." + t) for t in lora.targets)]
    else:
        chosen = list(shapes)
    if getattr(model, "is_quantized", False):
        return  # packed weights do not show their shape
    if not chosen:
        raise field_error("lora.targets", "the base has no linear layers to adapt")
    name = min(chosen, key=lambda item: min(shapes[item]))
    if lora.rank > min(shapes[name]):
        raise field_error("lora.rank", f"{lora.rank} is more than {name} allows, which is {min(shapes[name])}")


def _linear_layers(model: Any) -> list[tuple[str, Any]]:
    """Also the transposed linear layers of GPT-2."""
    from torch import nn
    from transformers.pytorch_utils import Conv1D

    return [(name, module) for name, module in model.named_modules() if isinstance(module, nn.Linear | Conv1D)]
