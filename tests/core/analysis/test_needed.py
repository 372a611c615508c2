"""How large pictures are decoded for each model."""

from dataclasses import replace

from core.analysis.needed import needed_sides
from models.card import Recipe
from models.catalogue import CATALOGUE


def test_thumbnails_need_their_longer_side_alone() -> None:
    assert needed_sides(None) == (256, 0)


def test_networks_that_stretch_need_both_sides_but_for_a_sixteenth() -> None:
    assert needed_sides(CATALOGUE["efficientnet_lite0"]) == (256, 210)
    assert needed_sides(CATALOGUE["efficientnet_lite2"]) == (256, 244)
    large = replace(CATALOGUE["efficientnet_lite0"], input_size=(300, 640))
    assert needed_sides(large) == (600, 600)


def test_networks_that_fit_pictures_in_need_the_longer_side() -> None:
    detectors = [card for card in CATALOGUE.values() if card.task == "detection"]
    assert {needed_sides(card) for card in detectors} == {(640, 0), (320, 0)}


def test_of_a_model_of_ones_own_it_is_its_recipe_that_counts() -> None:
    for card in (CATALOGUE["efficientnet_lite0"], CATALOGUE["yolo11n"]):
        own = replace(card, input_size=(320, 320))
        assert needed_sides(replace(own, recipe=Recipe("logits", resize="stretch"))) == (300, 300)
        assert needed_sides(replace(own, recipe=Recipe("logits", resize="letterbox"))) == (320, 0)
