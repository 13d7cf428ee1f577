"""Checkpoints are sealed: a folder counts once its complete.json is there and every file has its hash."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

from .errors import RunError
from .files import file_sha256, settle, write_json
from .protocol import Lines

NAME = re.compile(r"checkpoint-(\d{1,12})")
SEAL = "complete.json"


def checkpoints(run: Path) -> list[tuple[int, Path]]:
    """Checkpoint folders by rising step, sealed or not."""
    found = [(int(match[1]), path) for path in run.iterdir() if (match := NAME.fullmatch(path.name)) and path.is_dir()]
    return sorted(found)


def seal(folder: Path, step: int, identity: dict[str, Any]) -> int:
    """Makes the folder durable and writes its complete.json. Returns the bytes of its files."""
    files = [
        {"name": path.relative_to(folder).as_posix(), "bytes": path.stat().st_size, "sha256": file_sha256(path)}
        for path in settle(folder)
        if path.name != SEAL
    ]
    write_json(folder / SEAL, {"schema": 1, "step": step, **identity, "files": files})
    return sum(file["bytes"] for file in files)


def read_seal(folder: Path) -> dict[str, Any] | None:
    """The seal, if there is a readable one of our kind."""
    try:
        document = json.loads((folder / SEAL).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    good = isinstance(document, dict) and document.get("schema") == 1 and isinstance(document.get("files"), list)
    return document if good else None


def damage(folder: Path, document: dict[str, Any]) -> str | None:
    """What differs from the seal, or nothing."""
    for file in document["files"]:
        path = folder / file["name"]
        if not path.is_file() or path.stat().st_size != file["bytes"]:
            return f"{file['name']} is missing or has another size"
        if file_sha256(path) != file["sha256"]:
            return f"{file['name']} has another hash"
    return None


def newest_sound(run: Path, lines: Lines, delete: bool = True) -> tuple[Path, dict[str, Any]] | None:
    """The newest checkpoint that checks out. Unsealed ones are deleted, damaged ones passed over, with a warning.

    Raises `checkpoint.damaged` when there are sealed ones and none is sound.
    """
    sealed = 0
    for _, folder in reversed(checkpoints(run)):
        document = read_seal(folder)
        if document is None:
            if delete:  # only one of several processes may
                shutil.rmtree(folder)
                lines.warn("checkpoint.incomplete", f"{folder.name} was not written completely and is deleted")
            continue
        sealed += 1
        wrong = damage(folder, document)
        if wrong is None:
            return folder, document
        lines.warn("checkpoint.damaged", f"{folder.name}: {wrong}; an earlier checkpoint is tried")
    if sealed:
        raise RunError("checkpoint.damaged", f"No checkpoint of {run} is sound; start a new run")
    return None


def check_identity(folder: Path, document: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Exact continuation needs the same configuration, data, versions, kind of device, and process count."""
    different = [name for name, value in wanted.items() if document.get(name) != value]
    if different:
        values = {name: f"{document.get(name)!r}, now {wanted[name]!r}" for name in different}
        if "config_sha" in values:
            values["config_sha"] = "the recipe is another one"  # two hashes tell nobody anything
        fields = [{"field": name, "message": message[:300]} for name, message in values.items()]
        raise RunError("checkpoint.mismatch", f"{folder.name} belongs to another run", {"fields": fields})


def prune(run: Path, keep: int | str) -> None:
    """Deletes the oldest sealed checkpoints beyond `keep`; only after a newer one is sealed."""
    if keep == "all":
        return
    for _, folder in checkpoints(run)[: -int(keep)]:
        shutil.rmtree(folder, ignore_errors=True)
