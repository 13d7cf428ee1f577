"""Processes that each hold a part of the model: the same run as processes that hold all of it."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from deltascope_trainer import sharding
from deltascope_trainer.config import parse_config
from deltascope_trainer.errors import RunError
from deltascope_trainer.memory import Shape, estimate
from deltascope_trainer.methods import apply_method
from deltascope_trainer.resolve import choose_sharding

from .conftest import await_step, held_at, running_first
from .test_several import LOOPBACK, finished, losses

pytestmark = pytest.mark.processes


def sharded(settings: Any, sharding: str = "full", **changes: Any) -> dict[str, Any]:
    """Two processes, two batches to a step."""
    return settings(device="cpu:2", sharding=sharding, batch={"effective": 8, "device": 2}, **changes)


def tensors(folder: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    return {name: tensor for file in sorted(folder.glob("*.safetensors")) for name, tensor in load_file(file).items()}


def alike(first: Path, second: Path, tolerance: float) -> None:
    here, there = tensors(first), tensors(second)
    assert here and here.keys() == there.keys()
    for name, tensor in here.items():
        torch.testing.assert_close(tensor, there[name], rtol=0, atol=tolerance)


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def evaluated(lines: list[dict[str, Any]]) -> dict[int, float]:
    return {line["step"]: line["loss"] for line in lines if line["type"] == "eval"}


# Counts what the optimizer is given in each process, into the files held-0 and held-1.
COUNTING = """
    import os
    if "RANK" in os.environ:
        from deltascope_trainer import optimizers
        make = optimizers.make_optimizer
        def counting(named, config):
            held = sum(parameter.to_local().numel() for _, parameter in named)
            with open({folder!r} + "/held-" + os.environ["RANK"], "w") as file:
                file.write(str(held))
            return make(named, config)
        optimizers.make_optimizer = counting
"""


@pytest.mark.parametrize("method", ["lora", "full", "dora", "pissa"])
def test_trains_what_one_process_trains(method: str, settings: Any, start: Any, run_here: Any, tmp_path: Path) -> None:
    """The same losses and files, while each process holds half of what is trained."""
    same = {
        **{"method": method, "lora": {"dropout": 0}, "max_steps": 4, "learning_rate": 1e-3},
        **{"data": {"validation": 0.1}, "eval": {"every": 2}, "save": {"every": 2, "dtype": "fp32"}},
    }
    path = running_first(tmp_path, COUNTING.format(folder=str(tmp_path)))
    process = start(sharded(settings, **same), "parts", "--no-stdin", PYTHONPATH=path)
    parts = finished(process)
    assert (process.returncode, parts[-1]["type"]) == (0, "done"), parts[-1]
    assert [line["seq"] for line in parts] == list(range(1, len(parts) + 1))
    [total] = [line["total"] for line in parts if line["type"] == "plan"]
    held = [int((tmp_path / f"held-{rank}").read_text()) for rank in (0, 1)]
    assert sum(held) == total and max(held) < 0.55 * total

    whole = run_here(settings(**same, batch={"effective": 8, "device": 2}), "whole")
    assert losses(parts) == pytest.approx(losses(whole.lines), rel=1e-4)
    assert evaluated(parts) == pytest.approx(evaluated(whole.lines), rel=1e-4)
    for folder in ("checkpoint-2", "checkpoint-4", "final"):
        alike(tmp_path / "parts" / folder, whole.folder / folder, 1e-5)
        each = {"rng_state_0.pth", "rng_state_1.pth"} if folder != "final" else set()
        assert names(tmp_path / "parts" / folder) == names(whole.folder / folder) - {"rng_state.pth"} | each
    for name in ("config.json", "adapter_config.json"):
        if (whole.folder / "final" / name).exists():
            assert (tmp_path / "parts" / "final" / name).read_text() == (whole.folder / "final" / name).read_text()


def test_layers_are_divided_one_by_one(base: Path, settings: Any) -> None:
    """Also inside an adapter; a model divided at its root only would be gathered whole."""
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(base)
    layers = list(model.model.layers)
    assert sharding._layers(model) == layers[::-1]
    assert sharding._layers(apply_method(model, parse_config(json.dumps(settings())))) == layers[::-1]
    with pytest.raises(RunError, match="sharding: none"):
        sharding.shard(torch.nn.Linear(2, 2), torch.device("cpu"))


@pytest.mark.parametrize("method", ["lora", "full"])
def test_cancelled_and_gone_on(method: str, settings: Any, start: Any, tmp_path: Path) -> None:
    """As if never interrupted, bit by bit."""
    document = sharded(settings, method=method, learning_rate=1e-3)
    whole = finished(start(document, "whole", "--no-stdin", **LOOPBACK))
    process = start(document, "part", **held_at(7, tmp_path))
    seen = await_step(process, 6)
    last = finished(process, '{"v":1,"type":"cancel","save":true}\n')[-1]
    assert (process.returncode, last["type"], last["checkpoint"]) == (10, "cancelled", f"checkpoint-{last['step']}")
    if method == "full":
        shutil.copytree(tmp_path / "part", tmp_path / "plain")
    rest = finished(start(document, "part", "--resume", "--no-stdin", **LOOPBACK))
    assert [line["resumed_from"] for line in rest if line["type"] == "started"] == [last["step"]]
    assert {**losses(whole), **losses(seen), **losses(rest)} == losses(whole)
    assert rest[-1]["outputs"] == whole[-1]["outputs"]  # the same hash
    if method == "full":
        lines = finished(start({**document, "sharding": "none"}, "plain", "--resume", "--no-stdin", **LOOPBACK))
        goes_on_without_sharding(lines, whole, tmp_path)


def goes_on_without_sharding(rest: list[dict[str, Any]], whole: list[dict[str, Any]], folder: Path) -> None:
    """Sharding is no part of a run's identity: its files are the same, and a warning says that it changed."""
    assert [line["code"] for line in rest if line["type"] == "warning"] == ["checkpoint.sharding"]
    assert json.loads((folder / "plain" / "run.json").read_text())["sharding"] == "none"
    [resumed] = [line["resumed_from"] for line in rest if line["type"] == "started"]
    assert min(losses(rest)) == resumed + 1
    assert losses(rest) == pytest.approx({step: losses(whole)[step] for step in losses(rest)}, rel=1e-4)
    alike(folder / "plain" / "final", folder / "whole" / "final", 2e-2)  # bf16


