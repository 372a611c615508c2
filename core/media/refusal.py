"""Files that are not taken in."""

from core.errors import UserError


class Refused(UserError):
    """A file that is not taken in; the text says why."""
