"""Changes of tags by one key or click, with the message that says what they did."""

import numpy as np

from components.changes import say, say_refused
from components.context import viewer
from components.workspace import Ids, workspace
from core.curation.favourites import toggle_favourite
from core.curation.tags import add_tag, remove_tag
from core.errors import UserError
from core.history.tables import Event
from core.i18n import t


def toggle(project_id: int, number: int, image_ids: Ids) -> None:
    """Give images the favourite tag of a key, or take it where all have it; for callbacks."""
    try:
        name, event = toggle_favourite(viewer(), project_id, number, image_ids)
    except UserError as error:
        say_refused(project_id, error)
        return
    _tell(project_id, name, image_ids, event)


def give(project_id: int, name: str, image_ids: Ids) -> bool:
    """Give images a tag; for callbacks. False where the tag is refused."""
    try:
        event = add_tag(viewer(), project_id, name, image_ids)
    except UserError as error:
        say_refused(project_id, error)
        return False
    _tell(project_id, name, image_ids, event)
    return True


def take(project_id: int, name: str, image_ids: Ids) -> bool:
    """Take a tag from images; for callbacks. False where there is no such tag any more."""
    try:
        event = remove_tag(viewer(), project_id, name, image_ids)
    except UserError as error:
        say_refused(project_id, error)
        return False
    _tell(project_id, name, image_ids, event)
    return True


def _tell(project_id: int, name: str, image_ids: Ids, event: Event | None) -> None:
    if event is None:
        say_refused(project_id, t("changes.tag_unchanged", tag=name))
        return
    n, total = f"{event.image_count:,}", f"{len(np.unique(image_ids)):,}"
    if event.kind == "tag.removed" and event.image_count < len(image_ids):
        said = "tag_removed_some"
    elif event.kind == "tag.added":
        said = "tag_added_one" if total == "1" else "tag_added"
    else:
        said = "tag_removed_one" if total == "1" else "tag_removed"
    say(project_id, event, t(f"changes.{said}", tag=name, n=n, total=total))
    workspace(project_id).changed()
