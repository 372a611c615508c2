"""The catalogue is complete, consistent and light."""

import subprocess
import sys
from pathlib import Path

import pytest

from core.i18n import LANGUAGES, catalogue
from models.card import ModelCard
from models.catalogue import CATALOGUE, DEFAULT_MODEL, card
from models.errors import UnknownModel

REPOSITORY = Path(__file__).parents[2]


def test_the_six_models_are_offered() -> None:
    assert set(CATALOGUE) == {
        "mobilenet_v2",
        "efficientnet_lite0",
        "efficientnet_lite2",
        "yolo11n",
        "yolo26n",
        "efficientdet_lite0",
    }
    assert DEFAULT_MODEL == "efficientnet_lite0"
    assert card(DEFAULT_MODEL).name == "EfficientNet-Lite0"


def test_an_unknown_model_names_the_known_ones() -> None:
    with pytest.raises(UnknownModel, match=r'"yolo99".*mobilenet_v2'):
        card("yolo99")


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=lambda entry: entry.key)
def test_every_entry_is_whole(entry: ModelCard) -> None:
    source = entry.source
    for digest in (source.sha256, source.archive_sha256):
        assert len(bytes.fromhex(digest)) == 32
    assert (REPOSITORY / "models" / f"{entry.family}.py").is_file()
    assert len(set(entry.classes) - {"(unused)"}) == (
        1000 if entry.task == "classification" else 80
    )
    for language in LANGUAGES:
        assert entry.description in catalogue(language)
        assert f"models.task.{entry.task}" in catalogue(language)


def test_class_lists_are_in_the_networks_order() -> None:
    imagenet = card("mobilenet_v2").classes
    assert (imagenet[0], imagenet[654], imagenet[999]) == ("tench", "minibus", "toilet tissue")
    coco80, coco90 = card("yolo11n").classes, card("efficientdet_lite0").classes
    assert (len(coco80), coco80[5], coco80[79]) == (80, "bus", "toothbrush")
    assert (len(coco90), coco90[5], coco90[89]) == (90, "bus", "toothbrush")
    assert coco80 == tuple(name for name in coco90 if name != "(unused)")
    assert card("efficientdet_lite0").class_count == card("yolo11n").class_count == 80


def test_listing_models_imports_no_numerical_library() -> None:
    script = (
        "import sys, models.catalogue, models.weights;"
        "print({'torch', 'openvino', 'numpy', 'PIL', 'core'} & set(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "set()"
