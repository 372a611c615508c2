"""Selections that come from a browser: hand-worked payloads and hostile ones."""

from __future__ import annotations

import base64
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.selection import decode_selection, pack_bits


def payload(enc: object, n: object, raw: bytes) -> dict[str, object]:
    return {"enc": enc, "n": n, "b64": base64.b64encode(raw).decode()}


def test_bits_low_bit_first() -> None:
    got = decode_selection(payload("bits", 10, bytes([0b00000101, 0b00000010])), 10)
    assert got is not None and got.dtype == np.int64
    assert got.tolist() == [0, 2, 9]


def test_u32_little_endian_sorted_and_unique() -> None:
    got = decode_selection(payload("u32", 300, struct.pack("<3I", 258, 1, 258)), 300)
    assert got is not None and got.tolist() == [1, 258]


@pytest.mark.parametrize("enc", ["bits", "u32"])
def test_empty_view(enc: str) -> None:
    got = decode_selection(payload(enc, 0, b""), 0)
    assert got is not None and got.tolist() == []


@pytest.mark.parametrize(
    "hostile",
    [
        None,
        "bits",
        [],
        {},
        {"enc": "bits", "n": 10},
        {"enc": "bits", "n": 10, "b64": 7},
        {"enc": "bits", "n": 10, "b64": "A*=="},
        {"enc": "bits", "n": 10, "b64": "é"},
        {"enc": "bits", "n": 10, "b64": "A" * 10_000_000},
        payload("bits", 11, bytes(2)),
        payload("bits", 10.0, bytes(2)),
        payload("bits", "10", bytes(2)),
        payload("bits", 10, bytes(1)),
        payload("bits", 10, bytes(3)),
        payload("bits", 10, bytes([0, 0b100])),
        payload("u32", 10, bytes(3)),
        payload("u32", 10, struct.pack("<I", 10)),
        payload("u32", 10, bytes(44)),
        payload("u64", 10, bytes(8)),
        payload(["bits"], 10, bytes(2)),
    ],
)
def test_hostile_payloads_are_refused(hostile: object) -> None:
    assert decode_selection(hostile, 10) is None


def test_true_is_not_one_item() -> None:
    assert decode_selection(payload("bits", True, b"\x01"), 1) is None


@given(
    st.integers(0, 200).flatmap(
        lambda n: st.tuples(st.just(n), st.sets(st.integers(0, n - 1)) if n else st.just(set()))
    )
)
def test_packed_bits_read_back(case: tuple[int, set[int]]) -> None:
    n, chosen = case
    got = decode_selection(payload("bits", n, pack_bits(sorted(chosen), n)), n)
    assert got is not None and got.tolist() == sorted(chosen)


@pytest.mark.parametrize("index", [-1, 4])
def test_pack_bits_refuses_an_index_outside(index: int) -> None:
    with pytest.raises(IndexError):
        pack_bits([index], 4)
