"""Several processes that train together, started as the app starts one."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest

from deltascope_trainer import launch
from deltascope_trainer.errors import RunError, classify
from deltascope_trainer.placement import narrow_gpus, processes_of

from .conftest import ENDLESS, PACKAGE, PATIENCE, await_step, held_at, is_over, running_first, wait_for

pytestmark = pytest.mark.processes
LOOPBACK = {"PYTHONPATH": str(PACKAGE)}  # they meet on the loopback, which the guard of the other tests refuses


def several(settings: Any, **changes: Any) -> dict[str, Any]:
    return settings(device="cpu:2", batch={"effective": 8, "device": 4}, **changes)


def finished(process: Any, request: str = "") -> list[dict[str, Any]]:
    rest, noise = process.communicate(input=request or None, timeout=PATIENCE)
    lines = [json.loads(line) for line in rest.splitlines()]
    assert lines, noise[-3000:]
    return lines


def losses(lines: list[dict[str, Any]]) -> dict[int, float]:
    return {line["step"]: line["loss"] for line in lines if line["type"] == "progress"}


def all_end(processes: list[psutil.Process]) -> None:
    """Waits until none runs; in a container without an init they stay as zombies."""
    wait_for(lambda: all(is_over(process.pid) for process in processes))


@pytest.mark.parametrize("method", ["lora", "full"])
def test_two_processes_train_as_one(method: str, settings: Any, start: Any, run_here: Any, tmp_path: Path) -> None:
    """Only rank 0 speaks, and the losses are those of one process with the same effective batch."""
    same = {"method": method, "lora": {"dropout": 0}, "max_steps": 4, "save": {"every": 2}}
    process = start(several(settings, **same), "two", "--no-stdin", **LOOPBACK)
    lines = finished(process)
    assert (process.returncode, lines[-1]["type"]) == (0, "done"), lines[-1]
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert [line["processes"] for line in lines if line["type"] == "env"] == [2]
    one = run_here(settings(batch={"effective": 8, "device": 8}, **same), "one")
    assert losses(lines) == pytest.approx(losses(one.lines), rel=1e-4)
    assert (tmp_path / "two" / "stderr-1.log").exists()
    assert (tmp_path / "two" / "checkpoint-4" / "rng_state_1.pth").exists()


def test_cancelled_together_and_gone_on(settings: Any, start: Any, tmp_path: Path) -> None:
    document = several(settings)
    whole = finished(start(document, "whole", "--no-stdin", **LOOPBACK))
    process = start(document, "part", **held_at(7, tmp_path))
    seen = await_step(process, 6)
    last = finished(process, '{"v":1,"type":"cancel","save":true}\n')[-1]
    assert (process.returncode, last["type"], last["checkpoint"]) == (10, "cancelled", f"checkpoint-{last['step']}")
    rest = finished(start(document, "part", "--resume", "--no-stdin", **LOOPBACK))
    assert [line["resumed_from"] for line in rest if line["type"] == "started"] == [last["step"]]
    assert {**losses(whole), **losses(seen), **losses(rest)} == losses(whole)
    assert rest[-1]["outputs"] == whole[-1]["outputs"]  # the same hash


@pytest.mark.parametrize("sharding", ["none", "full"])
def test_a_killed_one_ends_all(sharding: str, settings: Any, start: Any) -> None:
    process = start(several(settings, sharding=sharding, max_steps=ENDLESS), **LOOPBACK)
    await_step(process, 2)
    workers = psutil.Process(process.pid).children(recursive=True)
    speaks = json.loads((Path(process.args[-1]) / "events.jsonl").read_text().splitlines()[0])["pid"]
    others = [worker for worker in workers if worker.pid != speaks]
    assert others
    os.kill(others[-1].pid, signal.SIGKILL)
    last = finished(process)[-1]
    assert (last["type"], last["code"], last["retryable"]) == ("error", "process.lost", True)
    assert process.returncode != 0
    all_end(workers)


def test_they_end_with_their_launcher(settings: Any, start: Any) -> None:
    process = start(several(settings, max_steps=ENDLESS), **LOOPBACK)
    await_step(process, 2)
    workers = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    assert len(workers) >= 2
    all_end(workers)


def test_a_signal_saves_and_ends_all(settings: Any, start: Any) -> None:
    process = start(several(settings, max_steps=ENDLESS), **LOOPBACK)
    await_step(process, 2)
    process.terminate()
    last = finished(process)[-1]
    assert (process.returncode, last["type"], last["checkpoint"]) == (10, "cancelled", f"checkpoint-{last['step']}")


def test_what_another_process_failed_with_is_told(settings: Any, start: Any, tmp_path: Path) -> None:
    """A file that only the second process cannot read: its own reason, not that it is gone."""
    program = """
        import os
        if os.environ.get("RANK") == "1":
            from deltascope_trainer import optimizers
            def make_optimizer(*_):
                raise MemoryError
            optimizers.make_optimizer = make_optimizer
    """
    process = start(several(settings), "run", "--no-stdin", PYTHONPATH=running_first(tmp_path, program))
    last = finished(process)[-1]
    assert (last["type"], last["code"]) == ("error", "oom.host")
    assert last["message"].startswith("Process 1: ")


def test_failures_of_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(launch.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(launch.time, "sleep", lambda seconds: clock.__setitem__(0, clock[0] + seconds))
    assert launch.failure_of_others(tmp_path, 2) is None
    launch.tell_failure(tmp_path, 1, RunError("oom.device", "Full.", {"a": 1}))
    found = launch.failure_of_others(tmp_path, 2)
    assert found is not None and (found.code, found.message, found.details) == (
        "oom.device",
        "Process 1: Full.",
        {"a": 1},
    )
    launch.forget_failures(tmp_path)
    clock[0] = 0.0
    assert launch.failure_of_others(tmp_path, 2) is None
    assert clock[0] == pytest.approx(launch.FAILURE_SECONDS, abs=0.2)


def test_only_several_processes_lose_one(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = RuntimeError("[gloo/transport/tcp/pair.cc:547] Connection closed by peer")
    assert classify(gone).code == "internal"
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert classify(gone).code == "process.lost"
    assert classify(RuntimeError("shapes do not fit")).code == "internal"


@pytest.mark.parametrize(
    ("device", "visible", "expected"),
    [
        ("cuda:1,3", None, "1,3"),
        ("cuda:0,1", "4, 6,7", "4,6"),
        ("cuda:2", "4,6,7", "7"),
        ("auto", "4,6", "4"),
        ("cpu:2", "4,6", "4,6"),
    ],
)
def test_only_the_named_cards_are_seen(device: str, visible: str | None, expected: str) -> None:
    environment = {} if visible is None else {"CUDA_VISIBLE_DEVICES": visible}
    narrow_gpus(device, environment)
    assert environment["CUDA_VISIBLE_DEVICES"] == expected


@pytest.mark.parametrize(("device", "count"), [("cuda:0,1,2", 3), ("cpu:2", 2), ("cpu", 1), ("auto", 1), ("cuda:7", 1)])
def test_processes_of_a_device(device: str, count: int) -> None:
    assert processes_of(device) == count


@pytest.mark.parametrize("device", ["cuda:1,1", "cpu:99"])
def test_devices_that_are_none(device: str) -> None:
    with pytest.raises(RunError, match="names a card twice"):
        processes_of(device)
