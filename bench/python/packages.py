"""Scores one checkpoint with the published Python packages, on the activations of a Discern bundle, and says what it took.

The packages' own functions do the work: sae-probes 0.4.2 (`get_train_test_indices`, `get_sorted_indices`,
`find_best_reg`), SAEBench 0.6.0 (`train_probe_on_activations`, `get_all_node_effects_for_one_sae`,
`perform_feature_ablations`), SAELens (`SAE.load_from_disk`, `encode`, `decode`). Here is only what they take from a
language model and what a bundle has already: activations by class, train and test rows.

    python packages.py --sae DIR --bundle DIR --seeds 42,123 [--threads 2] < lines of work > lines of JSON

Each line of standard input asks for one round; the answer is a JSON object of seconds by part. Probes on model
activations, which do not depend on the SAE, are trained in the first round only, as the packages do.
"""

import argparse
import contextlib
import io
import json
import math
import os
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

# SAEBench's nested shape checks do not hold with the present jaxtyping; they check nothing that is measured here.
os.environ.setdefault("JAXTYPING_DISABLE", "1")

import torch
from safetensors.torch import load_file

with contextlib.redirect_stdout(sys.stderr):
    from sae_bench.evals.scr_and_tpp import main as scr_and_tpp
    from sae_bench.evals.sparse_probing import probe_training
    from sae_bench.sae_bench_utils import activation_collection
    from sae_lens import SAE
    from sae_probes.run_sae_evals import get_sorted_indices, mean_act_normalization
    from sae_probes.utils_data import get_train_test_indices
    from sae_probes.utils_training import find_best_reg

PROBE_KS = [1, 2, 5, 10, 16]
SPARSE_KS = [1, 2, 5, 10]
ABLATION_NS = [2, 5, 10, 20, 50, 100, 500]
SAE_BATCH = 125
PROBE_BATCH = 16

Activations = dict[str, torch.Tensor]


class Bundle:
    """The activations and labels of a bundle, in float32."""

    def __init__(self, folder: Path) -> None:
        self.description = json.loads((folder / "bundle.json").read_text())
        corpus = self.description["corpus"]
        self.corpus = load_file(folder / corpus["file"])[corpus["tensor"]].float()
        self.datasets = {each["name"]: load_file(folder / each["file"]) for each in self.description["datasets"]}

    def tasks(self, kind: str) -> list[dict]:
        return [task for task in self.description["tasks"] if task["kind"] == kind]

    def rows(self, dataset: str) -> torch.Tensor:
        return self.datasets[dataset]["activations"].float()

    def label(self, dataset: str, name: str) -> torch.Tensor:
        return self.datasets[dataset][f"label.{name}"]


