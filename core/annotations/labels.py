"""What people say an image shows: set, corrected, taken back, for one image or for many."""

from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from typing import Literal

from sqlmodel import Session

from core.accounts.access import Viewer
from core.annotations.states import (
    Said,
    packed_said,
    read_said,
    unpacked_said,
    write_said,
)
from core.curation.names import checked_name
from core.curation.scope import Ids, id_array, touchable, visible_project
from core.database import now, writing
from core.errors import Outdated, UserError
from core.history import Change, inverse_of, record, unpack_ids
from core.history.packing import coded, decoded, pack_parts, unpack_parts
from core.history.tables import Event

#: Who says it: `import`, what came with the images; `hand`, a person in the app.
Source = Literal["import", "hand"]

_SUMMARY = 200


def set_label(
    viewer: Viewer, project_id: int, label: str | None, image_ids: Ids, source: Source = "hand"
) -> Event | None:
    """Say of many images that they show the same; see `set_labels`."""
    labels = dict.fromkeys(id_array(image_ids).tolist(), label)
    return set_labels(viewer, project_id, labels, source)


def set_labels(
    viewer: Viewer,
    project_id: int,
    labels: Mapping[int, str | None],
    source: Source = "hand",
    *,
    seen: Mapping[int, str | None] | None = None,
    session: Session | None = None,
) -> Event | None:
    """Say what images show; None takes back what was said. Models' answers stay beside it.

    Returns the event with exactly the images whose label changed, None when there was none. Ids of
    other projects and of images that the viewer may not see are passed over.

    Args:
        labels: the class by image id.
        seen: the labels that an editor saw; a change since then is an error.
        session: of `writing()`, where this belongs to a larger change.

    Raises:
        UserError: an unfit label.
        Outdated: someone changed one that the editor had `seen`.
    """
    names = {label: None if label is None else checked_name(label) for label in labels.values()}
    with writing() if session is None else nullcontext(session) as session:
        visible_project(session, viewer, project_id)
        present = read_said(session, touchable(viewer, project_id, labels))
        for image_id, said in present.items() if seen is not None else ():
            if _label(said) != (seen or {}).get(image_id):
                raise Outdated("annotations.label_changed", label=_label(said) or "–")
        new = {
            image_id: names[labels[image_id]]
            for image_id, said in present.items()
            if _label(said) != names[labels[image_id]]
        }
        if not new:
            return None
        stamp = Said(None, False, source, now(), viewer.user_id)
        rows = {id_: _relabelled(present[id_], label, stamp) for id_, label in new.items()}
        change = _write(session, present, rows)
        return record(
            session,
            viewer,
            project_id,
            change.kind,
            change.details,
            change.image_ids,
            undo_data=change.undo_data,
        )


@inverse_of("label.set")
@inverse_of("label.removed")
def _unset(session: Session, viewer: Viewer, event: Event) -> Change:
    image_ids = unpack_ids(event.image_ids).tolist()
    parts = unpack_parts(event.undo_data or b"")
    before = dict(zip(image_ids, unpacked_said(parts), strict=True))
    after = dict(zip(image_ids, decoded(parts["after"], parts["after_codes"]), strict=True))
    condition = touchable(viewer, event.project_id, image_ids, binned=True)
    present = read_said(session, condition)
    if not present:
        raise UserError("curation.nothing_to_undo")
    stands = {id_: said for id_, said in present.items() if _label(said) == after[id_]}
    if not stands:
        label = _label(next(iter(present.values()))) or "–"
        raise UserError("annotations.label_changed", label=label)
    rows = {id_: _restored(said, before[id_]) for id_, said in stands.items()}
    return replace(_write(session, present, rows), left=len(present) - len(stands))


def _label(said: Said | None) -> str | None:
    return None if said is None else said.label


def _relabelled(said: Said | None, label: str | None, stamp: Said) -> Said | None:
    """A row with another label; None: there is nothing left to say."""
    has_boxes = said is not None and said.has_boxes
    if label is None and not has_boxes:
        return None
    return stamp._replace(label=label, has_boxes=has_boxes)


def _restored(said: Said | None, before: Said | None) -> Said | None:
    """The row as it was, but for boxes that were drawn or taken away since."""
    has_boxes = said is not None and said.has_boxes
    if before is not None:
        return before._replace(has_boxes=has_boxes)
    return said._replace(label=None) if said is not None and has_boxes else None


def _write(
    session: Session, present: Mapping[int, Said | None], rows: Mapping[int, Said | None]
) -> Change:
    write_said(session, rows)
    after, codes = coded([_label(said) for said in rows.values()])
    before = [present[image_id] for image_id in rows]
    data = pack_parts(**packed_said(before), after=after, after_codes=codes)
    kind = "label.removed" if after == [None] else "label.set"
    shown = (_label(said) for said in before) if after == [None] else after
    return Change(kind, {"label": summary(shown)}, list(rows), data)


def summary(labels: Iterable[str | None]) -> str:
    """Distinct labels as a sentence names them."""
    text = ", ".join("–" if label is None else label for label in dict.fromkeys(labels))
    return text if len(text) <= _SUMMARY else f"{text[: _SUMMARY - 1]}…"