@pytest.mark.parametrize(
    ("changes", "processes", "free", "expected"),
    [
        ({}, 2, 1000, "none"),  # 900 may be filled, 800 are needed
        ({}, 2, 800, "full"),
        ({}, 2, 400, "none"),  # too little either way
        ({}, 2, 0, "none"),  # not known
        ({}, 1, 800, "none"),
        ({"method": "qlora"}, 2, 800, "none"),
        ({"precision": "fp16"}, 2, 800, "none"),
        ({"sharding": "none"}, 2, 800, "none"),
        ({"sharding": "full"}, 2, 10**6, "full"),
    ],
)
def test_automatic_sharding(changes: Any, processes: int, free: int, expected: str, settings: Any) -> None:
    config = parse_config(json.dumps(settings(**{"precision": "fp32", **changes})))
    assert choose_sharding(config, processes, free, lambda batch, shards: 200 * batch // shards) == expected


@pytest.mark.parametrize(("changes", "processes"), [({}, 1), ({"method": "qlora"}, 2), ({"precision": "fp16"}, 2)])
def test_what_cannot_be_sharded(changes: Any, processes: int, settings: Any) -> None:
    config = parse_config(json.dumps(settings(sharding="full", **changes)))
    with pytest.raises(RunError) as caught:
        choose_sharding(config, processes, 10**12, lambda batch, shards: 1)
    assert (caught.value.code, caught.value.details["fields"][0]["field"]) == ("config.invalid", "sharding")


def test_a_device_needs_its_part_and_what_is_gathered() -> None:
    """Of 16 bytes for each of 7.6 billion parameters an eighth, beside two layers and all that lies outside them."""
    shape = Shape(7_615_616_512, 6_525_288_448, 28, 3584, 18944, 152_064)
    one = estimate(shape, "full", "adamw", shape.parameters, 1, 512, 16)
    eight = estimate(shape, "full", "adamw", shape.parameters, 1, 512, 16, shards=8)
    assert (eight["weights"], eight["optimizer"]) == (one["weights"] // 8, one["optimizer"] // 8)
    assert eight["kept"] == one["kept"]
    gathered = 4 * (shape.parameters - shape.linear + 2 * shape.linear // 28)
    gradients = 4 * shape.parameters // 8 + 8 * shape.vocabulary * shape.hidden
    assert eight["peak"] >= gathered + gradients
    assert eight["total"] < 0.4 * one["total"]


def test_data_parallel_holds_all_gradients_twice() -> None:
    shape = Shape(7_615_616_512, 6_525_288_448, 28, 3584, 18944, 152_064)
    one, eight = (estimate(shape, "full", "adamw", shape.parameters, 1, 512, 16, devices=count) for count in (1, 8))
    assert eight["peak"] - one["peak"] == 4 * shape.parameters
    assert (eight["weights"], eight["optimizer"]) == (one["weights"], one["optimizer"])
