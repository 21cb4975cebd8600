"""`discern-bundle`."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..errors import BundleError, DiscernPublishError
from ..optional import load
from .build import Plan, build
from .model import load_model
from .synthetic import from_synthetic
from .texts import LabelledTexts, read_confound, read_corpus, read_dataset, sae_probes_names
from .writer import Bundle

_DONE, _FAILED = 0, 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 done, 1 the work failed, 2 wrong use."""
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except DiscernPublishError as error:
        sys.stderr.write(f"discern-bundle: {error.code}: {error}\n")
        return _FAILED
    except KeyboardInterrupt:
        sys.stderr.write("discern-bundle: interrupted; the same command goes on from here\n")
        return _FAILED
    return _DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="discern-bundle", description=(__doc__ or "") + " Makes bundles for Discern.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_build(commands.add_parser("build", help="run texts through a language model"))
    _add_synthetic(commands.add_parser("from-synthetic", help="sample a SyntheticModel of SAELens"))
    listed = commands.add_parser("datasets", help="list sae-probes' data sets")
    listed.set_defaults(run=_run_datasets)
    return parser


def _add_build(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", required=True, help="name, folder or .gguf file")
    parser.add_argument("--hook", required=True, help="blocks.<n>.hook_resid_pre, hook_resid_post, or a module")
    parser.add_argument(
        "--datasets", default="", metavar="A,B,…", help="names of sae-probes' data sets, .csv or .jsonl files"
    )
    parser.add_argument("--confound", action="append", default=[], metavar="NAME=TARGET:SPURIOUS", help="an SCR task")
    parser.add_argument("--corpus", required=True, type=Path, help="a .txt or .jsonl file, or name:split of a data set")
    parser.add_argument("--out", required=True, type=Path, help="the bundle's folder")
    parser.add_argument("--name", help="the bundle's name; the folder's by default")
    parser.add_argument("--corpus-rows", type=int, default=8192)
    parser.add_argument("--rows", type=int, default=2400, help="texts of a data set, at most")
    parser.add_argument("--context", type=int, default=128, help="tokens of a context of the corpus")
    parser.add_argument("--tokens", type=int, default=1024, help="tokens of a text, at most: the last ones")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--max-norm-ratio", type=float, help="leave out corpus rows beyond this many median norms")
    parser.add_argument("--library", choices=["transformers", "transformer_lens"], default="transformers")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    parser.set_defaults(run=_run_build)


def _add_synthetic(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", required=True, help="a saved SyntheticModel, or a .json of its configuration")
    parser.add_argument("--out", required=True, type=Path, help="the bundle's folder")
    parser.add_argument("--name", help="the bundle's name; the folder's by default")
    parser.add_argument("--corpus-rows", type=int, default=16384)
    parser.add_argument("--rows", type=int, default=40000, help="labelled rows")
    parser.add_argument("--width", type=int, help="features that an SAE could hold; half of them by default")
    parser.add_argument("--seed", type=int, default=0)
    parser.set_defaults(run=_run_synthetic)


def _run_build(options: argparse.Namespace) -> None:
    names = [name for name in options.datasets.split(",") if name]
    datasets = [read_dataset(name, options.rows, options.seed) for name in names]
    datasets += [read_confound(spec, options.rows, options.seed) for spec in options.confound]
    documents = _documents(options.corpus)
    plan = Plan(
        name=options.name or options.out.name,
        model=options.model,
        hook=options.hook,
        corpus_rows=options.corpus_rows,
        context=options.context,
        tokens=options.tokens,
        seed=options.seed,
        max_norm_ratio=options.max_norm_ratio,
    )
    model = load_model(options.model, options.hook, options.library, options.device)
    _say(build(plan, model, documents, datasets, options.out, batch=options.batch, progress=_progress), options.out)
    _say_of_texts(datasets)


def _run_datasets(_options: argparse.Namespace) -> None:
    sys.stdout.write("".join(f"{name}\n" for name in sae_probes_names()))


def _run_synthetic(options: argparse.Namespace) -> None:
    bundle = from_synthetic(
        options.model,
        options.out,
        name=options.name or options.out.name,
        corpus_rows=options.corpus_rows,
        pool_rows=options.rows,
        width=options.width,
        seed=options.seed,
        progress=_progress("rows", options.corpus_rows + options.rows),
    )
    _say(bundle, options.out)


def _documents(corpus: Path) -> list[str]:
    if corpus.suffix in (".txt", ".jsonl", ".md"):
        return read_corpus(corpus)
    name, _, split = str(corpus).partition(":")
    datasets = load("datasets", "a corpus by name is a data set of Hugging Face")
    try:
        return [str(row["text"]) for row in datasets.load_dataset(name, split=split or "train")]
    except (OSError, ValueError, KeyError) as error:
        raise BundleError(f"{corpus}: no .txt, .md or .jsonl file, and no data set: {error!r}") from error


def _progress(part: str, items: int) -> Callable[[int], None]:
    bar: Any = load("tqdm", "progress is shown with it").tqdm(total=items, desc=part, disable=None, leave=False)

    def done(count: int) -> None:
        bar.update(count)
        if bar.n >= items:
            bar.close()

    return done


def _say(bundle: Bundle, folder: Path) -> None:
    kinds = [str(task["kind"]) for task in bundle.tasks]
    tasks = ", ".join(f"{kinds.count(kind)} {kind}" for kind in ("binary", "classes", "confound"))
    sys.stderr.write(f"{folder}: {len(bundle.corpus)} corpus rows of {bundle.corpus.shape[1]}; tasks: {tasks}\n")


def _say_of_texts(datasets: Sequence[LabelledTexts]) -> None:
    for texts in datasets:
        counts = ", ".join(f"{name} {int((label == 1).sum())}" for name, label in texts.labels.items())
        sys.stderr.write(f"{texts.name}: {len(texts.texts)} texts, of which yes: {counts}\n")


if __name__ == "__main__":
    sys.exit(main())
