"""Makes the golden models and their truth with torch, transformers and peft.

    python tools/make-golden/make_golden.py --out test/golden/models

The same environment (tools/requirements.txt) writes the same bytes.
"""

from __future__ import annotations

import argparse
from importlib.metadata import version
from pathlib import Path

import torch
from transformers.utils import logging

from bases import make_bases
from files import write_json
from make_adapters import make_adapters
from make_full import make_full
from make_quantised import make_quantised
from make_refusals import make_refusals

LIBRARIES = ("torch", "transformers", "peft", "safetensors", "numpy")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    out: Path = parser.parse_args().out.resolve()
    torch.set_num_threads(1)
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    (out / "truth").mkdir(parents=True, exist_ok=True)
    make_bases(out)
    cases = [*make_adapters(out), *make_full(out), *make_quantised(out), *make_refusals(out)]
    versions = {library: version(library).split("+")[0] for library in LIBRARIES}
    seeds = "crc32 of the name of the case or base, mt19937 of torch"
    write_json(out / "manifest.json", {"versions": versions, "seeds": seeds, "cases": cases})


if __name__ == "__main__":
    main()
