"""A model on its way into the catalogue: what was found in its file, what is asked, a trial."""

from components.own_model.draft import show_draft
from components.own_model.finished import show_finished

__all__ = ["show_draft", "show_finished"]
