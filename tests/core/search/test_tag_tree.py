"""The tree of tags: counts by hand, each image once, and the same as the query finds."""

from core.curation import add_tag
from core.database import reading
from core.search import count, tag_tree
from tests.core.curation.conftest import stage

__all__ = ["stage"]


def tree(stage, query: str = "") -> list[tuple[int, str, int]]:
    with reading() as session:
        nodes = tag_tree(session, stage.viewer, stage.project, query)
        for node in nodes:
            text = f'tag:"{node.name}"' + (f" AND ({query})" if query else "")
            assert node.count == count(session, stage.viewer, stage.project, text)
    return [(node.depth, node.label, node.count) for node in nodes]


def tag(stage, name: str, *places: int) -> None:
    add_tag(stage.viewer, stage.id, name, [stage.images[place] for place in places])


def test_a_node_counts_each_image_below_it_once(stage):
    tag(stage, "defect/scratch/deep", 0, 1)
    tag(stage, "defect/scratch", 1, 2)
    tag(stage, "Defect/dent", 2, 3)
    tag(stage, "good", 4, 5, 6, 7, 8)
    tag(stage, "defective", 9)
    assert tree(stage) == [
        (0, "good", 5),
        (0, "defect", 4),
        (1, "scratch", 3),
        (2, "deep", 2),
        (1, "dent", 2),
        (0, "defective", 1),
    ]


def test_the_tree_follows_the_query(stage):
    tag(stage, "a/b", 0, 1)
    tag(stage, "a/c", 1)
    assert tree(stage, "tag:a/c") == [(0, "a", 1), (1, "b", 1), (1, "c", 1)]
    assert tree(stage, "no:tag") == []
    assert tree(stage, "tag:a/b AND NOT tag:a/c") == [(0, "a", 1), (1, "b", 1)]
