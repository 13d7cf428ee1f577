"""The trainer as a process: killed, cancelled, orphaned, with noise on its standard output, and several at once."""

import hashlib
import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from .conftest import PATIENCE, await_step, held_at, spawn

pytestmark = pytest.mark.processes
WEIGHTS = "adapter_model.safetensors"


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return {}


def expect_the_same(undisturbed: dict[str, Any], run_here: Any, document: dict[str, Any]) -> Any:
    """Losses and final hash of the run that nobody disturbed; computed once."""
    if not undisturbed:
        whole = run_here(document, "whole")
        undisturbed |= {"losses": whole.losses, "final": digest(whole.folder / "final" / WEIGHTS)}
    rest = run_here(document, "run", "--resume")
    assert rest.last["type"] == "done", rest.last
    assert rest.losses.items() <= undisturbed["losses"].items()
    assert digest(rest.folder / "final" / WEIGHTS) == undisturbed["final"]
    return rest


def test_killed_between_two_saves(settings: Any, start: Any, run_here: Any, undisturbed: dict[str, Any]) -> None:
    process = start(settings(), **held_at(9))
    await_step(process, 8)
    process.kill()
    process.wait()
    rest = expect_the_same(undisturbed, run_here, settings())
    assert rest.of("started")[0]["resumed_from"] == 5


def test_killed_inside_a_save(settings: Any, run_here: Any, tmp_path: Path, undisturbed: dict[str, Any]) -> None:
    """At the second save the process dies with the optimizer written and the seal not."""
    (tmp_path / "run.json").write_text(json.dumps(settings()))
    program = (
        "import os, sys\n"
        "from deltascope_trainer import cli, trainer_watch\n"
        "def seal(folder, step, identity):\n"
        "    if step == 10: os.kill(os.getpid(), 9)\n"
        "    return original(folder, step, identity)\n"
        "original, trainer_watch.seal = trainer_watch.seal, seal\n"
        f"cli.main(['run', {str(tmp_path / 'run.json')!r}, '--out', {str(tmp_path / 'run')!r}], 1)\n"
    )
    process = spawn(["-c", program])
    process.wait()
    assert process.returncode == -signal.SIGKILL
    assert (tmp_path / "run" / "checkpoint-10" / "optimizer.pt").exists()
    rest = expect_the_same(undisturbed, run_here, settings())
    assert rest.of("warning")[0]["code"] == "checkpoint.incomplete"


@pytest.mark.parametrize("way", ["line", "end of file", "signal"])
def test_stopped_from_outside(way: str, settings: Any, start: Any, run_here: Any, undisturbed: dict[str, Any]) -> None:
    process = start(settings(), **held_at(4))
    seen = await_step(process, 3)
    if way == "line":
        process.stdin.write('garbage\n{"v":1,"type":"dance"}\n{"v":1,"type":"cancel","save":true}\n')
        process.stdin.flush()
    elif way == "end of file":
        process.stdin.close()
        process.stdin = None
    else:
        process.terminate()
    rest, _ = process.communicate(timeout=PATIENCE)
    lines = [*seen, *map(json.loads, rest.splitlines())]
    last = lines[-1]
    assert (process.returncode, last["type"]) == (10, "cancelled")
    assert last["checkpoint"] == f"checkpoint-{last['step']}"
    expect_the_same(undisturbed, run_here, settings())


def test_nothing_but_lines_on_standard_output(settings: Any, start: Any) -> None:
    """A dependency prints, writes to descriptor 1, and starts a child that does: all of it is standard error."""
    process = start(settings(max_steps=1), DEPENDENCY_PRINTS="1")
    output, noise = _finish(process)
    assert [json.loads(line)["seq"] for line in output.splitlines()] == list(range(1, len(output.splitlines()) + 1))
    assert json.loads(output.splitlines()[-1])["type"] == "done"
    for text in ("peft says hello", "peft writes to descriptor 1", "a child of peft"):
        assert text in noise


def _finish(process: "subprocess.Popen[str]") -> tuple[str, str]:
    """Output and noise of a process whose standard input stays open until it ends."""
    import threading

    noise: list[str] = []
    reader = threading.Thread(target=lambda: noise.append(process.stderr.read()))
    reader.start()
    output = process.stdout.read()
    process.wait()
    reader.join()
    return output, noise[0]


def test_cancelled_while_loading(settings: Any, start: Any) -> None:
    process = start(settings())
    assert json.loads(process.stdout.readline())["type"] == "hello"
    rest, _ = process.communicate(input='{"v":1,"type":"cancel","save":true}\n', timeout=PATIENCE)
    last = json.loads(rest.splitlines()[-1])
    assert (process.returncode, last["type"], last["step"], last["checkpoint"]) == (10, "cancelled", 0, None)


def test_probe_is_one_line() -> None:
    process = spawn(["-m", "deltascope_trainer", "probe"])
    output, _ = process.communicate(timeout=PATIENCE)
    found = json.loads(output)
    assert process.returncode == 0 and found["type"] == "probe" and found["problems"] == []
    assert found["devices"][-1]["id"] == "cpu" and found["devices"][-1]["memoryBytes"] > 0
    assert {"full", "lora", "dora"} <= set(found["methods"])
