"""Tags, selections that are saved by name or kept for links, types of metadata fields."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from core.database import now


class Tag(SQLModel, table=True):
    """A word that people give to images of a project."""

    __table_args__ = (sa.UniqueConstraint("project_id", "folded"),)

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id")
    name: str
    #: The name in NFC and case-folded: `Scratch` and `scratch` are one tag.
    folded: str
    #: CSS colour.
    colour: str
    created_at: datetime = Field(default_factory=now)


class ImageTag(SQLModel, table=True):
    """An image has a tag."""

    __tablename__ = "image_tag"

    tag_id: int = Field(primary_key=True, foreign_key="tag.id", ondelete="CASCADE")
    image_id: int = Field(primary_key=True, foreign_key="image.id", ondelete="CASCADE", index=True)


class FavouriteTag(SQLModel, table=True):
    """A tag that a person gives and takes by a key, 1 to 9."""

    __tablename__ = "favourite_tag"

    user_id: int = Field(primary_key=True, foreign_key="user.id")
    project_id: int = Field(primary_key=True, foreign_key="project.id")
    number: int = Field(primary_key=True)
    tag_id: int = Field(foreign_key="tag.id", ondelete="CASCADE", index=True)


class SavedSelection(SQLModel, table=True):
    """A named set of images that a query can refer to: `in:"name"`."""

    __tablename__ = "saved_selection"
    __table_args__ = (sa.UniqueConstraint("project_id", "folded"),)

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id")
    name: str
    folded: str
    #: How it came about: {"kind": "lasso", "map": 3} and the like.
    provenance: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    created_at: datetime = Field(default_factory=now)
    created_by: int = Field(foreign_key="user.id")


class SelectedImage(SQLModel, table=True):
    """An image is in a saved selection."""

    __tablename__ = "selected_image"

    selection_id: int = Field(
        primary_key=True, foreign_key="saved_selection.id", ondelete="CASCADE"
    )
    image_id: int = Field(primary_key=True, foreign_key="image.id", ondelete="CASCADE", index=True)


class MetadataField(SQLModel, table=True):
    """What the values of a metadata field are; a field without a row may hold anything."""

    __tablename__ = "metadata_field"

    project_id: int = Field(primary_key=True, foreign_key="project.id")
    name: str = Field(primary_key=True)
    #: `text`, `number`, `date`, `boolean` or `choice`.
    kind: str
    #: Of a number; empty: it has none.
    unit: str = ""
    #: Of a choice.
    choices: list[str] = Field(default_factory=list, sa_type=sa.JSON)


class KeptSelection(SQLModel, table=True):
    """A set of images that the address of a page stands for, until nobody has used it for long."""

    __tablename__ = "kept_selection"

    project_id: int = Field(primary_key=True, foreign_key="project.id")
    #: Made of the ids alone, so that the same images have the same address.
    key: str = Field(primary_key=True)
    #: Ascending ids as `core.history.pack_ids` writes them.
    image_ids: bytes
    #: As in SavedSelection, of whoever selected these images first.
    provenance: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    created_by: int = Field(foreign_key="user.id")
    used_at: datetime = Field(default_factory=now, index=True)
