"""Runs that outlive their parent: what they hear, where they speak, and what still ends them."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from deltascope_trainer import unattended
from deltascope_trainer.stopping import Requests

from .conftest import ENDLESS, HERE, PACKAGE, PATIENCE, is_over, wait_for
from .test_processes import WEIGHTS, digest

pytestmark = pytest.mark.processes
REQUESTS = "requests-1.jsonl"
# Starts its words in a session of their own and is killed, with the pipe that they write to.
PARENT = """
import os, subprocess, sys
log = open(sys.argv[1], "ab")
pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
child = subprocess.Popen(sys.argv[2:], **pipes, stderr=log, start_new_session=True)
print(child.pid, flush=True)
os.read(child.stdout.fileno(), 1)
os.kill(os.getpid(), 9)
"""


def lines_in(folder: Path) -> list[dict[str, Any]]:
    file = folder / "events.jsonl"
    whole = file.read_bytes().split(b"\n")[:-1] if file.exists() else []
    return [json.loads(line) for line in whole]


def step_of(folder: Path) -> int:
    return max((line["step"] for line in lines_in(folder) if line["type"] == "progress"), default=0)


def last_of(folder: Path) -> dict[str, Any]:
    last = (lines_in(folder) or [{}])[-1]
    return last if last.get("type") in ("done", "cancelled", "error") else {}


@pytest.fixture
def orphan(tmp_path: Path) -> Iterator[Callable[..., int]]:
    """Starts a run whose parent dies when it has said hello; answers its process. What is left is killed at the end."""
    started: list[int] = []

    def begin(document: dict[str, Any], *options: str, guard: bool = True) -> int:
        folder, config = tmp_path / "run", tmp_path / "run.json"
        folder.mkdir(exist_ok=True)
        config.write_text(json.dumps(document))
        words = [sys.executable, "-u", "-s", "-m", "deltascope_trainer", "run", str(config), "--out", str(folder)]
        words += ["--requests", str(folder / REQUESTS), *options]
        paths = [str(HERE / "guard"), str(PACKAGE)] if guard else [str(PACKAGE)]
        extra = {"PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}
        parent = subprocess.run(
            [sys.executable, "-c", PARENT, str(folder / "stderr.log"), *words],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **extra},
            timeout=PATIENCE,
        )
        assert parent.returncode == -signal.SIGKILL
        started.append(int(parent.stdout))
        return started[-1]

    yield begin
    for pid in started:
        if not is_over(pid):
            os.killpg(pid, signal.SIGKILL)


def ask(folder: Path, text: str) -> None:
    with (folder / REQUESTS).open("a") as stream:
        stream.write(text)


def test_it_goes_on_without_its_parent(settings: Any, orphan: Any, run_here: Any, tmp_path: Path) -> None:
    whole = run_here(settings(), "whole")
    pid = orphan(settings())
    wait_for(lambda: is_over(pid))
    folder = tmp_path / "run"
    lines = lines_in(folder)
    assert lines[-1]["type"] == "done", (folder / "stderr.log").read_text()[-2000:]
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    steps = {x["step"]: (x["loss"], x["grad_norm"], x["lr"]) for x in lines if x["type"] == "progress"}
    assert steps == whole.losses
    assert digest(folder / "final" / WEIGHTS) == digest(whole.folder / "final" / WEIGHTS)


def test_requests_come_by_the_file(settings: Any, orphan: Any, tmp_path: Path) -> None:
    """A checkpoint, then half a line, then its rest: a cancel. Those of an earlier start do nothing."""
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "requests-0.jsonl").write_text('{"v":1,"type":"cancel","save":true}\n')
    pid = orphan(settings(max_steps=ENDLESS, save={"every": None}))
    wait_for(lambda: step_of(folder) >= 2)
    ask(folder, 'garbage\n{"v":1,"type":"checkpoint"}\n{"v":1,"type":"can')
    wait_for(lambda: [line for line in lines_in(folder) if line["type"] == "checkpoint"])
    assert not last_of(folder)
    ask(folder, 'cel","save":true}\n')
    last = wait_for(lambda: last_of(folder))
    assert (last["type"], last["checkpoint"]) == ("cancelled", f"checkpoint-{last['step']}")
    wait_for(lambda: is_over(pid))
    assert not (folder / REQUESTS).exists()


def test_a_refusal_stands_in_the_file(settings: Any, orphan: Any, tmp_path: Path) -> None:
    (tmp_path / "run" / "checkpoint-5").mkdir(parents=True)
    pid = orphan(settings())
    wait_for(lambda: is_over(pid))
    assert last_of(tmp_path / "run")["code"] == "run.exists"


def test_several_processes_go_on_and_hear(settings: Any, orphan: Any, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    long = settings(device="cpu:2", batch={"effective": 8, "device": 4}, max_steps=ENDLESS, save={"every": None})
    pid = orphan(long, guard=False)
    wait_for(lambda: step_of(folder) >= 2)
    ask(folder, '{"v":1,"type":"cancel","save":true}\n')
    last = wait_for(lambda: last_of(folder))
    assert (last["type"], last["checkpoint"]) == ("cancelled", f"checkpoint-{last['step']}")
    wait_for(lambda: is_over(pid))


@pytest.mark.parametrize("instead", [False, True], ids=["gone", "another one has its name"])
def test_it_ends_with_its_folder(
    instead: bool, settings: Any, run_here: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unattended, "GONE_SECONDS", 5.0)
    clock = [0.0]
    monkeypatch.setattr(unattended.time, "monotonic", lambda: clock[0])
    folder = tmp_path / "run"
    folder.mkdir()
    requests = Requests()
    attendant = unattended.Attendant(requests, folder / REQUESTS)
    for clock[0] in (1.0, 20.0):
        attendant.look()
    assert not requests.cancelled
    if instead:
        folder.rename(tmp_path / "before")
        folder.mkdir()
    else:
        shutil.rmtree(folder)
    clock[0] = 24.0
    attendant.look()
    assert not requests.cancelled
    clock[0] = 26.0
    attendant.look()
    assert (requests.cancelled, requests.save) == (True, False)


def test_a_large_log_is_moved(tmp_path: Path) -> None:
    log = tmp_path / "stderr.log"
    with log.open("ab") as stream:
        stream.write(b"x" * 100)
        stream.flush()
        unattended.keep_small(stream.fileno(), log, 101)
        assert log.stat().st_size == 100
        unattended.keep_small(stream.fileno(), log, 100)
        stream.write(b"y")
    assert (tmp_path / "stderr.1.log").read_bytes() == b"x" * 100
    assert log.read_bytes() == b"y"
    with (tmp_path / "other").open("ab") as stream:
        stream.write(b"z" * 100)
        stream.flush()
        unattended.keep_small(stream.fileno(), log, 1)
    assert (tmp_path / "other").stat().st_size == 100
