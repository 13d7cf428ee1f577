"""What this Python can do: versions, devices, methods, and what is missing, as one line."""

import importlib
import platform
import sys
from typing import Any

from . import __version__
from .versions import OPTIONAL, installed_versions, missing_packages

METHODS = ["full", "lora", "rslora", "dora", "pissa", "olora", "lora+"]
IMPORTED = ("torch", "transformers", "peft", "accelerate", "pydantic", "pyarrow")


def probe() -> dict[str, Any]:
    """The document of PROTOCOL.md; a broken package is a problem in it, never an exception."""
    problems = _import_problems()
    torch = None if any(problem["package"] == "torch" for problem in problems) else importlib.import_module("torch")
    from .devices import cpu_device, has_bitsandbytes, list_devices

    devices = list_devices() if torch is not None else [cpu_device()]
    four_bits = any(device["kind"] == "cuda" for device in devices) and has_bitsandbytes()
    known = installed_versions()
    return {
        "v": 1,
        "type": "probe",
        "version": __version__,
        "python": platform.python_version(),
        "executable": sys.executable,
        "versions": known,
        "missing": missing_packages() + [name for name in OPTIONAL if name not in known],
        "devices": devices,
        "torch_cuda": None if torch is None else torch.version.cuda,
        "torch_hip": None if torch is None else torch.version.hip,
        "methods": METHODS + (["qlora"] if four_bits else []),
        "problems": problems,
    }


def _import_problems() -> list[dict[str, str]]:
    problems = []
    for name in IMPORTED:
        try:
            importlib.import_module(name)
        except Exception as failure:  # a package for another platform fails in its own way
            problems.append({"code": "env.import", "package": name, "message": f"{name}: {failure}"[:500]})
    return problems
