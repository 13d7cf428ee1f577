"""The base, loaded as its method needs it."""

from pathlib import Path
from typing import Any

from .config import RunConfig
from .errors import RunError
from .files import file_sha256, weights_file
from .placement import torch_device


def base_sha256(base: Path) -> str:
    """Hash of the base's weights file, or of the index of its parts. Raises `model.load`."""
    if not (base / "config.json").is_file():
        raise RunError("model.load", f"{base} holds no config.json")
    file = weights_file(base)
    if file is None or file.name.startswith("adapter"):
        raise RunError("model.load", f"{base} holds no model.safetensors")
    return file_sha256(file)


def check_base(config: RunConfig) -> str:
    """The base's hash; it must be the configured one if one is given."""
    found = base_sha256(Path(config.base.path))
    if config.base.sha256 is not None and config.base.sha256 != found:
        raise RunError(
            "checkpoint.mismatch",
            f"The base {config.base.path} has changed: its hash is {found}, not {config.base.sha256}",
        )
    return found


def weights_type(config: RunConfig) -> str:
    """Type of the loaded weights: what is trained, or gets factors taken out, is fp32; a frozen base is bf16."""
    changed = config.method in ("full", "pissa", "olora") or config.lora.init in ("pissa", "pissa_niter_4", "olora")
    return "float32" if changed or config.precision != "bf16" else "bfloat16"


def load_base(config: RunConfig, device: str) -> Any:
    """The base on the CPU (quantised ones go to the device). Raises `model.load` for whatever is wrong with it."""
    import torch
    from transformers import AutoModelForCausalLM

    extra: dict[str, Any] = {}
    if config.method == "qlora":
        extra = {"quantization_config": _four_bits(config), "device_map": {"": torch_device(device)}}
    try:
        model, found = AutoModelForCausalLM.from_pretrained(
            config.base.path,
            dtype=getattr(torch, weights_type(config)),
            attn_implementation=config.attention,
            local_files_only=True,
            trust_remote_code=False,
            output_loading_info=True,
            **extra,
        )
    except (MemoryError, torch.OutOfMemoryError):
        raise
    except Exception as failure:  # damaged files fail in many ways
        raise RunError("model.load", f"{config.base.path} cannot be loaded: {failure}") from None
    missing = sorted(found["missing_keys"])
    if missing:  # transformers would train random weights in their place
        raise RunError("model.load", f"{config.base.path} lacks {len(missing)} tensors, the first is {missing[0]}")
    model.config.use_cache = False
    return model


def outline(config: RunConfig) -> Any:
    """The base without its weights: names, shapes and types. Raises `model.load`."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    try:
        about = AutoConfig.from_pretrained(config.base.path, local_files_only=True, trust_remote_code=False)
        with torch.device("meta"):
            model = AutoModelForCausalLM.from_config(
                about, dtype=getattr(torch, weights_type(config)), attn_implementation=config.attention
            )
    except Exception as failure:
        raise RunError("model.load", f"{config.base.path} cannot be loaded: {failure}") from None
    model.config.use_cache = False
    return model


def _four_bits(config: RunConfig) -> Any:
    import torch
    from transformers import BitsAndBytesConfig

    types = {"bf16": torch.bfloat16, "fp16": torch.float16}
    compute = types.get(config.precision or "", torch.float32)
    return BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=compute)


def check_vocabulary(model: Any, largest_id: int) -> None:
    """Ids beyond the embedding mean that tokenizer and weights do not belong together."""
    rows = model.get_input_embeddings().weight.shape[0]
    if largest_id >= rows:
        raise RunError(
            "model.tokenizer", f"The tokenizer gives the id {largest_id}, but the base has {rows} embeddings"
        )
