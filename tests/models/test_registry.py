"""Models load by key, and say what is missing."""

from pathlib import Path

import pytest

from models.errors import UnknownModel, WeightsCorrupt, WeightsMissing
from models.registry import load


def test_unknown_missing_and_foreign_weights_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(UnknownModel):
        load("nothing", tmp_path, tmp_path)
    with pytest.raises(WeightsMissing, match=r"YOLO11n.*yolo11n\.onnx"):
        load("yolo11n", tmp_path, tmp_path)
    (tmp_path / "yolo11n.onnx").write_bytes(b"not a network")
    with pytest.raises(WeightsCorrupt, match="YOLO11n"):
        load("yolo11n", tmp_path, tmp_path)
