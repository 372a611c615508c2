"""Tags that images probably deserve: those of the images that are most like them."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from sqlmodel import Session

from core.accounts.access import Viewer
from core.curation.scope import Ids, id_array
from core.curation.tables import Tag
from core.curation.tags import image_tags
from core.errors import UserError
from core.maps.alike import alike
from core.projects.tables import Project
from core.search.find import find

#: Tagged neighbours that are asked.
NEIGHBOURS = 10
#: Less certain tags are not suggested.
LEAST = 0.25


@dataclass(frozen=True)
class TagSuggestion:
    """A tag with how much speaks for it."""

    tag: Tag
    #: In [0, 1).
    confidence: float
    #: How many of the asked neighbours have it.
    having: int
    #: How many tagged neighbours were asked.
    asked: int


def suggest_tags(
    session: Session,
    viewer: Viewer,
    project: Project,
    image_ids: Ids,
    *,
    k: int = NEIGHBOURS,
    limit: int = 5,
) -> list[TagSuggestion]:
    """Tags of the `k` images with any tag that are most like the given ones, the surest first.

    A vote of nearest neighbours, each with the weight of its similarity s, the cosine of the two
    feature vectors, negative ones as 0 (Cover & Hart 1967; weighted by Dudani 1976). Of n asked
    neighbours a tag's confidence is the sum of s over those that have it, divided by n + 1, so that
    few neighbours never make it certain. Images without any tag have no vote: nobody has looked at
    them. Tags that all given images have already are left out. Equally sure ones come by name.

    Args:
        image_ids: of many, the neighbours are those of their mean; see `alike`.
        limit: how many tags at most.

    Returns:
        Those with a confidence of `LEAST` or more; none where the images have no features.
    """
    given = id_array(image_ids)
    tagged = np.setdiff1d(find(session, viewer, project, "has:tag", "id"), given)
    if not len(tagged) or not len(given):
        return []
    try:
        near, similar = alike(session, viewer, project, given, k, among=tagged)
    except UserError:
        return []
    weights = dict(zip(near.tolist(), similar.clip(0, 1).tolist(), strict=True))
    known: dict[int, Tag] = {}
    votes: defaultdict[int, list[float]] = defaultdict(list)
    for image_id, tags in image_tags(session, near).items():
        for tag in tags:
            known[tag.id or 0] = tag
            votes[tag.id or 0].append(weights[image_id])
    everywhere = _common(session, given)
    found = [
        TagSuggestion(known[tag_id], sum(cast) / (len(near) + 1), len(cast), len(near))
        for tag_id, cast in votes.items()
        if tag_id not in everywhere
    ]
    sure = [each for each in found if each.confidence >= LEAST]
    return sorted(sure, key=lambda each: (-each.confidence, each.tag.folded))[:limit]


def _common(session: Session, image_ids: np.ndarray) -> set[int]:
    """The tags that every one of these images has."""
    found = image_tags(session, image_ids)
    if len(found) < len(image_ids):
        return set()
    return set.intersection(*({tag.id or 0 for tag in tags} for tags in found.values()))
