"""The tags that are suggested for images, asked again only when images or data have changed."""

import streamlit as st

from components.context import viewer
from components.workspace import Ids, workspace
from core.curation.suggestions import TagSuggestion, suggest_tags
from core.database import reading
from core.projects.tables import Project


def suggested(project: Project, image_ids: Ids) -> list[TagSuggestion]:
    """Suggested tags for these images, the surest first.

    Args:
        image_ids: int64 (N,).
    """
    work = workspace(project.id or 0)
    state = (work.project_id, image_ids.tobytes(), work.data_version)
    kept: tuple[object, list[TagSuggestion]] | None = st.session_state.get("tag_suggestions")
    if kept is None or kept[0] != state:
        with reading() as session:
            kept = (state, suggest_tags(session, viewer(), project, image_ids))
        st.session_state.tag_suggestions = kept
    return kept[1]
