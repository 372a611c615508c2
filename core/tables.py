"""Every table of DATAG, imported so that the metadata is complete."""

from sqlmodel import SQLModel

from core.accounts.tables import User
from core.analysis.tables import Box, Embedding, FormatCheck, Prediction, Quality
from core.annotations.tables import AnnotatedBox, Annotation
from core.changes.tables import Change
from core.curation.tables import (
    FavouriteTag,
    ImageTag,
    KeptSelection,
    MetadataField,
    SavedSelection,
    SelectedImage,
    Tag,
)
from core.history.tables import Event
from core.imports.tables import ImportProblem
from core.ingest.tables import Batch, BatchFile
from core.jobs.tables import Job
from core.maps.tables import Map, MapData
from core.media.tables import Image, RemovedImage
from core.models.tables import UserModel
from core.projects.tables import Project
from core.scores.tables import ImageScore
from core.search.tables import SavedQuery, SeenQuery
from core.sources.tables import Source, SourceFile

metadata = SQLModel.metadata

__all__ = [
    "AnnotatedBox",
    "Annotation",
    "Batch",
    "BatchFile",
    "Box",
    "Change",
    "Embedding",
    "Event",
    "FavouriteTag",
    "FormatCheck",
    "Image",
    "ImageScore",
    "ImageTag",
    "ImportProblem",
    "Job",
    "KeptSelection",
    "Map",
    "MapData",
    "MetadataField",
    "Prediction",
    "Project",
    "Quality",
    "RemovedImage",
    "SavedQuery",
    "SavedSelection",
    "SeenQuery",
    "SelectedImage",
    "Source",
    "SourceFile",
    "Tag",
    "User",
    "UserModel",
    "metadata",
]
