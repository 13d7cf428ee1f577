"""DeltaScope demo checkpoints: one tiny Qwen2 base, fine-tuned in full and with LoRA.

The script invents a small world (people, cities, sums, plural nouns), trains a
Qwen2 model of about 0.9 M parameters on it, teaches that model one new yes/no
skill with several methods, and measures what each method did to the weights and
to the old skills.  Everything comes from fixed seeds; nothing is downloaded.

    python tools/make-demo/main.py --out demo            # the whole demo, 10 to 30 minutes
    python tools/make-demo/main.py --out x --quick       # half a minute; the numbers mean nothing

Each process computes with one thread: two threads on two cores that anything else
uses as well were measured to be six times slower than one, and one thread makes
the result independent of the number of workers.

Needs what tools/requirements.txt names.

What is written below --out:

    base/                      config.json, model.safetensors (bf16), tokenizer.json
    fft/  fft-hot/             full checkpoints of the same form
    lora-r1/ ... lora-r64/     adapters: adapter_config.json + adapter_model.safetensors
    lora-r4-hot/  dora-r4/     more adapters
    trace/lora-r1-step*/       the r = 1 adapter while it is being trained
    tasks/*.jsonl              {"context", "choices", "gold", "delimiter"}
    data/compare-train.jsonl   {"instruction", "input", "output"}
    data/heldout.jsonl         {"text"}: unseen text of the base's own kind
    results.json               every number of the README's tables
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import Qwen2ForCausalLM

from behaviour import make_probe
from runs import EXTRA, GRID, QUICK, Sizes, make_base, make_run, one_thread, write_data
from training import Log


def parse_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Build DeltaScope's demo checkpoints and measure them.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=2, help="fine-tuning runs at a time, one thread each")
    parser.add_argument("--keep-base", action="store_true", help="use the base that --out already holds")
    parser.add_argument("--quick", action="store_true", help="a toy run for tests: the numbers mean nothing")
    return parser.parse_args()


def report(row: dict[str, Any], scaling: list[dict[str, Any]], log: Log) -> None:
    """One run in a line, and its scaled variants in a line each."""
    log(
        f"{row['name']} seed {row['seed']}: new {row['new']:.3f} old {row['old']:.3f}"
        f" forgetting {row['forgetting']:+.3f} intruders {row['intruders']}"
        f" in {row['matrices_with_intruder']}/{row['matrices']} matrices"
        f" effective rank {row['effective_rank']:.1f} change {row['relative_change']:.3f}"
    )
    for line in scaling:
        log(
            f"  x {line['factor']:<4} {line['arm']:<9} new {line['new']:.3f} old {line['old']:.3f}"
            f" forgetting {line['forgetting']:+.3f}"
        )


def make_all_runs(out: Path, sizes: Sizes, workers: int, measured: dict[str, float], log: Log) -> dict[str, Any]:
    """Every run of the grid with every seed, each in a process of its own."""
    runs: list[dict[str, Any]] = []
    scalings: dict[str, list[dict[str, Any]]] = {}
    grid = [replace(run, seed=seed) for run in GRID for seed in range(1, sizes.seeds + 1)] + EXTRA
    jobs = [(out, replace(run, epochs=sizes.epochs), measured) for run in grid]
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        for row, scaling in pool.imap(make_run, jobs):
            runs.append(row)
            if scaling:
                scalings[row["name"]] = scaling
            report(row, scaling, log)
        pool.close()
        pool.join()
    return {"base": measured, "runs": runs, "scaling": scalings}


def main() -> None:
    """Data, base, runs, results."""
    options = parse_options()
    one_thread()
    started = time.time()

    def log(message: str) -> None:
        print(f"[{time.time() - started:6.0f} s] {message}", flush=True)

    out, sizes = options.out, QUICK if options.quick else Sizes()
    shutil.rmtree(out / "trace", ignore_errors=True)
    write_data(out, sizes)
    if not (options.keep_base and (out / "base" / "model.safetensors").exists()):
        make_base(out, sizes, log)
    base = Qwen2ForCausalLM.from_pretrained(out / "base", dtype=torch.float32)
    measured = make_probe(out).measure(base)
    log(f"base: {json.dumps({k: round(v, 3) for k, v in measured.items()})}")
    results = make_all_runs(out, sizes, options.workers, measured, log)
    shutil.rmtree(out / ".scratch", ignore_errors=True)
    results["versions"] = {"torch": torch.__version__, "transformers": transformers.__version__}
    (out / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    size = sum(f.stat().st_size for f in out.rglob("*") if f.is_file())
    log(f"done: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
