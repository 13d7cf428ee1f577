"""What transformers needs for the same requests: float32, batches padded on the right, a softmax over all logits.

    python reference.py MODEL WORKLOADS THREADS

Equal inputs run once, as lm-evaluation-harness runs them. Loading is not counted. One JSON document is printed.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import torch
import transformers

BATCH_TOKENS = 2048

Request = dict[str, list[int]]


def batches(inputs: list[tuple[int, ...]]) -> list[list[tuple[int, ...]]]:
    """Longest first, as many as fit when padded to the longest."""
    ordered = sorted(inputs, key=len, reverse=True)
    found = []
    while ordered:
        count = max(1, BATCH_TOKENS // len(ordered[0]))
        found.append(ordered[:count])
        ordered = ordered[count:]
    return found


def padded(inputs: list[tuple[int, ...]]) -> torch.Tensor:
    length = max(len(one) for one in inputs)
    return torch.tensor([list(one) + [0] * (length - len(one)) for one in inputs])


@torch.inference_mode()
def score(model: Any, requests: list[Request]) -> list[float]:
    owners: dict[tuple[int, ...], list[int]] = {}
    for index, request in enumerate(requests):
        owners.setdefault(tuple(request["input"]), []).append(index)
    found = [0.0] * len(requests)
    for batch in batches(list(owners)):
        logp = torch.log_softmax(model(padded(batch)).logits, -1)
        for row, tokens in enumerate(batch):
            for index in owners[tokens]:
                targets = torch.tensor(requests[index]["targets"])
                kept = logp[row, len(tokens) - len(targets) : len(tokens)]
                found[index] = float(kept.gather(1, targets[:, None]).sum())
    return found


def main(folder: str, file: str, threads: str) -> None:
    torch.set_num_threads(int(threads))
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    workloads = []
    for workload in json.loads(Path(file).read_text()):
        started = time.perf_counter()
        found = score(model, workload["requests"])
        seconds = time.perf_counter() - started
        workloads.append({"name": workload["name"], "seconds": seconds, "loglikelihoods": found})
    versions = f"transformers {transformers.__version__}, torch {torch.__version__}"
    print(json.dumps({"versions": versions, "workloads": workloads}))


if __name__ == "__main__":
    main(*sys.argv[1:])
