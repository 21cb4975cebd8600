"""The same fixtures as test/streams/protocol.test.ts: both languages write and read these bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from discern_publish import records
from discern_publish.errors import RecordInvalidError, RecordUndecodableError, ScoreNotFiniteError
from discern_publish.message_pack import pack, unpack
from discern_publish.topics import CHECKPOINTS, EVALUATIONS

from .conftest import FIXTURES

FOLDER = FIXTURES / "protocol"


def _revive(value: dict[str, Any]) -> Any:
    return bytes.fromhex(value["$bytes"]) if "$bytes" in value else value


DESCRIBED: dict[str, Any] = json.loads((FOLDER / "records.json").read_text("utf-8"), object_hook=_revive)
RECORDS: dict[str, Any] = DESCRIBED["records"]
NAMES = sorted(RECORDS)


def test_there_is_a_file_for_each_record() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.msgpack")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_writes_these_bytes(name: str) -> None:
    assert pack(RECORDS[name]["record"]) == (FOLDER / f"{name}.msgpack").read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_reads_these_bytes(name: str) -> None:
    assert unpack((FOLDER / f"{name}.msgpack").read_bytes()) == RECORDS[name]["record"]


@pytest.mark.parametrize("name", [name for name in NAMES if RECORDS[name]["topic"] in (CHECKPOINTS, EVALUATIONS)])
def test_the_publisher_builds_the_records_with_these_bytes_and_keys(name: str) -> None:
    described = RECORDS[name]["record"]
    record = _built(described)
    assert pack(record) == (FOLDER / f"{name}.msgpack").read_bytes()
    key = records.score_key(record) if described["type"] == "score" else described["run"]
    assert key == RECORDS[name]["key"]


@pytest.mark.parametrize("form", sorted(DESCRIBED["forms"]["bytes"]))
def test_reads_a_record_in_other_forms(form: str) -> None:
    assert unpack(bytes.fromhex(DESCRIBED["forms"]["bytes"][form])) == DESCRIBED["forms"]["record"]


@pytest.mark.parametrize("what", sorted(DESCRIBED["refused"]))
def test_refuses_what_is_no_record(what: str) -> None:
    with pytest.raises(RecordUndecodableError):
        unpack(bytes.fromhex(DESCRIBED["refused"][what]))


@pytest.mark.parametrize("value", [{"a": [2**64]}, {"a": [-(2**63) - 1]}, {"a": [object()]}, {"a": [{1: 2}]}])
def test_names_the_key_of_what_has_no_byte_form(value: Any) -> None:
    with pytest.raises(RecordInvalidError, match=r"key `a\.0"):
        pack(value)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"run": ""}, "`run`"),
        ({"panel": "🙂" * 101}, "`panel`"),
        ({"variant": None}, "`variant`"),
        ({"train_seed": 2**53}, "`train_seed`"),
    ],
)
def test_refuses_a_run_that_no_reader_would_take(fields: Mapping[str, Any], named: str) -> None:
    with pytest.raises(RecordInvalidError, match=named):
        records.Run(**dict[str, Any]({"panel": "p", "run": "r", "variant": "v", "train_seed": 0}, **fields))


@pytest.mark.parametrize(("step", "tokens"), [(-1, 0), (0, -1), (True, 0), (1.0, 0)])
def test_refuses_steps_and_tokens_that_are_no_counts(step: Any, tokens: Any) -> None:
    with pytest.raises(RecordInvalidError):
        records.Progress(step, tokens)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_refuses_a_score_that_is_not_finite(value: float) -> None:
    with pytest.raises(ScoreNotFiniteError):
        _built({**RECORDS["score-mean"]["record"], "value": value})


def _built(described: Mapping[str, Any]) -> records.Record:
    given = described.get
    run = records.Run(given("panel") or "p", described["run"], given("variant") or "v", given("trainSeed") or 0)
    if described["type"] == "chunk":
        return records.chunk(run, *(described[field] for field in ("step", "part", "parts", "data")))
    if described["type"] == "finished":
        return records.finished(run, described["step"])
    progress = records.Progress(described["step"], described["tokens"])
    if described["type"] == "score":
        return records.score(
            run,
            progress,
            **{field: described[field] for field in ("metric", "param", "task", "seed", "value")},
            evaluated_at=described["evaluatedAt"],
            bundle=given("bundle"),
        )
    weights = described["weights"]
    return records.manifest(
        run,
        progress,
        format=described["format"],
        config=described["config"],
        auxiliary=given("auxiliary") or {},
        weights=(
            records.claim(weights["uri"], weights["sha256"], weights["bytes"])
            if "uri" in weights
            else records.inline(weights["parts"], weights["sha256"], weights["bytes"])
        ),
        published_at=described["publishedAt"],
        bundle=given("bundle"),
    )