def split(groups: Activations, seed: int) -> tuple[Activations, Activations]:
    """Every group cut to the size of the smallest, drawn by the seed; 80 % train, 20 % test; [rows, 1, d_in]."""
    generator = torch.Generator().manual_seed(seed)
    size = min(len(rows) for rows in groups.values())
    train, test = {}, {}
    for name, rows in groups.items():
        drawn = rows[torch.randperm(len(rows), generator=generator)[:size]][:, None, :]
        train[name], test[name] = drawn[: size * 4 // 5], drawn[size * 4 // 5 :]
    return train, test


def class_groups(bundle: Bundle, task: dict) -> Activations:
    rows = bundle.rows(task["dataset"])
    return {name: rows[bundle.label(task["dataset"], name) == 1] for name in task["labels"]}


def confound_groups(bundle: Bundle, task: dict) -> Activations:
    """Under the names that SAEBench's code knows: "professor / nurse" is the target, "male / female" the spurious one."""
    rows = bundle.rows(task["dataset"])
    target, spurious = (bundle.label(task["dataset"], task[which]) for which in ("target", "spurious"))
    both = (target >= 0) & (spurious >= 0)
    rows, target, spurious = rows[both], target[both], spurious[both]
    return {
        "male / female": rows[spurious == 1],
        "female_data_only": rows[spurious == 0],
        "professor / nurse": rows[target == 1],
        "nurse_data_only": rows[target == 0],
        "male_professor / female_nurse": rows[(target == 1) & (spurious == 1)],
        "female_nurse_data_only": rows[(target == 0) & (spurious == 0)],
    }


def core(sae: SAE, bundle: Bundle) -> None:
    for start in range(0, len(bundle.corpus), SAE_BATCH * 8):
        x = bundle.corpus[start : start + SAE_BATCH * 8]
        z = sae.encode(x)
        x_hat = sae.decode(z)
        (z > 0).sum(-1), z.abs().sum(-1), ((x - x_hat) ** 2).sum(-1)
        torch.cosine_similarity(x, x_hat), x.norm(dim=-1), x_hat.norm(dim=-1), (x * x_hat).sum(-1)


def sae_probes(sae: SAE, bundle: Bundle, seed: int) -> None:
    for task in bundle.tasks("binary"):
        label = bundle.label(task["dataset"], task["label"])
        x = bundle.rows(task["dataset"])[label >= 0]
        y = label[label >= 0].numpy()
        size = 2 * min(int((y == 1).sum()), int((y == 0).sum()))
        n_train = min(size - 100, 1024)
        train, test = get_train_test_indices(y, n_train, size - n_train - 1, 0.5, seed)
        encoded = [sae.encode(x[rows]) for rows in (train, test)]
        order = get_sorted_indices(encoded[0], torch.tensor(y[train]), mean_act_normalization)
        for k in PROBE_KS:
            x_train, x_test = (z[:, order[:k]] for z in encoded)
            find_best_reg(x_train, y[train], x_test, y[test], n_jobs=-1, parallel=False, penalty="l1", seed=seed)


def sparse_probing(sae: SAE, bundle: Bundle, seed: int) -> None:
    for task in bundle.tasks("classes"):
        torch.manual_seed(seed)
        acts = [
            activation_collection.get_sae_meaned_activations(part, sae, SAE_BATCH)
            for part in split(class_groups(bundle, task), seed)
        ]
        for k in SPARSE_KS:
            probe_training.train_probe_on_activations(*acts, select_top_k=k)


class Ablations:
    """TPP or SCR: probes on model activations, kept over rounds, and the ablations of a checkpoint."""

    def __init__(self, bundle: Bundle, kind: str, groups: Callable[[Bundle, dict], Activations]) -> None:
        self.bundle, self.tasks, self.groups = bundle, bundle.tasks(kind), groups
        self.scr = kind == "confound"
        self.probes: dict[tuple[str, int], dict] = {}

    def train(self, seed: int) -> None:
        for task in self.tasks:
            if (task["name"], seed) in self.probes:
                continue
            torch.manual_seed(seed)
            meaned = [
                activation_collection.create_meaned_model_activations(part)
                for part in split(self.groups(self.bundle, task), seed)
            ]
            self.probes[task["name"], seed], _ = probe_training.train_probe_on_activations(
                *meaned,
                use_sklearn=False,
                batch_size=PROBE_BATCH,
                epochs=20,
                lr=1e-3,
                perform_scr=self.scr,
                early_stopping_patience=20,
                l1_penalty=1e-3,
            )
            torch.set_grad_enabled(False)

    def score(self, sae: SAE, seed: int) -> None:
        for task in self.tasks:
            torch.manual_seed(seed)
            train, test = split(self.groups(self.bundle, task), seed)
            probes = self.probes[task["name"], seed]
            classes = list(probe_training.dataset_info.PAIRED_CLASS_KEYS) if self.scr else task["labels"]
            effects = scr_and_tpp.get_all_node_effects_for_one_sae(sae, probes, classes, self.scr, train, SAE_BATCH)
            scr_and_tpp.perform_feature_ablations(
                probes, sae, SAE_BATCH, test, effects, ABLATION_NS, classes, PROBE_BATCH, self.scr
            )


def round_of(sae: SAE, bundle: Bundle, seeds: list[int], tpp: Ablations, scr: Ablations) -> dict[str, float]:
    seconds: dict[str, float] = {}

    def timed(part: str, work: Callable[[], None]) -> None:
        start = time.perf_counter()
        work()
        seconds[part] = time.perf_counter() - start

    def each(work: Callable[[int], None]) -> Callable[[], None]:
        return lambda: [work(seed) for seed in seeds] and None

    timed("core", lambda: core(sae, bundle))
    timed("sae_probes", each(lambda seed: sae_probes(sae, bundle, seed)))
    timed("sparse_probing", each(lambda seed: sparse_probing(sae, bundle, seed)))
    timed("probes", each(lambda seed: (tpp.train(seed), scr.train(seed)) and None))
    timed("tpp", each(lambda seed: tpp.score(sae, seed)))
    timed("scr", each(lambda seed: scr.score(sae, seed)))
    assert all(math.isfinite(each) for each in seconds.values())
    return seconds


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--sae", type=Path, required=True)
    arguments.add_argument("--bundle", type=Path, required=True)
    arguments.add_argument("--seeds", default="42,123,456,789,2024")
    arguments.add_argument("--threads", type=int, default=os.cpu_count())
    given = arguments.parse_args()
    torch.set_num_threads(given.threads)
    torch.set_grad_enabled(False)
    warnings.filterwarnings("ignore")
    answers, seeds = sys.stdout, [int(seed) for seed in given.seeds.split(",")]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        bundle = Bundle(given.bundle)
        sae = SAE.load_from_disk(str(given.sae), device="cpu")
        tpp, scr = Ablations(bundle, "classes", class_groups), Ablations(bundle, "confound", confound_groups)
        for _ in sys.stdin:
            print(json.dumps(round_of(sae, bundle, seeds, tpp, scr)), file=answers, flush=True)


if __name__ == "__main__":
    main()
