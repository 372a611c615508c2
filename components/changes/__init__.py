"""What the visitor changed last: said in a message, taken back, done again."""

from components.changes.bar import undo_bar
from components.changes.notices import last_notice, say, say_refused
from components.changes.steps import step, take_back

__all__ = [
    "last_notice",
    "say",
    "say_refused",
    "step",
    "take_back",
    "undo_bar",
]
