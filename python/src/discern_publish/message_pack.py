"""The byte form of records: MessagePack in its one shortest form, the same that Discern writes (docs/protocol.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, cast

import msgpack  # pyright: ignore[reportMissingTypeStubs]

from .errors import RecordInvalidError, RecordUndecodableError

Value: TypeAlias = "bool | int | float | str | bytes | Sequence[Value] | Mapping[str, Value] | None"
"""What records are made of."""

_SAFE_INTEGER = 2**53 - 1
_INT32_MIN = -(2**31)
_UINT32_MAX = 2**32 - 1
_INT64_MIN = -(2**63)
_INT64_MAX = 2**63 - 1
_UINT64_MAX = 2**64 - 1


def pack(value: Value) -> bytes:
    """Return a value's canonical MessagePack bytes.

    - Integers take the fewest bytes: positive ones unsigned, those beyond 32 bits as int64 (above 2^63 - 1 as uint64).
    - Floats are float64. A float that is a whole number within ±(2^53 - 1) is an integer, since JavaScript has one
      type for both; so -0.0 is 0.
    - Maps keep their order.

    Raises `RecordInvalidError` for an integer of more than 64 bits, a key that is no text and a value of another type.
    """
    parts: list[bytes] = []
    _append(value, "", cast("Any", msgpack).Packer(use_bin_type=True), parts)
    return b"".join(parts)


def unpack(data: bytes) -> Value:
    """Return the value of MessagePack bytes, in whatever form they are.

    Raises `RecordUndecodableError` when they are not one MessagePack value of standard types.
    """
    try:
        value = cast("Any", msgpack).unpackb(data, raw=False, strict_map_key=False, ext_hook=_refuse)
    except RecordUndecodableError:
        raise
    except Exception as error:
        # Whatever the bytes make msgpack raise, they are not a record.
        raise RecordUndecodableError(f"{len(data)} bytes that are not MessagePack: {error}") from error
    _refuse_timestamps(value)
    return cast("Value", value)


def _refuse(code: int, _data: bytes) -> Value:
    raise RecordUndecodableError(f"the extension type {code}, which is none of MessagePack's standard types")


def _refuse_timestamps(value: object) -> None:
    """They are an extension that msgpack reads of its own accord."""
    if isinstance(value, cast("Any", msgpack).Timestamp):
        _refuse(-1, b"")
    elif isinstance(value, dict):
        for item in cast("dict[object, object]", value).values():
            _refuse_timestamps(item)
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            _refuse_timestamps(item)


def _append(value: object, path: str, packer: Any, parts: list[bytes]) -> None:
    if isinstance(value, bool) or value is None or isinstance(value, (str, bytes)):
        parts.append(packer.pack(value))
    elif isinstance(value, int):
        parts.append(_integer(value, path, packer))
    elif isinstance(value, float):
        whole = value.is_integer() and abs(value) <= _SAFE_INTEGER
        parts.append(_integer(int(value), path, packer) if whole else packer.pack(value))
    elif isinstance(value, Mapping):
        entries = cast("Mapping[object, object]", value)
        parts.append(packer.pack_map_header(len(entries)))
        for key, item in entries.items():
            if not isinstance(key, str):
                raise RecordInvalidError(f"key `{path}`: the keys of a map are texts, found {key!r}")
            parts.append(packer.pack(key))
            _append(item, f"{path}.{key}" if path else key, packer, parts)
    elif isinstance(value, (list, tuple)):
        items = cast("Sequence[object]", value)
        parts.append(packer.pack_array_header(len(items)))
        for index, item in enumerate(items):
            _append(item, f"{path}.{index}", packer, parts)
    else:
        raise RecordInvalidError(f"key `{path}`: {type(value).__name__} has no standard MessagePack type")


def _integer(value: int, path: str, packer: Any) -> bytes:
    if _INT32_MIN <= value <= _UINT32_MAX:
        return packer.pack(value)
    if _INT64_MIN <= value <= _INT64_MAX:
        # msgpack would write a positive one as uint64, which takes as many bytes.
        return b"\xd3" + value.to_bytes(8, "big", signed=True)
    if value <= _UINT64_MAX and value > 0:
        return packer.pack(value)
    raise RecordInvalidError(f"key `{path}`: {value} does not fit 64 bits")
