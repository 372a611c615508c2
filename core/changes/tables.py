"""One row for each part of the database that a transaction changed."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel


class Change(SQLModel, table=True):
    """Rows of a table came or went (`prediction`), or got other values (`image.note`).

    Ids ascend in the order in which transactions were committed.
    """

    id: int | None = Field(
        default=None,
        primary_key=True,
        sa_type=sa.BigInteger().with_variant(sa.Integer, "sqlite"),
    )
    name: str
    #: Whether rows came and none went.
    added: bool = False
    #: The lowest and the highest image among the changed rows; None: any image's.
    low: int | None = Field(default=None, sa_type=sa.BigInteger)
    high: int | None = Field(default=None, sa_type=sa.BigInteger)
    #: Which tag's rows, and the like; None: any.
    part: int | None = Field(default=None, sa_type=sa.BigInteger)
