"""The commands: run, preview, probe, average."""

import argparse
import contextlib
import json
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from . import __version__
from .errors import CANCELLED, DONE, Cancelled, RunError, classify
from .launch import failure_of_others, follow_launcher, forget_failures, launch, tell_failure
from .placement import processes_of
from .protocol import PROTOCOL, Heartbeat, Lines
from .stopping import Requests

SETTINGS = {
    "PYTHONHASHSEED": "0",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "OMP_WAIT_POLICY": "passive",
    **({"PYTORCH_ALLOC_CONF": "expandable_segments:True"} if sys.platform == "linux" else {}),
}


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="deltascope_trainer", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    training = commands.add_parser("run", help="train")
    training.add_argument("config", type=Path)
    training.add_argument("--out", type=Path, required=True)
    training.add_argument("--resume", action="store_true")
    hearing = training.add_mutually_exclusive_group()
    hearing.add_argument("--no-stdin", action="store_true", help="do not take the end of standard input as cancel")
    hearing.add_argument("--requests", type=Path, help="outlive the parent; requests come as lines of this file")
    preview = commands.add_parser("preview", help="show what would be trained on")
    preview.add_argument("config", type=Path)
    preview.add_argument("--examples", type=int, default=20)
    commands.add_parser("probe", help="versions and devices")
    average = commands.add_parser("average", help="mean of full models")
    average.add_argument("models", type=Path, nargs="+")
    average.add_argument("--out", type=Path, required=True)
    return parser.parse_args(arguments)


def main(arguments: list[str], descriptor: int) -> int:
    """Runs a command; `descriptor` is where the protocol goes. Returns the exit code."""
    options = parse(arguments)
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    if options.command == "run":
        return run_command(options, descriptor)
    if options.command == "average":
        return average_command(options, descriptor)
    lines = Lines(descriptor)
    return guarded(lines, lambda: document_command(options, descriptor))


def document_command(options: argparse.Namespace, descriptor: int) -> int:
    if options.command == "probe":
        from .probe import probe

        document = probe()
    else:
        from .data.preview import preview
        from .run import read_config

        document = preview(read_config(options.config), max(0, options.examples))
    text = json.dumps(document, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    with os.fdopen(os.dup(descriptor), "w", encoding="utf-8") as stream:
        stream.write(text + "\n")
    return DONE


def guarded(
    lines: Lines,
    work: Callable[[], int],
    step: Callable[[], int | None] = lambda: None,
    cause: Callable[[RunError], RunError] = lambda error: error,
) -> int:
    """Turns whatever goes wrong into the last line and its exit code; `cause` may know what led to it."""
    try:
        return work()
    except (Exception, KeyboardInterrupt) as failure:
        error = cause(classify(failure))
        if error.code == "internal" or error is not failure:
            traceback.print_exc()
        lines.last(
            "error",
            code=error.code,
            message=error.message,
            details=error.details,
            step=step(),
            retryable=error.retryable,
        )
        return error.exit_code


def average_command(options: argparse.Namespace, descriptor: int) -> int:
    import time

    lines, began = Lines(descriptor), time.monotonic()
    lines.send("hello", protocol=PROTOCOL, pid=os.getpid(), version=__version__)
    heartbeat = Heartbeat(lines)
    heartbeat.phase = "export"

    def work() -> int:
        from .averaging import average

        output = average(options.models, options.out)
        heartbeat.stop()
        seconds = round(time.monotonic() - began, 3)
        lines.last("done", step=0, outputs=[output], final_loss=None, seconds=seconds)
        return DONE

    return guarded(lines, work)


def run_command(options: argparse.Namespace, descriptor: int) -> int:
    rank, processes = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    if "RANK" not in os.environ and _asks_for_several(options.config):
        return launch_command(options, descriptor)
    if processes > 1:
        follow_launcher()
    lines = Lines(descriptor if rank == 0 else None)
    requests = Requests()
    requests.on_signals()  # before the parent knows the process id
    lines.send("hello", protocol=PROTOCOL, pid=os.getpid(), version=__version__)
    heartbeat = Heartbeat(lines)
    if rank == 0:
        hear(options, requests, lines)

    from .run import Context, open_folder, run

    context = Context(options.out, lines, heartbeat, requests, processes)

    def work() -> int:
        open_folder(options.out, options.resume, lines)
        if rank == 0:
            forget_failures(options.out)
        else:
            _own_stderr(options.out, rank)
        try:
            run(options.config, options.resume, context)
        except Cancelled:
            heartbeat.stop()
            lines.last("cancelled", step=context.step, checkpoint=context.checkpoint)
            return CANCELLED if rank == 0 else DONE  # one failure is enough to end the others
        return DONE

    def cause(error: RunError) -> RunError:
        if processes == 1:
            return error
        if rank > 0:
            if error.code != "process.lost":
                tell_failure(options.out, rank, error)
            return error
        lost = error.code == "process.lost"
        return (failure_of_others(options.out, processes) or error) if lost else error

    code = guarded(lines, work, lambda: context.step or None, cause)
    heartbeat.stop()
    sys.stderr.flush()
    if rank == 0 and options.requests is not None:
        with contextlib.suppress(OSError):
            options.requests.unlink(missing_ok=True)
    return code


def hear(options: argparse.Namespace, requests: Requests, lines: Lines) -> None:
    """Listens to the parent: over standard input, or through a file where the run may outlive it."""
    if options.requests is None:
        if not options.no_stdin:
            requests.listen()
        return
    from .unattended import Attendant

    _keep_all(lines, options.out)
    Attendant(requests, options.requests).start()


def _keep_all(lines: Lines, folder: Path) -> None:
    """Where nobody may read standard output the file has every line, those of a refusal too."""
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        lines.keep(folder / "events.jsonl")


def _asks_for_several(config: Path) -> bool:
    """Whether to launch; what is wrong with the configuration is said by the process that runs it."""
    with contextlib.suppress(OSError, ValueError, AttributeError, RecursionError, RunError):
        return processes_of(json.loads(config.read_text("utf-8")).get("device", "")) > 1
    return False


def launch_command(options: argparse.Namespace, descriptor: int) -> int:
    device = json.loads(options.config.read_text("utf-8"))["device"]
    flags = [word for word, given in (("--resume", options.resume), ("--no-stdin", options.no_stdin)) if given]
    lines = Lines(descriptor)
    if options.requests is not None:
        flags += ["--requests", str(options.requests)]
        _keep_all(lines, options.out)
    words = ["run", str(options.config), "--out", str(options.out), *flags]
    return guarded(lines, lambda: launch(device, words, descriptor))


def _own_stderr(folder: Path, rank: int) -> None:
    file = os.open(folder / f"stderr-{rank}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)
