"""A look at a folder or a bucket before anything of it is taken: how much there is, and what."""

import time
from dataclasses import dataclass, field

from core.errors import UserError
from core.i18n import t
from core.media.places import Place
from core.sources.listing import Found, list_source

_SECONDS = 3.0  # that somebody waits for a look
_NAMED = 8


@dataclass
class Preview:
    """What was seen of a source.

    Attributes:
        names: of the first files.
        left_out: the first things that will not be taken, each with its reason.
        complete: whether all of it was seen within the time for a look.
    """

    files: int = 0
    bytes: int = 0
    names: list[str] = field(default_factory=list)
    left_out_count: int = 0
    left_out: list[tuple[str, str]] = field(default_factory=list)
    complete: bool = True


def preview(place: Place, recursive: bool, seconds: float = _SECONDS) -> Preview:
    """Look at a source for a few seconds.

    Raises:
        UserError: it may not be read, is not there, or does not answer.
    """
    seen = Preview()
    until = time.monotonic() + seconds
    for each in list_source(place, recursive):
        if isinstance(each, Found):
            seen.files += 1
            seen.bytes += each.bytes
            if len(seen.names) < _NAMED:
                seen.names.append(each.name)
        else:
            seen.left_out_count += 1
            if len(seen.left_out) < _NAMED:
                reason: UserError = each.reason
                seen.left_out.append((each.name, t(reason.key, **reason.params)))
        if time.monotonic() > until:
            seen.complete = False
            break
    return seen
