"""Textbook code for the risk of LoRA in the linear model, one SVD per rank; prints seconds per replicate as JSON."""
import json
import os
import sys
import time

replicates, threads = int(sys.argv[1]), sys.argv[2]
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = threads
import numpy as np  # noqa: E402: the number of threads is read when it is loaded
from numpy.linalg import pinv, svd  # noqa: E402

K = D = 100
N, SIGMA, RANK, RANKS = 953, 12.0, 4, (1, 2, 4, 8)
random = np.random.default_rng(1)


def replicate() -> list[float]:
    delta = random.standard_normal((K, RANK)) @ random.standard_normal((RANK, D)) / np.sqrt(RANK)
    start = random.standard_normal((K, D))
    x = random.standard_normal((D, N))
    y = (start + delta) @ x + SIGMA * random.standard_normal((K, N))
    full = start + (y - start @ x) @ pinv(x)
    u, s, v = svd(x @ x.T / N)
    root = (u * np.sqrt(s)) @ v
    back = pinv(root)
    risks = [float(((full - start - delta) ** 2).sum())]
    for rank in RANKS:
        left, values, right = svd((y - start @ x) @ pinv(x) @ root)
        fit = start + (left[:, :rank] * values[:rank]) @ right[:rank] @ back
        risks.append(float(((fit - start - delta) ** 2).sum()))
    return risks


replicate()
started = time.perf_counter()
risks = np.array([replicate() for _ in range(replicates)])
seconds = time.perf_counter() - started
means, errors = risks.mean(0).tolist(), (risks.std(0, ddof=1) / np.sqrt(replicates)).tolist()
print(json.dumps({"seconds": seconds, "means": means, "errors": errors, "numpy": np.__version__}))
