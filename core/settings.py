"""Settings: every one is an environment variable `DATAG_<NAME>` and stands in docs/settings.md."""

import os
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
#: Every folder and every bucket.
EVERYWHERE = ("/", "s3://")
_LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}


class Settings(BaseSettings):
    """DATAG's settings, read once from the environment and an optional `.env` file."""

    model_config = SettingsConfigDict(env_prefix="DATAG_", env_file=ROOT / ".env", extra="ignore")

    data_dir: Path = Field(
        ROOT / "data", description="Folder for the database, pictures, weights and caches."
    )
    database_url: str = Field(
        "", description="SQLAlchemy URL of the database; empty: SQLite in the data folder."
    )
    jobs_database_url: str = Field(
        "", description="SQLAlchemy URL of the job queue; empty: SQLite in the data folder."
    )
    media_url: str = Field(
        "", description="fsspec URL where originals are kept; empty: `media` in the data folder."
    )
    source_roots: list[str] | None = Field(
        None,
        description="Folders of the server and `s3://bucket/prefix` places that images may be "
        "brought from (a JSON list). Not set: everything, while the app answers only to its own "
        "machine (`DATAG_ALLOWED_HOSTS`); else nothing.",
    )
    watch_seconds: float = Field(
        5.0, gt=0, description="Seconds between two looks at a watched folder or bucket."
    )
    s3_endpoint_url: str = Field(
        "",
        description="Address of an S3 server that is not Amazon's, such as "
        "`http://minio.factory:9000`; empty: as boto3 is set up (`AWS_ENDPOINT_URL`).",
    )
    s3_access_key: str = Field(
        "",
        description="Access key of S3; empty: boto3's own ways (`AWS_ACCESS_KEY_ID`, a profile, "
        "the machine's role).",
    )
    s3_secret_key: SecretStr = Field(SecretStr(""), description="Secret key of S3, likewise.")
    weights_dir: Path | None = Field(
        None, description="Folder for model weights; empty: `weights` in the data folder."
    )
    language: Literal["en", "ko"] = Field(
        "en", description="Language of the interface for a visitor who has chosen none."
    )
    start_worker: bool = Field(
        True, description="Whether the app starts and watches a worker process of its own."
    )
    allowed_hosts: list[str] = Field(
        ["127.0.0.1", "localhost", "[::1]"],
        description="Host names under which the app answers (a JSON list); guards a local "
        "workbench against pages of other sites.",
    )
    decode_threads: int = Field(
        0, ge=0, description="Threads that decode pictures; 0: one for each core."
    )
    inference_threads: int = Field(
        0, ge=0, description="Threads of a model's forward pass; 0: one for each core."
    )
    device: Literal["auto", "cpu", "cuda"] = Field(
        "auto",
        description="What the models run on; auto: a graphics card with CUDA where torch finds "
        "one, else the processor. Models that are ONNX files always run on the processor.",
    )
    inference_precision: Literal["auto", "f32", "mixed", "bf16"] = Field(
        "auto",
        description="Number format of the models; auto: bf16, or bf16 in a part of the layers "
        "(mixed), where the processor or graphics card has it and the model finds and says the "
        "same in it on photos and on a project's own first images, else f32.",
    )
    batch_size: int = Field(32, ge=1, le=512, description="Images in one forward pass.")
    thumbnail_size: int = Field(
        256, ge=64, le=1024, description="Longest side of a thumbnail in pixels."
    )
    max_image_pixels: int = Field(
        250_000_000, ge=1, description="A picture with more pixels is refused."
    )
    max_pages: int = Field(
        10_000, ge=1, description="A TIFF with more pages is refused; each page is an image."
    )
    max_file_bytes: int = Field(
        20_000_000_000, ge=1, description="An uploaded file with more bytes is refused."
    )
    max_sidecar_bytes: int = Field(
        1_000_000_000,
        ge=1,
        description="A table or file of labels beside the images with more bytes is refused.",
    )
    upload_keep_days: int = Field(
        7, ge=1, description="Days that an upload which broke off can be gone on with."
    )
    link_keep_days: int = Field(
        90, ge=1, description="Days that a link's selection is kept after it was last used."
    )
    max_archive_entries: int = Field(
        1_000_000, ge=1, description="A zip with more entries is refused."
    )
    max_archive_bytes: int = Field(
        100_000_000_000, ge=1, description="A zip that unpacks to more bytes is refused."
    )
    max_archive_ratio: int = Field(
        200, ge=2, description="A zip entry that unpacks to more times its size is refused."
    )

    official_weights_url: str = Field(
        "https://download.pytorch.org/models",
        description="Where torchvision's official weights are fetched; a mirror of one's own will "
        "do.",
    )
    allow_pickled_models: bool = Field(
        False,
        description="Whether Ultralytics' `.pt` files are taken. Unpickling one runs whatever code "
        "it holds, so allow it only where everyone who can bring models is trusted.",
    )
    draft_keep_days: int = Field(
        30, ge=1, description="Days that a model which was brought but never saved is kept."
    )
    max_model_bytes: int = Field(
        4_000_000_000, ge=1, description="A model file with more bytes is refused."
    )

    @property
    def resolved_source_roots(self) -> tuple[str, ...]:
        """Where images may be brought from, the default filled in."""
        if self.source_roots is not None:
            return tuple(self.source_roots)
        return EVERYWHERE if set(self.allowed_hosts) <= _LOOPBACK else ()

    @property
    def sqlite_path(self) -> Path:
        """Where the default database lies."""
        return self.data_dir / "datag.db"

    @property
    def resolved_database_url(self) -> str:
        """The database's URL, the default filled in."""
        return self.database_url or f"sqlite:///{self.sqlite_path}"

    @property
    def resolved_jobs_database_url(self) -> str:
        """The job queue's URL, the default filled in."""
        return self.jobs_database_url or f"sqlite:///{self.data_dir / 'jobs.db'}"

    @property
    def resolved_media_url(self) -> str:
        """The originals' fsspec URL, the default filled in."""
        return self.media_url or str(self.data_dir / "media")

    @property
    def resolved_weights_dir(self) -> Path:
        """The weights' folder, the default filled in."""
        return self.weights_dir or self.data_dir / "weights"

    @property
    def thumbnails_dir(self) -> Path:
        """Folder of the thumbnails."""
        return self.data_dir / "thumbnails"

    @property
    def uploads_dir(self) -> Path:
        """Folder of uploads that are not ingested yet."""
        return self.data_dir / "uploads"

    @property
    def exports_dir(self) -> Path:
        """Folder of finished exports."""
        return self.data_dir / "exports"

    @property
    def models_cache_dir(self) -> Path:
        """Folder of the models' converted graphs."""
        return self.cache_dir / "models"

    @property
    def cache_dir(self) -> Path:
        """Folder of what can be made again: compiled models, neighbour graphs."""
        return self.data_dir / "cache"


def decode_threads() -> int:
    """Threads that decode pictures: as set, or one for each core."""
    return settings().decode_threads or os.cpu_count() or 1


@lru_cache
def settings() -> Settings:
    """The settings of this process."""
    return Settings()
