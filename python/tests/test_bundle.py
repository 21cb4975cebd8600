from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file  # pyright: ignore[reportUnknownVariableType]

from discern_publish.bundle.activations import contexts_of
from discern_publish.bundle.build import Plan, build
from discern_publish.bundle.cli import main
from discern_publish.bundle.shards import Shards
from discern_publish.bundle.synthetic_tasks import TaskMaker
from discern_publish.bundle.texts import read_confound, read_corpus, read_dataset
from discern_publish.bundle.writer import Bundle, Dataset, GroundTruth, write
from discern_publish.checkpoint import Array
from discern_publish.errors import BundleError, WeightsNotFiniteError

EOS = 1


class Tokenizer:
    """One token a character; text ends with a special token unless it is told not to."""

    all_special_ids: Sequence[int] = (0, EOS)
    eos_token_id = EOS

    def __call__(self, text: str, add_special_tokens: bool = True) -> dict[str, list[int]]:
        ids = [ord(letter) for letter in text]
        return {"input_ids": [*ids, EOS] if add_special_tokens else ids}


class CountingModel:
    """Its activations are the token, its position and the length of its text."""

    def __init__(self) -> None:
        self.tokenizer: Any = Tokenizer()
        self.calls = 0
        self.fail_after: int | None = None

    def activations(self, tokens: Array, mask: Array) -> Array:
        if self.fail_after == self.calls:
            raise KeyboardInterrupt
        self.calls += 1
        positions: Array = np.ones_like(tokens).cumsum(axis=1) - 1
        lengths: Array = np.broadcast_to(mask.sum(axis=1, keepdims=True), tokens.shape)
        return np.stack([tokens, positions, lengths], axis=-1).astype(np.float32)


def quiet(_part: str, _items: int) -> Callable[[int], None]:
    def done(_count: int) -> None:
        pass

    return done


PLAN = Plan(name="b", model="m", hook="h", corpus_rows=20, context=8, tokens=5, seed=0)


def csv_file(path: Path, rows: Sequence[tuple[str, str]]) -> str:
    path.write_text("prompt,target\n" + "".join(f'"{prompt}",{target}\n' for prompt, target in rows))
    return str(path)


def built(folder: Path, model: CountingModel, plan: Plan = PLAN) -> Bundle:
    source = folder.parent / "mine.csv"
    dataset = read_dataset(csv_file(source, [(f"t{'x' * i}", str(i % 2)) for i in range(10)]), 100, 0)
    return build(plan, model, ["ab" * 100], [dataset], folder, batch=2, progress=quiet)


def test_takes_the_last_token_of_a_text_and_its_end_where_it_is_too_long(tmp_path: Path) -> None:
    built(tmp_path / "b", CountingModel())
    tensors = load_file(tmp_path / "b" / "datasets" / "mine.safetensors")
    assert tensors["label.mine"].tolist() == [0, 1] * 5
    # Never the special token at the end, and at most five tokens.
    lengths = np.minimum(np.arange(1, 11), 5)
    assert tensors["activations"][:, 1].tolist() == (lengths - 1).tolist()
    assert tensors["activations"][:, 2].tolist() == lengths.tolist()
    assert tensors["activations"][1:, 0].tolist() == [ord("x")] * 9


def test_the_corpus_has_no_special_tokens(tmp_path: Path) -> None:
    model = CountingModel()
    build(PLAN, model, ["abc"] * 60, [], tmp_path / "b", batch=2, progress=quiet)
    tokens = load_file(tmp_path / "b" / "corpus.safetensors")["activations"][:, 0]
    assert len(tokens) == 20
    assert EOS not in tokens


def test_an_interrupted_build_goes_on_and_comes_to_the_same(tmp_path: Path) -> None:
    whole = CountingModel()
    built(tmp_path / "whole", whole)
    model = CountingModel()
    model.fail_after = 3
    with pytest.raises(KeyboardInterrupt):
        built(tmp_path / "b", model)
    assert not (tmp_path / "b" / "bundle.json").exists()
    model.fail_after = None
    built(tmp_path / "b", model)
    # Of what was done, only the batch of the unfinished shard is done again.
    assert model.calls == whole.calls + 1
    assert not (tmp_path / "b" / ".unfinished").exists()
    for file in ("bundle.json", "corpus.safetensors", "datasets/mine.safetensors"):
        assert (tmp_path / "b" / file).read_bytes() == (tmp_path / "whole" / file).read_bytes()


def test_unfinished_work_of_another_plan_is_not_gone_on_with(tmp_path: Path) -> None:
    model = CountingModel()
    model.fail_after = 3
    with pytest.raises(KeyboardInterrupt):
        built(tmp_path / "b", model)
    other = replace(PLAN, hook="other")
    with pytest.raises(BundleError, match="other settings"):
        built(tmp_path / "b", model, other)


def test_a_bundle_is_not_written_over(tmp_path: Path) -> None:
    built(tmp_path / "b", CountingModel())
    with pytest.raises(BundleError, match="there is a bundle already"):
        built(tmp_path / "b", CountingModel())


