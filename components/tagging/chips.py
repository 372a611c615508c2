"""Tags to give by one click: a person's favourites with their keys, and suggested ones."""

from collections.abc import Mapping

import streamlit as st

from components.context import plain, viewer
from components.tagging.acts import give, toggle
from components.tagging.suggestions import suggested
from components.workspace import Ids
from core.curation.favourites import favourites
from core.database import reading
from core.i18n import t
from core.projects.tables import Project


def favourite_chips(
    project: Project, image_ids: Ids, present: Mapping[str, int], *, key: str
) -> None:
    """Draw the favourite tags; a click gives one to all images, or takes it where all have it.

    Args:
        image_ids: int64 (N,), at least one.
        present: how many of the images have each tag.
        key: prefix of the widgets' keys.
    """
    with reading() as session:
        known = favourites(session, viewer(), project)
    if not known:
        st.caption(t("tagging.no_favourites"))
        return
    with st.container(horizontal=True, gap="xsmall", key=f"{key}:favourites"):
        for number, tag in known.items():
            having = present.get(tag.name, 0)
            everywhere = having == len(image_ids)
            st.button(
                f":gray-badge[{number}] {plain(tag.name)}",
                icon=":material/check:" if everywhere else None,
                type="primary" if everywhere else "secondary",
                key=f"{key}:favourite:{number}",
                help=t("tagging.take_by_key" if everywhere else "tagging.give_by_key", n=number),
                on_click=toggle,
                args=(project.id or 0, number, image_ids),
            )


def suggestion_chips(project: Project, image_ids: Ids, *, key: str) -> None:
    """Draw the tags that the most similar images have; a click gives one. Nothing without any.

    Args:
        image_ids: int64 (N,), at least one.
        key: prefix of the widgets' keys.
    """
    found = suggested(project, image_ids)
    if not found:
        return
    with st.container(gap="xsmall", key=f"{key}:suggestions"):
        st.caption(t("tagging.suggested"), help=t("tagging.suggested_help"))
        with st.container(horizontal=True, gap="xsmall"):
            for number, each in enumerate(found, start=1):
                st.button(
                    f"{plain(each.tag.name)} :gray[{each.confidence:.0%}]",
                    icon=":material/add:",
                    key=f"{key}:suggestion:{each.tag.id}",
                    help=t("tagging.suggestion", having=each.having, asked=each.asked, n=number),
                    on_click=_give,
                    args=(project.id or 0, each.tag.name, image_ids),
                )


def _give(project_id: int, name: str, image_ids: Ids) -> None:
    give(project_id, name, image_ids)
