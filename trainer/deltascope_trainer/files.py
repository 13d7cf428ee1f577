"""Files that are whole or absent, readable for others, and hashed."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

READABLE = 0o644
PIECE = 4 * 1024 * 1024  # bytes read at a time


def file_sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()


def write_json(path: Path, document: Any) -> None:
    """Writes beside the file and renames, so that a reader never sees half of it."""
    beside = path.with_name(path.name + ".tmp")
    with beside.open("w", encoding="utf-8") as stream:
        json.dump(document, stream, indent=2, ensure_ascii=False, allow_nan=False)
        stream.write("\n")
        stream.flush()
        os.fsync(stream.fileno())
    beside.chmod(READABLE)
    beside.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Makes names durable; systems that cannot open folders do without."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def settle(folder: Path) -> list[Path]:
    """Makes every file below the folder durable and readable; returns them in order."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in files:
        path.chmod(READABLE)
        with path.open("rb+") as stream:
            os.fsync(stream.fileno())
    sync_folder(folder)
    return files


def weights_file(folder: Path) -> Path | None:
    """The file that stands for a model's weights: the only one, or the index of several; or an adapter's."""
    for name in ("model.safetensors.index.json", "model.safetensors", "adapter_model.safetensors"):
        if (folder / name).is_file():
            return folder / name
    return None
