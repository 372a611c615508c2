"""Errors that a person caused or can mend; everything else is a defect and stays a traceback."""

from core.i18n import t


class UserError(Exception):
    """An error with a translatable text: `key` names it, `params` fill its placeholders."""

    def __init__(self, key: str, **params: object) -> None:
        self.key = key
        self.params = params
        super().__init__(key, params)

    def __str__(self) -> str:
        """The sentence in the language of this context."""
        return t(self.key, **self.params)


class NotFound(UserError):
    """What was asked for does not exist, or the viewer may not see it."""


class Outdated(UserError):
    """Someone else changed meanwhile what an editor had seen."""
