"""Versions of what a run depends on, read without importing it."""

import platform
from importlib import metadata

PACKAGES = (
    "torch",
    "transformers",
    "peft",
    "accelerate",
    "tokenizers",
    "safetensors",
    "numpy",
    "pydantic",
    "pyarrow",
    "psutil",
)
OPTIONAL = ("bitsandbytes",)


def installed_versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in (*PACKAGES, *OPTIONAL):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def missing_packages() -> list[str]:
    known = installed_versions()
    return [name for name in PACKAGES if name not in known]
