"""Boxes that people draw: set for many images, or edited one by one, with the way back."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from math import isfinite
from typing import Any

import numpy as np
from sqlmodel import Session

from core.accounts.access import Viewer
from core.annotations.labels import Source, summary
from core.annotations.states import (
    Drawn,
    Said,
    fingerprints,
    packed_drawn,
    packed_said,
    read_drawn,
    read_said,
    unpacked_drawn,
    unpacked_said,
    write_drawn,
    write_said,
)
from core.curation.names import checked_name
from core.curation.scope import touchable, visible_project
from core.database import now, writing
from core.errors import Outdated, UserError
from core.history import Change, inverse_of, record, unpack_ids
from core.history.packing import pack_parts, unpack_parts
from core.history.tables import Event
from core.media.images import load_image

MAX_BOXES = 2000  # of one image

#: An image's boxes; None: nobody said which there are.
Boxes = Sequence[Drawn] | None


def set_boxes(
    viewer: Viewer,
    project_id: int,
    boxes: Mapping[int, Boxes],
    source: Source = "hand",
    *,
    seen: Mapping[int, Boxes] | None = None,
    session: Session | None = None,
) -> Event | None:
    """Say which objects images hold and where; an empty list says there are none.

    Returns the event with exactly the images whose boxes changed, None when there was none. Ids of
    other projects and of images that the viewer may not see are passed over.

    Args:
        boxes: label, x0, y0, x1, y1 of each box by image id; None takes back what was said.
        seen: the boxes that an editor saw; a change since then is an error.
        session: of `writing()`, where this belongs to a larger change.

    Raises:
        UserError: an unfit label or box.
        Outdated: someone changed boxes that the editor had `seen`.
    """
    wanted = {image_id: _checked(each) for image_id, each in boxes.items()}
    with writing() if session is None else nullcontext(session) as session:
        visible_project(session, viewer, project_id)
        present = _present(session, touchable(viewer, project_id, boxes))
        for image_id, (_said, drawn) in present.items() if seen is not None else ():
            if drawn != _checked((seen or {}).get(image_id)):
                raise Outdated("annotations.boxes_changed")
        changed = {id_: wanted[id_] for id_, (_, drawn) in present.items() if drawn != wanted[id_]}
        if not changed:
            return None
        stamp = Said(None, False, source, now(), viewer.user_id)
        rows = {id_: _redrawn(present[id_][0], new, stamp) for id_, new in changed.items()}
        change = _write(session, present, rows, changed)
        return record(
            session,
            viewer,
            project_id,
            change.kind,
            change.details,
            change.image_ids,
            undo_data=change.undo_data,
        )


def edit_boxes(viewer: Viewer, image_id: int, boxes: Boxes, seen: Boxes) -> Event | None:
    """Make these the boxes of one image: drawn, moved, resized, relabelled or deleted by hand.

    The event's kind says what was done. Raises as `set_boxes` does, and NotFound for an image that
    the viewer may not see.
    """
    with writing() as session:
        project_id = load_image(session, viewer, image_id).project_id
        saw = {image_id: seen}
        return set_boxes(viewer, project_id, {image_id: boxes}, seen=saw, session=session)


def clipped(box: Drawn) -> Drawn | None:
    """A box without what lies outside the picture; None where nothing is left of it."""
    label, *corners = box
    if not all(isfinite(share) for share in corners):
        return None
    x0, y0, x1, y1 = (min(max(0.0, float(share)), 1.0) for share in corners)
    return (label, x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None


def _checked(boxes: Boxes) -> tuple[Drawn, ...] | None:
    if boxes is None:
        return None
    if len(boxes) > MAX_BOXES:
        raise UserError("annotations.too_many_boxes", n=len(boxes), most=MAX_BOXES)
    for label, *corners in boxes:
        x0, y0, x1, y1 = corners
        # Also false for what is no number.
        if not (0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1):
            shown = ", ".join(f"{share:.4g}" for share in corners)
            raise UserError("annotations.bad_box", label=label, corners=shown)
    return tuple((checked_name(box[0]), *map(float, box[1:])) for box in boxes)  # type: ignore[misc]


Present = Mapping[int, tuple[Said | None, tuple[Drawn, ...] | None]]


def _present(session: Session, condition: Any) -> Present:
    """What is said of images, and their boxes: None where nobody said which there are."""
    said = read_said(session, condition)
    drawn = read_drawn(session, np.fromiter(said, dtype=np.int64, count=len(said)))
    return {
        image_id: (row, drawn.get(image_id, ()) if row is not None and row.has_boxes else None)
        for image_id, row in said.items()
    }


@inverse_of("box.added")
@inverse_of("box.removed")
@inverse_of("box.moved")
@inverse_of("box.relabelled")
@inverse_of("boxes.set")
@inverse_of("boxes.none")
@inverse_of("boxes.removed")
def _unset(session: Session, viewer: Viewer, event: Event) -> Change:
    image_ids = unpack_ids(event.image_ids).tolist()
    parts = unpack_parts(event.undo_data or b"")
    before = dict(zip(image_ids, unpacked_said(parts), strict=True))
    boxes = dict(zip(image_ids, unpacked_drawn(parts), strict=True))
    after = dict(zip(image_ids, parts["after"].tolist(), strict=True))
    present = _present(session, touchable(viewer, event.project_id, image_ids, binned=True))
    if not present:
        raise UserError("curation.nothing_to_undo")
    marks = fingerprints([drawn or () for _, drawn in present.values()]).tolist()
    stands = [id_ for id_, mark in zip(present, marks, strict=True) if after[id_] == mark]
    if not stands:
        raise UserError("annotations.boxes_changed")
    rows = {id_: _restored(present[id_][0], before[id_]) for id_ in stands}
    restored = {
        id_: boxes[id_] if said is not None and said.has_boxes else None
        for id_, said in rows.items()
    }
    change = _write(session, present, rows, restored)
    return replace(change, left=len(present) - len(stands))


def _redrawn(said: Said | None, boxes: Boxes, stamp: Said) -> Said | None:
    """A row whose boxes changed; None: there is nothing left to say."""
    label = None if said is None else said.label
    if label is None and boxes is None:
        return None
    return stamp._replace(label=label, has_boxes=boxes is not None)


def _restored(said: Said | None, before: Said | None) -> Said | None:
    """The row as it was, but for a label that was given since."""
    label = None if said is None else said.label
    if before is not None:
        return before._replace(label=label)
    return said._replace(has_boxes=False) if said is not None and label is not None else None


def _write(
    session: Session,
    present: Present,
    rows: Mapping[int, Said | None],
    boxes: Mapping[int, tuple[Drawn, ...] | None],
) -> Change:
    write_said(session, rows)
    drawn = {image_id: boxes[image_id] or () for image_id in rows}
    write_drawn(session, drawn)
    before = [present[image_id] for image_id in rows]
    data = pack_parts(
        **packed_said([said for said, _ in before]),
        **packed_drawn([drawn or () for _, drawn in before]),
        after=fingerprints(list(drawn.values())),
    )
    kind, details = _told([was for _, was in before], [boxes[image_id] for image_id in rows])
    return Change(kind, details, list(rows), data)


def _told(before: Sequence[Boxes], after: Sequence[Boxes]) -> tuple[str, dict[str, Any]]:
    """An event's kind and details: what was done, as far as one sentence can say it."""
    number = sum(len(boxes or ()) for boxes in after)
    if all(boxes is None for boxes in after):
        return "boxes.removed", {"boxes": sum(len(boxes or ()) for boxes in before)}
    if number == 0 and not any(before):
        return "boxes.none", {}
    if len(before) == 1:
        was, became = Counter(before[0] or ()), Counter(after[0] or ())
        gone, new = list((was - became).elements()), list((became - was).elements())
        if (len(gone), len(new)) == (0, 1):
            return "box.added", {"label": new[0][0]}
        if (len(gone), len(new)) == (1, 0):
            return "box.removed", {"label": gone[0][0]}
        if (len(gone), len(new)) == (1, 1) and gone[0][0] == new[0][0]:
            return "box.moved", {"label": new[0][0]}
        if (len(gone), len(new)) == (1, 1) and gone[0][1:] == new[0][1:]:
            return "box.relabelled", {"old": gone[0][0], "new": new[0][0]}
    labels = summary(box[0] for boxes in after for box in boxes or ())
    return "boxes.set", {"boxes": number, "labels": labels or "–"}
