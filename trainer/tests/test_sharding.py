"""Processes that each hold a part of the model: the same run as processes that hold all of it."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch

from deltascope_trainer import sharding
from deltascope_trainer.config import parse_config
from deltascope_trainer.errors import RunError
from deltascope_trainer.memory import Shape, estimate
from deltascope_trainer.methods import apply_method
from deltascope_trainer.resolve import choose_sharding

from .conftest import PACKAGE, await_step
from .test_several import LOOPBACK, ended, finished, losses


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


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.mark.parametrize("method", ["lora", "full", "dora", "pissa"])
def test_trains_what_data_parallel_trains(method: str, settings: Any, start: Any, tmp_path: Path) -> None:
    same = {
        **{"method": method, "lora": {"dropout": 0}, "max_steps": 4, "learning_rate": 1e-3},
        **{"data": {"validation": 0.1}, "eval": {"every": 2}, "save": {"every": 2, "dtype": "fp32"}},
    }
    process = start(sharded(settings, **same), "parts", "--no-stdin", **LOOPBACK)
    parts = finished(process)
    assert (process.returncode, parts[-1]["type"]) == (0, "done"), parts[-1]
    whole = finished(start(sharded(settings, "none", **same), "whole", "--no-stdin", **LOOPBACK))
    assert losses(parts) == pytest.approx(losses(whole), rel=1e-4)
    assert [line["seq"] for line in parts] == list(range(1, len(parts) + 1))
    for folder in ("checkpoint-2", "checkpoint-4", "final"):
        alike(tmp_path / "parts" / folder, tmp_path / "whole" / folder, 1e-5)
        assert names(tmp_path / "parts" / folder) == names(tmp_path / "whole" / folder)
    for name in ("config.json", "adapter_config.json"):
        if (tmp_path / "whole" / "final" / name).exists():
            text = (tmp_path / "parts" / "final" / name).read_text()
            assert text == (tmp_path / "whole" / "final" / name).read_text()


@pytest.mark.parametrize("method", ["lora", "full"])
def test_each_process_holds_a_part(method: str, settings: Any, start: Any, tmp_path: Path) -> None:
    """What the optimizer is given, counted in each process: together all trained weights, and about half in each."""
    program = tmp_path / "late"
    program.mkdir()
    (program / "sitecustomize.py").write_text(
        "import os\n"
        "if 'RANK' in os.environ:\n"
        "    from deltascope_trainer import optimizers\n"
        "    make = optimizers.make_optimizer\n"
        "    def counting(named, config):\n"
        "        held = sum(p.to_local().numel() for _, p in named)\n"
        f"        open({str(tmp_path)!r} + '/held-' + os.environ['RANK'], 'w').write(str(held))\n"
        "        return make(named, config)\n"
        "    optimizers.make_optimizer = counting\n"
    )
    path = os.pathsep.join([str(program), str(PACKAGE)])
    lines = finished(start(sharded(settings, method=method, max_steps=1), "run", "--no-stdin", PYTHONPATH=path))
    assert lines[-1]["type"] == "done", lines[-1]
    [total] = [line["total"] for line in lines if line["type"] == "plan"]
    held = [int((tmp_path / f"held-{rank}").read_text()) for rank in (0, 1)]
    assert sum(held) == total
    assert max(held) < 0.55 * total


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
def test_cancelled_and_gone_on(method: str, settings: Any, start: Any) -> None:
    """As if never interrupted, bit by bit."""
    document = sharded(settings, method=method, learning_rate=1e-3)
    whole = finished(start(document, "whole", "--no-stdin", **LOOPBACK))
    process = start(document, "part", **LOOPBACK)
    seen = await_step(process, 6)
    last = finished(process, '{"v":1,"type":"cancel","save":true}\n')[-1]
    assert (process.returncode, last["type"], last["checkpoint"]) == (10, "cancelled", f"checkpoint-{last['step']}")
    rest = finished(start(document, "part", "--resume", "--no-stdin", **LOOPBACK))
    assert [line["resumed_from"] for line in rest if line["type"] == "started"] == [last["step"]]
    assert {**losses(whole), **losses(seen), **losses(rest)} == losses(whole)
    assert rest[-1]["outputs"] == whole[-1]["outputs"]  # the same hash


def test_goes_on_without_sharding(settings: Any, start: Any, tmp_path: Path) -> None:
    """Sharding is no part of a run's identity: its files are the same, and a warning says that it changed."""
    document = sharded(settings, method="full", learning_rate=1e-3, lora={"dropout": 0})
    process = start(document, "run", **LOOPBACK)
    await_step(process, 6)
    last = finished(process, '{"v":1,"type":"cancel","save":true}\n')[-1]
    rest = finished(start({**document, "sharding": "none"}, "run", "--resume", "--no-stdin", **LOOPBACK))
    assert [line["code"] for line in rest if line["type"] == "warning"] == ["checkpoint.sharding"]
    assert json.loads((tmp_path / "run" / "run.json").read_text())["sharding"] == "none"
    whole = finished(start({**document, "sharding": "none"}, "whole", "--no-stdin", **LOOPBACK))
    assert min(losses(rest)) == last["step"] + 1
    assert losses(rest) == pytest.approx({step: losses(whole)[step] for step in losses(rest)}, rel=1e-4)
    alike(tmp_path / "run" / "final", tmp_path / "whole" / "final", 2e-2)  # bf16


def test_a_killed_one_ends_all(settings: Any, start: Any) -> None:
    process = start(sharded(settings, max_steps=2000, epochs=None), **LOOPBACK)
    await_step(process, 2)
    workers = psutil.Process(process.pid).children(recursive=True)
    speaks = json.loads((Path(process.args[-1]) / "events.jsonl").read_text().splitlines()[0])["pid"]
    others = [worker for worker in workers if worker.pid != speaks]
    assert others
    os.kill(others[-1].pid, signal.SIGKILL)
    last = finished(process)[-1]
    assert (last["type"], last["code"], last["retryable"]) == ("error", "process.lost", True)
    assert process.returncode != 0
    assert ended(workers, 10)


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
