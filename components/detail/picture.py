"""The picture of the opened image, and the way to its neighbours in the result."""

import numpy as np
import streamlit as st

from components.assets import base_path
from components.context import viewer
from components.detail.boxes import box_editing, tell_others
from components.detail.saving import show_problem
from components.viewer import ViewerBox, ViewerEvent, ViewerImage
from components.viewer import viewer as picture_viewer
from components.workspace import Ids, workspace
from core.analysis.boxes import image_boxes
from core.annotations import image_drawn
from core.database import reading
from core.i18n import t
from core.media.images import load_image
from core.media.tables import Image
from core.projects.tables import Project


def picture(project: Project, result: Ids, *, height: int) -> None:
    """Draw the opened image with its boxes to correct; arrow keys go through the result.

    The result is kept as it was when the image was opened: tagging must not take away the next
    image under the hand of whoever tags.

    Args:
        result: int64 (N,), the image ids that the page shows now.
        height: CSS px.

    Raises:
        NotFound: the opened image does not exist, or the viewer may not see it.
    """
    assert project.id is not None
    project_id = project.id
    work = workspace(project_id)
    assert work.opened is not None
    image_id = work.opened
    among = _neighbours(project_id, work.opened, result)
    position = int(np.flatnonzero(among == work.opened)[0])
    with reading() as session:
        image = load_image(session, viewer(), work.opened)
        boxes = image_boxes(session, viewer(), work.opened)
        drawn = image_drawn(session, viewer(), work.opened)

    def asked(event: ViewerEvent) -> None:
        if event.kind == "close":
            close(project_id)
        else:
            step = 1 if event.kind == "next" else -1
            work.opened = int(among[min(max(position + step, 0), len(among) - 1)])

    picture_viewer(
        ViewerImage(
            id=work.opened,
            url=f"{base_path()}/api/images/{work.opened}/original",
            width=image.width,
            height=image.height,
            name=image.name,
            note=tones_text(image),
            boxes=[
                ViewerBox(box.label, box.confidence, (box.x0, box.y0, box.x1, box.y1))
                for box in boxes
            ],
            drawn=drawn,
        ),
        key=f"viewer:{project_id}",
        position=t("detail.position", n=f"{position + 1:,}", total=f"{len(among):,}"),
        height=height,
        editing=box_editing(project, image_id),
        asked=asked,
    )
    show_problem(image_id, "boxes")


def tones_text(image: Image) -> str:
    """How the values of more than 8 bits are shown; empty where there are none."""
    if not image.tones:
        return ""
    low, high = (f"{image.tones[end]:,.6g}" for end in ("low", "high"))
    return t("detail.tones", type=image.tones["type"], low=low, high=high)


def close(project_id: int) -> None:
    """Go back to the gallery."""
    workspace(project_id).opened = None
    st.session_state.pop(_key(project_id), None)
    tell_others(project_id)


def leave(project_id: int, gone: int) -> None:
    """The opened image is there no longer: go to the next one, after the last to the one before."""
    work = workspace(project_id)
    among = _neighbours(project_id, gone, np.array([gone]))
    place = int(np.flatnonzero(among == gone)[0])
    left = np.delete(among, place)
    if not len(left):
        close(project_id)
        return
    st.session_state[_key(project_id)] = left
    work.opened = int(left[min(place, len(left) - 1)])


def _neighbours(project_id: int, opened: int, result: Ids) -> Ids:
    kept: Ids | None = st.session_state.get(_key(project_id))
    if kept is None or opened not in kept:
        kept = result if opened in result else np.array([opened], dtype=np.int64)
        st.session_state[_key(project_id)] = kept
    return kept


def _key(project_id: int) -> str:
    return f"opened_among:{project_id}"