def test_outliers_are_reported_and_left_out_only_if_that_is_wanted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Sink(CountingModel):
        def activations(self, tokens: Array, mask: Array) -> Array:
            found = super().activations(tokens, mask)
            found[:, 0] *= 100
            return found

    kept = build(PLAN, Sink(), ["ab" * 100], [], tmp_path / "kept", batch=2, progress=quiet)
    assert kept.build["outliers"]["above_10_medians"] == 3
    assert "3 of 24 rows have more than 10 times the median norm" in caplog.text
    plan = replace(PLAN, max_norm_ratio=10.0)
    left = build(plan, Sink(), ["ab" * 100], [], tmp_path / "left", batch=2, progress=quiet)
    assert left.build["outliers"]["left_out"] == 3
    assert np.linalg.norm(left.corpus, axis=1).max() < 1000


def test_documents_are_parted_by_the_end_token() -> None:
    assert contexts_of(Tokenizer(), ["ab", "c"], 2).tolist() == [[97, 98], [EOS, 99]]


def test_too_little_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="less text than one context"):
        build(PLAN, CountingModel(), ["a"], [], tmp_path / "b", batch=2, progress=quiet)


def test_shards_compute_each_piece_once(tmp_path: Path) -> None:
    computed: list[list[int]] = []

    def compute(piece: Sequence[int]) -> Array:
        computed.append(list(piece))
        return np.array(piece)

    for _ in range(2):
        shards = Shards(tmp_path, {"a": 1})
        assert shards.map("p", [1, 2, 3], 2, compute, lambda _: None).tolist() == [1, 2, 3]
    assert computed == [[1, 2], [3]]


def test_two_targets_are_a_binary_task(tmp_path: Path) -> None:
    texts = read_dataset(csv_file(tmp_path / "spam.csv", [("a", "no"), ("b", "yes")]), 10, 0)
    assert {name: label.tolist() for name, label in texts.labels.items()} == {"spam": [0, 1]}
    assert texts.tasks == [{"kind": "binary", "name": "spam", "dataset": "spam", "label": "spam"}]


def test_more_targets_are_classes_and_a_binary_task_each(tmp_path: Path) -> None:
    texts = read_dataset(csv_file(tmp_path / "c.csv", [("a", "x"), ("b", "y"), ("c", "z"), ("d", "x")]), 10, 0)
    assert {name: label.tolist() for name, label in texts.labels.items()} == {
        "c.x": [1, 0, 0, 1],
        "c.y": [0, 1, 0, 0],
        "c.z": [0, 0, 1, 0],
    }
    assert [task["kind"] for task in texts.tasks] == ["binary", "binary", "binary", "classes"]


def test_repeated_texts_count_once_and_contradictions_not_at_all(tmp_path: Path) -> None:
    rows = [("a", "0"), ("a", "0"), ("b", "1"), ("c", "0"), ("c", "1")]
    assert read_dataset(csv_file(tmp_path / "d.csv", rows), 10, 0).texts == ["a", "b"]


def test_of_too_many_texts_the_rarer_target_is_kept_whole(tmp_path: Path) -> None:
    rows = [(f"t{i}", "1" if i % 10 == 0 else "0") for i in range(100)]
    texts = read_dataset(csv_file(tmp_path / "d.csv", rows), 30, 0)
    assert (len(texts.texts), int((texts.labels["d"] == 1).sum())) == (30, 10)
    assert texts.texts == sorted(texts.texts, key=lambda text: int(text[1:]))


