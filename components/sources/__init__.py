"""A folder or a bucket of the server on the page: looked at, taken in, watched."""

from components.sources.form import source_form
from components.sources.watching import watch_panel

__all__ = ["source_form", "watch_panel"]
