"""What is wrong with a query, where, and what to write instead."""

from core.errors import UserError
from core.i18n import t


class QueryError(UserError):
    """A query that cannot be understood; the texts are `query.error.*` and `query.hint.*`."""

    def __init__(self, reason: str, column: int, length: int = 1, **params: object) -> None:
        #: What is wrong, e.g. `unknown_field`.
        self.reason = reason
        #: 1-based; with `length` the part of the text to point at.
        self.column = column
        self.length = max(length, 1)
        super().__init__(f"query.error.{reason}", column=column, **params)

    @property
    def hint(self) -> str:
        """What to write instead, in the language of this context."""
        return t(f"query.hint.{self.reason}", **self.params)

    def shown(self) -> dict[str, str | int]:
        """What a text field shows of it: where, what, and what to write instead."""
        return {
            "column": self.column, "length": self.length, "message": str(self), "hint": self.hint
        }  # fmt: skip
