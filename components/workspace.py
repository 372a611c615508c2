"""What a visitor has asked for and chosen in a project, the same on every page."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from core.curation.selections import Selection

Ids = npt.NDArray[np.int64]


def _nothing() -> Selection:
    return Selection(np.empty(0, dtype=np.int64))


@dataclass
class Workspace:
    """One visitor's work in one project: query, selection, opened image."""

    project_id: int
    #: Text of the query that the images page shows; empty: everything.
    query: str = ""
    selection: Selection = field(default_factory=_nothing)
    #: Changes with the selection: tells a view whether it must take it over.
    version: int = 0
    #: Changes with tags, metadata and predictions: tells a view whether it must ask again.
    data_version: int = 0
    #: `version` at the last change of data; None before the first.
    edited_at: int | None = None
    #: The image in the detail view.
    opened: int | None = None

    @property
    def selected(self) -> Ids:
        """int64 (k,): ids of the selected images, in the order of the view they come from."""
        return self.selection.image_ids

    def select(self, image_ids: Ids, **provenance: Any) -> None:
        """Choose these images; every view shows it."""
        self.selection = Selection(np.asarray(image_ids, dtype=np.int64), provenance)
        self.version += 1

    def deselect(self, image_ids: Ids) -> None:
        """Take these images out of the selection, if any of them is in it."""
        left = self.selected[~np.isin(self.selected, image_ids)]
        if len(left) < len(self.selected):
            self.select(left, **self.selection.provenance)

    def changed(self) -> None:
        """Tags, metadata or predictions of shown images have changed."""
        self.data_version += 1
        self.edited()

    def refreshed(self) -> None:
        """Somebody else changed data."""
        self.data_version += 1

    def edited(self) -> None:
        """The visitor changed data, which only the view in which it was done shows."""
        self.edited_at = self.version

    @property
    def edited_last(self) -> bool:
        """Whether nothing was selected since the last change of data."""
        return self.edited_at == self.version


def workspace(project_id: int) -> Workspace:
    """The visitor's work in a project."""
    works: dict[int, Workspace] = st.session_state.setdefault("workspaces", {})
    return works.setdefault(project_id, Workspace(project_id))
