"""Images that have a row since their source was listed: their files read, the rows filled in."""

import os
from collections.abc import Callable
from dataclasses import dataclass

from core.media.decoding import Refused
from core.media.origins import Unavailable, Unreachable, read_in_place
from core.media.places import Place


@dataclass(slots=True)
class ListedImage:
    """An image whose row says where its file lies, but whose file was not read yet.

    Attributes:
        in_place: whether the original stays where it is.
        is_there: whether the source as a whole can be reached; asked where a file cannot be read.
        version: what the file was like when it was read.
    """

    image_id: int
    place: Place
    in_place: bool
    is_there: Callable[[], bool]
    version: str | None

    def read(self) -> bytes:
        """The file's bytes.

        Raises:
            Refused: the file is gone since it was listed, or cannot be read.
            Unavailable: the whole source cannot be reached.
            UserError: the settings do not allow it any more.
        """
        try:
            data, version = read_in_place(self.place)
        except Unreachable:
            raise
        except Unavailable as error:
            if not self.is_there():
                raise
            raise Refused(error.key, **error.params) from None
        self.version = version or self.version
        return data


def reaches(place: Place) -> Callable[[], bool]:
    """A function that tells whether a source can be reached."""

    def look() -> bool:
        # A bucket that cannot be reached says so itself. An empty folder is most likely the place
        # where a drive is not mounted any more.
        try:
            return place.is_s3 or place.path.is_file() or any(os.scandir(place.path))
        except OSError:
            return False

    return look
