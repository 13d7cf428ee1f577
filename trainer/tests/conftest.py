"""A base of 30 000 parameters, data, and ways to run the trainer inside pytest and as a process."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

os.environ |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "OMP_NUM_THREADS": "1"}

HERE = Path(__file__).parent
PACKAGE = HERE.parent
DEMO = PACKAGE.parent / "demo"
sys.path.insert(0, str(PACKAGE))


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: socket.socket, address: Any) -> None:
        raise AssertionError(f"the network was asked for {address}")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def make_base(folder: Path, hidden: int, layers: int, heads: int, groups: int, intermediate: int) -> Path:
    """A Qwen2 with the demo's tokenizer; every layer has `heads` heads of queries and `groups` of keys and values."""
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=1024,
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=groups,
        intermediate_size=intermediate,
        max_position_embeddings=512,
        tie_word_embeddings=True,
        eos_token_id=0,
    )
    Qwen2ForCausalLM(config).to(torch.bfloat16).save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(DEMO / "base" / name, folder / name)
    return folder


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two narrow layers."""
    import torch

    torch.set_num_threads(1)
    return make_base(tmp_path_factory.mktemp("models") / "tiny-base", 32, 2, 2, 1, 64)


@pytest.fixture(scope="session")
def tokenizer(base: Path) -> Any:
    from deltascope_trainer.data.tokenizer import load_tokenizer

    return load_tokenizer(base)


@pytest.fixture(scope="session")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """48 questions with answers Yes and No."""
    lines = (DEMO / "data" / "compare-train.jsonl").read_text().splitlines()[:48]
    file = tmp_path_factory.mktemp("data") / "train.jsonl"
    file.write_text("\n".join(lines) + "\n")
    return file


@pytest.fixture
def settings(base: Path, rows: Path) -> Callable[..., dict[str, Any]]:
    """A run of 12 steps; keywords replace whole fields, dicts are merged one level deep."""

    def make(**changes: Any) -> dict[str, Any]:
        document: dict[str, Any] = {
            "run_id": "test",
            "base": {"path": str(base)},
            "data": {"files": [{"path": str(rows), "format": "alpaca"}], "validation": 0},
            "method": "lora",
            "lora": {"rank": 4, "dropout": 0.1},
            "learning_rate": 4e-3,
            "epochs": None,
            "max_steps": 12,
            "batch": {"effective": 8, "device": 4},
            "precision": "fp32",
            "save": {"every": 5},
            "device": "cpu",
        }
        for name, value in changes.items():
            merged = isinstance(value, dict) and isinstance(document.get(name), dict)
            document[name] = {**document[name], **value} if merged else value
        return document

    return make


PATIENCE = 300  # seconds for whatever a process does: where few cores are busy, importing torch takes a minute


ENDLESS = 100_000  # steps: such a run goes on until the test ends it


class Result:
    """Exit code and lines of a finished run."""

    def __init__(self, code: int, output: str, folder: Path) -> None:
        self.code, self.folder = code, folder
        self.lines = [json.loads(line) for line in output.splitlines()]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["type"] == kind]

    @property
    def last(self) -> dict[str, Any]:
        return self.lines[-1]

    @property
    def losses(self) -> dict[int, tuple[float, float, float]]:
        return {line["step"]: (line["loss"], line["grad_norm"], line["lr"]) for line in self.of("progress")}


@pytest.fixture
def run_here(tmp_path: Path) -> Iterator[Callable[..., Result]]:
    """Runs the command in this process; descriptor and signals are given back."""
    from deltascope_trainer.cli import main

    handlers = {name: signal.getsignal(name) for name in (signal.SIGTERM, signal.SIGINT)}

    def run(document: dict[str, Any], name: str = "run", *options: str) -> Result:
        config, output = tmp_path / f"{name}.json", tmp_path / f"{name}.out"
        config.write_text(json.dumps(document))
        with output.open("wb") as stream:
            words = ["run", str(config), "--out", str(tmp_path / name), "--no-stdin", *options]
            code = main(words, stream.fileno())
        return Result(code, output.read_text(), tmp_path / name)

    yield run
    for name, handler in handlers.items():
        signal.signal(name, handler)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts the trainer as the app does; whatever is left is killed at the end."""
    started: list[subprocess.Popen[str]] = []

    def begin(document: dict[str, Any], name: str = "run", *options: str, **environment: str) -> subprocess.Popen[str]:
        config = tmp_path / f"{name}.json"
        config.write_text(json.dumps(document))
        words = ["-m", "deltascope_trainer", "run", str(config), "--out", str(tmp_path / name), *options]
        process = spawn(words, **environment)
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def spawn(words: list[str], **environment: str) -> "subprocess.Popen[str]":
    path = os.pathsep.join([str(HERE / "guard"), str(PACKAGE)])
    extra = {"PYTHONPATH": path, "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive", **environment}
    return subprocess.Popen(
        [sys.executable, "-u", "-s", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **extra},
    )


def running_first(folder: Path, program: str) -> str:
    """A PYTHONPATH under which each process of the trainer runs a program before; the guard is not on it."""
    late = folder / "late"
    late.mkdir()
    (late / "sitecustomize.py").write_text(textwrap.dedent(program))
    return os.pathsep.join([str(late), str(PACKAGE)])


def wait_for(holds: Callable[[], Any]) -> Any:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := holds():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come to that")


def is_over(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def held_at(step: int, folder: Path | None = None) -> dict[str, str]:
    """Variables under which a run stops inside a step until it is cancelled or killed; its last line is of the step
    before. With a folder of the test it may use the network, as several processes do."""
    if folder is None:
        return {"HELD_AT": str(step)}
    program = f"import sys; sys.path.append({str(HERE / 'guard')!r}); import holding"
    return {"HELD_AT": str(step), "PYTHONPATH": running_first(folder, program)}


def await_step(process: "subprocess.Popen[str]", step: int) -> list[dict[str, Any]]:
    """Reads lines until the progress line of a step."""
    seen = []
    for text in process.stdout:
        seen.append(json.loads(text))
        if seen[-1]["type"] == "progress" and seen[-1]["step"] >= step:
            return seen
    raise AssertionError(f"ended before step {step}: {process.stderr.read()[-2000:]}")
