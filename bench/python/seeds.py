"""SCR or TPP of checkpoints by SAEBench's own code over many seeds, to compare distributions with Discern's.

    python seeds.py --panel DIR --bundle DIR --checkpoints RUN/STEP,… --metric scr --seeds 24 > scr.json

The answer has the rows of each checkpoint, one a task and seed, in the shape that `saebench-parity.js` reads. Random
numbers are torch's, so seeds are not those of Discern; what is compared are means and spreads.
"""

import argparse
import contextlib
import io
import json
import sys
import warnings
from pathlib import Path

import torch
from packages import ABLATION_NS, PROBE_BATCH, SAE_BATCH, Ablations, Bundle, class_groups, confound_groups, split

with contextlib.redirect_stdout(sys.stderr):
    from sae_bench.evals.scr_and_tpp import main as scr_and_tpp
    from sae_bench.sae_bench_utils import activation_collection
    from sae_bench.sae_bench_utils.dataset_info import PAIRED_CLASS_KEYS
    from sae_lens import SAE


def scores(ablations: Ablations, sae: SAE, task: dict, seed: int) -> dict[str, float]:
    """What SAEBench makes of one task under one seed."""
    torch.manual_seed(seed)
    train, test = split(ablations.groups(ablations.bundle, task), seed)
    probes = ablations.probes[task["name"], seed]
    classes = list(PAIRED_CLASS_KEYS) if ablations.scr else task["labels"]
    effects = scr_and_tpp.get_all_node_effects_for_one_sae(sae, probes, classes, ablations.scr, train, SAE_BATCH)
    ablated = scr_and_tpp.perform_feature_ablations(
        probes, sae, SAE_BATCH, test, effects, ABLATION_NS, classes, PROBE_BATCH, ablations.scr
    )
    meaned = activation_collection.create_meaned_model_activations(test)
    clean = scr_and_tpp.get_probe_test_accuracy(probes, classes, meaned, PROBE_BATCH, ablations.scr)
    return scr_row(ablated, clean) if ablations.scr else scr_and_tpp.create_tpp_plotting_dict(ablated, clean)[0]


def scr_row(ablated: dict, clean: dict[str, float]) -> dict[str, float]:
    results = scr_and_tpp.get_scr_plotting_dict(ablated, clean)
    probe = "male_professor / female_nurse probe on"
    biased = {"bias_on_T": clean[f"{probe} professor / nurse data"], "bias_on_S": clean[f"{probe} male / female data"]}
    return biased | {f"dir{way}_{n}": results[f"scr_dir{way}_threshold_{n}"] for way in (1, 2) for n in ABLATION_NS}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--panel", type=Path, required=True)
    arguments.add_argument("--bundle", type=Path, required=True)
    arguments.add_argument("--checkpoints", required=True)
    arguments.add_argument("--metric", choices=["scr", "tpp"], required=True)
    arguments.add_argument("--seeds", type=int, default=24)
    arguments.add_argument("--first-seed", type=int, default=0)
    arguments.add_argument("--threads", type=int, default=1)
    given = arguments.parse_args()
    torch.set_num_threads(given.threads)
    torch.set_grad_enabled(False)
    warnings.filterwarnings("ignore")
    answers = {}
    with contextlib.redirect_stdout(io.StringIO()):
        kind, groups = ("confound", confound_groups) if given.metric == "scr" else ("classes", class_groups)
        ablations = Ablations(Bundle(given.bundle), kind, groups)
        seeds = range(given.first_seed, given.first_seed + given.seeds)
        for seed in seeds:
            ablations.train(seed)
        for checkpoint in given.checkpoints.split(","):
            sae = SAE.load_from_disk(str(given.panel / checkpoint), device="cpu")
            answers[checkpoint] = [
                {"task": task["name"], "seed": seed} | {key: float(value) for key, value in found.items()}
                for task in ablations.tasks
                for seed in seeds
                for found in [scores(ablations, sae, task, seed)]
            ]
    print(json.dumps(answers, indent=1))


if __name__ == "__main__":
    main()
