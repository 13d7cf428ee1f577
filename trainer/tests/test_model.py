"""The base: its outline, and what is wrong with one that cannot be loaded."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file, save_file

from deltascope_trainer.config import parse_config
from deltascope_trainer.errors import RunError
from deltascope_trainer.memory import Shape
from deltascope_trainer.methods import apply_method
from deltascope_trainer.model import load_base, outline


def table(model: Any) -> dict[str, Any]:
    tensors = [*model.named_parameters(), *model.named_buffers()]
    return {name: (tuple(tensor.shape), tensor.dtype, tensor.requires_grad) for name, tensor in tensors}


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("method", ["full", "lora", "rslora", "dora", "pissa", "olora", "lora+"])
def test_the_outline_is_the_model_without_its_weights(method: str, precision: str, settings: Any) -> None:
    config = parse_config(json.dumps(settings(method=method, precision=precision)))
    empty, loaded = outline(config), load_base(config, "cpu")
    assert Shape.of(empty) == Shape.of(loaded)
    empty, loaded = apply_method(empty, config), apply_method(loaded, config)
    assert table(empty) == table(loaded)
    assert all(parameter.is_meta for parameter in empty.parameters())
    assert (empty.get_input_embeddings().weight is empty.get_output_embeddings().weight) == (
        loaded.get_input_embeddings().weight is loaded.get_output_embeddings().weight
    )


def test_a_base_that_lacks_tensors(settings: Any, base: Path, tmp_path: Path) -> None:
    """transformers puts random weights in their place and only logs it."""
    folder = tmp_path / "base"
    shutil.copytree(base, folder)
    state = load_file(folder / "model.safetensors")
    del state["model.layers.1.mlp.up_proj.weight"]
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(
        RunError, match=r"lacks 1 tensors, the first is model\.layers\.1\.mlp\.up_proj\.weight"
    ) as caught:
        load_base(parse_config(json.dumps(settings(base={"path": str(folder)}))), "cpu")
    assert caught.value.code == "model.load"


def test_a_base_without_a_readable_configuration(settings: Any, base: Path, tmp_path: Path) -> None:
    folder = tmp_path / "base"
    shutil.copytree(base, folder)
    (folder / "config.json").write_text('{"model_type": "unheard"}')
    with pytest.raises(RunError) as caught:
        outline(parse_config(json.dumps(settings(base={"path": str(folder)}))))
    assert caught.value.code == "model.load"
