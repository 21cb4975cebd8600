"""Times SAELens' `encode` in torch: `python encode.py [--threads 2] < lines of requests > lines of JSON`.

A request is a line of JSON, `{"d_in", "d_sae", "rows", "activation": "threshold" | "topk", "k", "threshold"}`; the answer
`{"encode": seconds, "product": seconds, "batch": rows}` is of random rows and weights, in float32, in the batches that are
fastest for the shape. Shapes are set up once.
"""

import argparse
import contextlib
import json
import os
import sys
import time
import warnings
from functools import cache

import torch

with contextlib.redirect_stdout(sys.stderr):
    from sae_lens import JumpReLUSAE, JumpReLUSAEConfig, TopKSAE, TopKSAEConfig

BATCHES = [128, 512, 2048]
TRIED_ROWS = 2048


@cache
def weights(d_in: int, d_sae: int) -> torch.Tensor:
    return torch.rand(d_in, d_sae) * 2 - 1


@cache
def sae_of(d_in: int, d_sae: int, activation: str, k: int, threshold: float):
    size = {"d_in": d_in, "d_sae": d_sae, "device": "cpu", "dtype": "float32"}
    sae = TopKSAE(TopKSAEConfig(k=k, **size)) if activation == "topk" else JumpReLUSAE(JumpReLUSAEConfig(**size))
    sae.W_enc.copy_(weights(d_in, d_sae))
    sae.b_enc.zero_()
    if activation != "topk":
        sae.threshold.fill_(threshold)
    return sae


@cache
def rows_of(rows: int, d_in: int) -> torch.Tensor:
    return torch.rand(rows, d_in) * 2 - 1


def timed(work, rows: torch.Tensor, batch: int) -> float:
    start = time.perf_counter()
    for first in range(0, len(rows), batch):
        work(rows[first : first + batch])
    return time.perf_counter() - start


@cache
def batch_of(d_in: int, d_sae: int, activation: str, k: int, threshold: float) -> int:
    sae = sae_of(d_in, d_sae, activation, k, threshold)
    rows = rows_of(TRIED_ROWS, d_in)
    return min(BATCHES, key=lambda batch: min(timed(sae.encode, rows, batch) for _ in range(2)))


def answer(request: dict) -> dict[str, float]:
    shape = [request[key] for key in ("d_in", "d_sae", "activation", "k", "threshold")]
    sae, batch, rows = sae_of(*shape), batch_of(*shape), rows_of(request["rows"], request["d_in"])
    w = weights(request["d_in"], request["d_sae"])
    return {"encode": timed(sae.encode, rows, batch), "product": timed(lambda x: x @ w, rows, batch), "batch": batch}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--threads", type=int, default=os.cpu_count())
    torch.set_num_threads(arguments.parse_args().threads)
    torch.set_grad_enabled(False)
    warnings.filterwarnings("ignore")
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
