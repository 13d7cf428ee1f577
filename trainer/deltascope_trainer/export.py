"""What a run leaves: adapters that fit the original base, full models, merged models. All files readable, no paths."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

from .config import RunConfig
from .files import settle
from .methods import changes_base

TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "merges.txt",
    "tokenizer.model",
    "chat_template.jinja",
    "generation_config.json",
)
HUB_SNAPSHOT = re.compile(r"/models--([^/]+?)--([^/]+)/snapshots/([0-9a-f]{40})/?$")


def adapter_state(model: Any, whole: dict[str, Any] | None = None) -> dict[str, Any]:
    """The adapter's tensors under the names that peft saves; `whole` is the state of a model that is sharded."""
    from peft import get_peft_model_state_dict

    state = get_peft_model_state_dict(model, state_dict=whole, save_embedding_layers=False)
    return {name: tensor.detach().cpu().contiguous() for name, tensor in state.items()}


def converted(state: dict[str, Any], initial: dict[str, Any]) -> dict[str, Any]:
    """Factors against the original base: what was taken out of it at the start is subtracted, so the rank doubles."""
    import torch

    joined = {}
    for name, tensor in state.items():
        if "lora_A" in name:
            joined[name] = torch.cat([tensor, initial[name]], dim=0)
        elif "lora_B" in name:
            joined[name] = torch.cat([tensor, -initial[name]], dim=1)
        else:
            joined[name] = tensor
    return joined


def save_adapter(
    model: Any,
    folder: Path,
    config: RunConfig,
    base_sha: str,
    initial: dict[str, Any] | None = None,
    dtype: str = "fp32",
    whole: dict[str, Any] | None = None,
) -> None:
    """Writes an adapter that fits the original base. `initial` are its factors before the first step, where
    they were taken out of the base; `whole` is the state of a model that is sharded."""
    import torch
    from safetensors.torch import save_file

    state = adapter_state(model, whole)
    if changes_base(config):
        assert initial is not None
        state = converted(state, initial)
    if dtype == "bf16":
        state = {name: tensor.to(torch.bfloat16) for name, tensor in state.items()}
    folder.mkdir(parents=True, exist_ok=True)
    save_file(state, folder / "adapter_model.safetensors", metadata={"format": "pt"})
    write_adapter_config(model, folder, config, base_sha)


def save_factors(folder: Path, state: dict[str, Any], initial: dict[str, Any]) -> None:
    """Factors as trained and as they were before the first step, for going on."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    save_file(state, folder / "adapter_model.safetensors")
    save_file(initial, folder / "initial.safetensors")


def write_adapter_config(model: Any, folder: Path, config: RunConfig, base_sha: str) -> None:
    """peft's configuration with sorted targets and the base's name in place of a path; its hash goes to base.json."""
    settings = model.peft_config[model.active_adapter]
    settings.inference_mode = True
    settings.save_pretrained(folder)
    settings.inference_mode = False
    file = folder / "adapter_config.json"
    document = json.loads(file.read_text("utf-8"))
    document["target_modules"] = sorted(document["target_modules"])
    document["base_model_name_or_path"], document["revision"] = base_name(Path(config.base.path))
    if changes_base(config):
        document |= {"r": 2 * document["r"], "lora_alpha": 2 * document["lora_alpha"], "init_lora_weights": True}
    file.write_text(json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")
    about = {"schema": 1, "name": document["base_model_name_or_path"], "sha256": base_sha}
    (folder / "base.json").write_text(json.dumps(about, indent=2) + "\n", "utf-8")


def base_name(base: Path) -> tuple[str, str | None]:
    """The base's Hub id and commit if it lies in the Hub's cache, else the name of its folder; never a path."""
    match = HUB_SNAPSHOT.search(base.absolute().as_posix())
    return (f"{match[1]}/{match[2]}", match[3]) if match else (base.resolve().name, None)


def save_full(model: Any, folder: Path, dtype: str, whole: dict[str, Any] | None = None) -> None:
    """A whole model in one or several safetensors files; the model itself stays as it is."""
    import torch

    wanted = torch.float32 if dtype == "fp32" else torch.bfloat16
    cast: dict[int, Any] = {}  # tied weights stay one tensor, or the file would hold both
    state = {}
    for name, tensor in (model.state_dict() if whole is None else whole).items():
        if tensor.data_ptr() not in cast:
            cast[tensor.data_ptr()] = tensor.detach().to(wanted) if tensor.is_floating_point() else tensor.detach()
        state[name] = cast[tensor.data_ptr()]
    model.save_pretrained(folder, state_dict=state)
    _mend_config(folder, str(wanted).removeprefix("torch."))


def _mend_config(folder: Path, dtype: str) -> None:
    """The type of the saved weights, the cache that training switched off, and no local path."""
    file = folder / "config.json"
    document = json.loads(file.read_text("utf-8"))
    document.pop("_name_or_path", None)
    document |= {"dtype": dtype, "use_cache": True}
    file.write_text(json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")


def save_merged(adapter: Path, folder: Path, config: RunConfig, dtype: str) -> None:
    """The original base with the saved adapter added in fp32, cast once."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    base = AutoModelForCausalLM.from_pretrained(config.base.path, dtype=torch.float32, local_files_only=True)
    merged = PeftModel.from_pretrained(base, str(adapter)).merge_and_unload()
    save_full(merged, folder, dtype)


def copy_tokenizer(base: Path, folder: Path) -> None:
    """The tokenizer's files as they are: saving them again could change them."""
    for name in TOKENIZER_FILES:
        if (base / name).is_file() and not (folder / name).exists():
            shutil.copyfile(base / name, folder / name)


def export_final(
    model: Any,
    run: Path,
    config: RunConfig,
    base_sha: str,
    initial: dict[str, Any] | None,
    whole: dict[str, Any] | None = None,
) -> Path:
    """Writes the result beside and renames it to final/, so that it is whole or absent.

    `whole` is the state of a model that is sharded.
    """
    beside, final = run / ".final.tmp", run / "final"
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir()
    kind, dtype = config.save.export, config.save.dtype or "bf16"
    if kind == "adapter":
        save_adapter(model, beside, config, base_sha, initial, dtype, whole)
    elif kind == "merged":
        save_adapter(model, run / ".adapter.tmp", config, base_sha, initial, whole=whole)
        save_merged(run / ".adapter.tmp", beside, config, dtype)
        shutil.rmtree(run / ".adapter.tmp")
    else:
        save_full(model, beside, dtype, whole)
    if kind != "adapter":
        copy_tokenizer(Path(config.base.path), beside)
    settle(beside)
    shutil.rmtree(final, ignore_errors=True)
    beside.rename(final)
    return final