@pytest.mark.parametrize("rows", [[("a", "1")], [(f"{i}", f"{i}") for i in range(21)]])
def test_targets_of_no_task_are_refused(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    with pytest.raises(BundleError, match="different targets"):
        read_dataset(csv_file(tmp_path / "d.csv", rows), 100, 0)


def test_a_confound_takes_the_texts_that_have_both_labels(tmp_path: Path) -> None:
    shared = [(f"t{i}", i % 2, i // 2 % 2) for i in range(12)]
    target = csv_file(tmp_path / "t.csv", [*((text, str(t)) for text, t, _ in shared), ("only", "1")])
    spurious = csv_file(tmp_path / "s.csv", [(text, str(s)) for text, _, s in shared])
    texts = read_confound(f"c={target}:{spurious}", 100, 0)
    assert sorted(texts.texts) == sorted(text for text, _, _ in shared)
    assert texts.tasks == [{"kind": "confound", "name": "c", "dataset": "c", "target": "t", "spurious": "s"}]
    known = {text: (t, s) for text, t, s in shared}
    found = list(zip(texts.texts, texts.labels["t"].tolist(), texts.labels["s"].tolist(), strict=True))
    assert all(known[text] == (t, s) for text, t, s in found)


@pytest.mark.parametrize("spec", ["x", "x=a", "x=a:"])
def test_a_confound_that_names_no_two_data_sets_is_refused(spec: str) -> None:
    with pytest.raises(BundleError, match="NAME=TARGET:SPURIOUS"):
        read_confound(spec, 10, 0)


def test_a_corpus_is_a_text_of_paragraphs_or_lines_of_json(tmp_path: Path) -> None:
    (tmp_path / "c.txt").write_text("one\nmore\n\n\ntwo\n")
    (tmp_path / "c.jsonl").write_text('{"text": "one"}\n\n{"text": "two"}\n')
    assert read_corpus(tmp_path / "c.txt") == ["one\nmore", "two\n"]
    assert read_corpus(tmp_path / "c.jsonl") == ["one", "two"]


def bundle(**change: Any) -> Bundle:
    rows = np.ones((3, 2), np.float32)
    fields: dict[str, Any] = {"name": "b", "model": "m", "hook": "h", "corpus": rows, "tasks": []}
    return Bundle(**dict[str, Any](fields, **{"datasets": [Dataset("d", rows, {"l": np.array([1, 0, -1])})], **change}))


def test_writes_half_precision_unless_activations_are_too_large(tmp_path: Path) -> None:
    write(bundle(corpus=np.full((3, 2), 1e5)), tmp_path)
    assert load_file(tmp_path / "corpus.safetensors")["activations"].dtype == np.float32
    dataset = load_file(tmp_path / "datasets" / "d.safetensors")
    assert (dataset["activations"].dtype, dataset["label.l"].dtype) == (np.float16, np.int8)


def test_writes_the_ground_truth_of_a_synthetic_model(tmp_path: Path) -> None:
    truth = GroundTruth(np.ones((5, 2)), np.array([0, 1, 1, 2]), np.array([4, 0]), np.array([0.5, 1.5]))
    write(bundle(ground_truth=truth), tmp_path)
    description = json.loads((tmp_path / "bundle.json").read_text())
    assert description["ground_truth"] == {"file": "ground_truth.safetensors", "n_features": 5, "rows": 3}
    tensors = load_file(tmp_path / "ground_truth.safetensors")
    assert {name: (str(tensor.dtype), tensor.shape) for name, tensor in tensors.items()} == {
        "features": ("float32", (5, 2)),
        "indptr": ("int32", (4,)),
        "indices": ("int32", (2,)),
        "values": ("float32", (2,)),
    }


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"corpus": np.full((3, 2), np.nan)}, WeightsNotFiniteError),
        ({"corpus": np.ones((3, 4))}, BundleError),
        ({"datasets": [Dataset("d", np.ones((3, 2)), {"l": np.array([1])})]}, BundleError),
        ({"datasets": [Dataset("d", np.ones((3, 2)), {})] * 2}, BundleError),
    ],
)
def test_rows_that_do_not_fit_together_are_not_written(tmp_path: Path, change: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        write(bundle(**change), tmp_path)
    assert not (tmp_path / "bundle.json").exists()


def fires() -> Array:
    rng = np.random.default_rng(0)
    found = rng.random((6000, 24)) < 0.3
    # Features 0 to 3 exclude each other; the last two hardly ever fire.
    found[:, :4] &= found[:, :4].cumsum(axis=1) == 1
    found[:, 22:] &= rng.random((6000, 2)) < 0.01
    return found


def test_synthetic_tasks_are_of_features_that_fire_often_enough() -> None:
    made = TaskMaker(fires(), [[0, 1, 2, 3], [22, 23]], 12, "pool", 0).make()
    kinds = [task["kind"] for task in made.tasks]
    assert kinds.count("binary") == 20
    assert kinds.count("confound") == 8
    (classes,) = [task for task in made.tasks if task["kind"] == "classes"]
    assert len(classes["labels"]) >= 2
    for task in made.tasks:
        names = task.get("labels") or [task[key] for key in ("label", "target", "spurious") if key in task]
        assert all(int((made.labels[name] == 1).sum()) >= 200 for name in names)
    assert set(made.labels) == {
        name
        for task in made.tasks
        for name in (task.get("labels") or [task[key] for key in ("label", "target", "spurious") if key in task])
    }


def test_synthetic_classes_exclude_each_other() -> None:
    made = TaskMaker(fires(), [[4, 5, 6]], 24, "pool", 0).make()
    (classes,) = [task for task in made.tasks if task["kind"] == "classes"]
    labels = np.stack([made.labels[name] for name in classes["labels"]])
    assert ((labels == 1).sum(axis=0) <= 1).all()
    assert (labels == -1).any()


def test_synthetic_tasks_are_the_same_for_the_same_seed_and_others_for_another() -> None:
    names = [[task["name"] for task in TaskMaker(fires(), [], 12, "pool", seed).make().tasks] for seed in (0, 0, 1)]
    assert names[0] == names[1]
    assert names[0] != names[2]


def test_the_command_says_what_is_wrong_and_exits_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["build", "--model", "m", "--hook", "h", "--corpus", "c.txt", "--out", str(tmp_path)]
    assert main([*arguments, "--datasets", str(tmp_path / "none.csv")]) == 1
    assert "discern-bundle: BUNDLE_INVALID:" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main(["build"])
