"""What of the files beside the images was not taken over."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

#: What stands in front of the name of imported vectors where others have a model's key.
VECTORS = "vectors:"


class ImportProblem(SQLModel, table=True):
    """One thing that a file says and that found no image or cannot be, as the report lists it."""

    __tablename__ = "import_problem"

    id: int | None = Field(default=None, primary_key=True)
    batch_file_id: int = Field(foreign_key="batch_file.id", ondelete="CASCADE", index=True)
    #: The image that it is about, as the file has it.
    name: str
    #: Where in the file it stands.
    place: str
    #: Key of the text that says why, and what fills its placeholders.
    reason: str
    reason_params: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
