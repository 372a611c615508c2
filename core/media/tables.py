"""The image table."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import NaiveDatetime
from sqlmodel import Field, SQLModel, col

from core.database import now


class Image(SQLModel, table=True):
    """One picture of a project. The same content stands in a project once."""

    __table_args__ = (
        sa.UniqueConstraint("project_id", "content_hash"),
        sa.Index("ix_image_name", "project_id", "name"),
        # Few images have a note.
        sa.Index(
            "ix_image_noted", "project_id", "id",
            sqlite_where=sa.text("note != ''"), postgresql_where=sa.text("note != ''"),
        ),
        # Whoever asks for one of these of every image reads this, not the long rows.
        sa.Index(
            "ix_image_numbers",
            "project_id", "id", "batch_id", "format", "byte_size", "width", "height",
            "uploaded_at", "captured_at", "camera", "deleted_at",
        ),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id")
    batch_id: int = Field(foreign_key="batch.id", index=True)
    #: The file's name with its folders, as uploaded, e.g. `line-3/0001.jpg`.
    name: str
    #: SHA-256 of the file's bytes, in hexadecimal: the key of the original and the thumbnail. Until
    #: the bytes were read, `unread-` and a number of the same length made from the file's place.
    content_hash: str = Field(index=True)
    #: The decoder's name of the format: JPEG, PNG, ...
    format: str
    #: Size in pixels after the EXIF orientation is applied.
    width: int
    height: int
    #: Size of the file in bytes.
    byte_size: int = Field(sa_type=sa.BigInteger)
    #: When the camera took it: local time without a zone, as EXIF has it.
    captured_at: NaiveDatetime | None = None
    camera: str | None = None
    #: EXIF tags by name, as far as they are text or numbers.
    exif: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    #: How values of more than 8 bits a channel were mapped (`tones.Tones`); None: there are none.
    tones: dict[str, Any] | None = Field(default=None, sa_type=sa.JSON)
    #: What people know of the picture: field name -> text, number or truth value.
    attributes: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    #: What people wrote about it.
    note: str = Field(default="", sa_column_kwargs={"server_default": ""})
    #: URL of the original where it is left in its place, or not copied yet; None: it is kept under
    #: its content hash.
    origin: str | None = None
    #: What the file at `origin` was like: changes whenever the file does.
    origin_version: str | None = None
    uploaded_at: datetime = Field(default_factory=now)
    #: When it was put into the bin; None: it was not.
    deleted_at: datetime | None = None


UNREAD = "unread-"


def unread() -> sa.ColumnElement[bool]:
    """A condition on `Image`: listed, but its file was not read yet."""
    # What the index finds, in whatever order a database puts letters: no hexadecimal digit is a g.
    return col(Image.content_hash) > "g"


class RemovedImage(SQLModel, table=True):
    """The highest id of all images that were removed for good: no other image may get it."""

    __tablename__ = "removed_image"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
