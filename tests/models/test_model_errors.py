"""Errors of models read well alone, translated, and after a journey between processes."""

import pickle
import string

import pytest

from core.i18n import catalogue
from models.errors import (
    FetchCancelled,
    ModelError,
    UnknownModel,
    WeightsCorrupt,
    WeightsMissing,
    WeightsUnavailable,
)

KINDS = [FetchCancelled, UnknownModel, WeightsCorrupt, WeightsMissing, WeightsUnavailable]


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("kind", KINDS)
def test_sentence_is_the_english_text_and_korean_has_the_same_placeholders(
    kind: type[ModelError],
) -> None:
    assert catalogue("en")[kind.key] == kind.sentence
    korean = catalogue("ko")[kind.key]
    assert korean != kind.sentence
    assert placeholders(korean) == placeholders(kind.sentence)


def test_an_error_survives_pickling() -> None:
    error = WeightsMissing(model="Net", path="/data/net.onnx")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is WeightsMissing
    assert again.params == {"model": "Net", "path": "/data/net.onnx"}
    assert str(again) == str(error)
    assert "put the file at /data/net.onnx" in str(again)
