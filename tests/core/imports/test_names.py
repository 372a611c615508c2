"""Which image a name means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imports.names import NameIndex, Unmatched

INDEX = NameIndex(
    [
        ("set.zip/a/0001.jpg", 1),
        ("set.zip/b/0001.jpg", 2),
        ("set.zip/b/0002.JPG", 3),
        ("라인-3/가.png", 4),
        ("alone.png", 5),
        ("images/train/0007.jpg", 6),
    ]
)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("a/0001.jpg", 1),
        ("b\\0001.JPG", 2),
        ("./b/0002.jpg", 3),
        ("0002.jpg", 3),
        ("0002", 3),
        ("라인-3/가.png", 4),  # taken apart, as macOS writes it
        ("가", 4),
        ("/data/somewhere/alone.png", 5),
        ("set.zip/a/0001.jpg", 1),
        ("0001.jpg", Unmatched(2)),
        ("c/0001.jpg", Unmatched(0, "set.zip/a/0001.jpg")),
        ("c/0002.jpg", Unmatched(0, "set.zip/b/0002.JPG")),
        ("missing.jpg", Unmatched(0)),
        ("alone.jpg", Unmatched(0)),
        ("", Unmatched(0)),
        ("../..", Unmatched(0)),
    ],
)
def test_names_with_more_or_fewer_folders(name: str, found: int | Unmatched) -> None:
    assert INDEX.find(name) == found


def test_images_of_the_same_batch_win_where_a_name_means_several() -> None:
    images = [("a/1.jpg", 1), ("b/1.jpg", 2)]
    assert NameIndex(images, preferred=[2]).find("1.jpg") == 2
    assert NameIndex(images, preferred=[1, 2]).find("1.jpg") == Unmatched(2)


def test_a_number_decides_only_where_the_name_agrees() -> None:
    assert INDEX.find("0001.jpg", image_id=2) == 2
    assert INDEX.find("alone.png", image_id=2) == 5


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("set.zip/a/0001.txt", 1),
        ("labels/train/0007.txt", 6),
        ("data/labels/train/0007.txt", 6),  # as far as both go
        ("0007.txt", 6),
        ("labels/val/0007.txt", Unmatched(0, "images/train/0007.jpg")),
    ],
)
def test_a_file_beside_its_image(path: str, found: int | Unmatched) -> None:
    assert INDEX.find_beside(path) == found


parts = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=4)


@given(st.lists(parts, min_size=1, max_size=8, unique_by=tuple), parts)
def test_a_match_always_agrees_with_the_name_as_far_as_both_go(
    names: list[list[str]], asked: list[str]
) -> None:
    found = NameIndex([("/".join(n), i) for i, n in enumerate(names)]).find("/".join(asked))

    def agree(one: list[str], other: list[str]) -> bool:
        shorter = min(len(one), len(other))
        return one[-shorter:] == other[-shorter:]

    fitting = [i for i, name in enumerate(names) if agree(name, asked)]
    if isinstance(found, int):
        assert found in fitting
    elif found.images == 0:
        assert fitting == []
    else:
        assert len(fitting) >= found.images


UPLOADED = NameIndex(
    [("set.zip/a (1).jpg", 1), ("라인/사진 2.jpg", 2), ("b 3.jpg", 3), ("b+3.jpg", 4)]
)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("/data/upload/3/0123abcd-a_1.jpg", 1),
        ("images/0123abcd-사진_2.jpg", 2),
        ("0123abcd-b 3.jpg", 3),
        ("0123abcd-b_3.jpg", 3),
        ("0123abcd-b3.jpg", 4),
        ("0123abcd-missing.jpg", Unmatched(0)),
        ("0123ABCDE-b_3.jpg", Unmatched(0)),
        ("b_3.jpg", Unmatched(0)),  # only what was uploaded has lost its spaces
    ],
)
def test_names_as_label_studio_gives_them(name: str, found: int | Unmatched) -> None:
    assert UPLOADED.find(name) == found


def test_an_uploaded_name_that_is_an_images_own_means_that_image() -> None:
    assert NameIndex([("1.jpg", 1), ("0123abcd-1.jpg", 2)]).find("0123abcd-1.jpg") == 2


def test_a_name_without_folders_means_the_image_without_folders() -> None:
    images = [("1.jpg", 1), ("a/1.jpg", 2)]
    assert NameIndex(images).find("1.jpg") == 1
    assert NameIndex(images, preferred=[2]).find("1.jpg") == 2


@pytest.mark.parametrize(
    ("image", "path"),
    [
        ("VOC2012/JPEGImages/0001.jpg", "VOC2012/Annotations/0001.xml"),
        ("images/0001.jpg", "annotations/xmls/0001.xml"),
        ("images/0001.jpg", "annotations/0001.xml"),
    ],
)
def test_folders_of_labels_beside_those_of_images(image: str, path: str) -> None:
    other = image.replace("/0001", "/other/0001")
    assert NameIndex([(image, 1), (other, 2)]).find_beside(path) == 1
