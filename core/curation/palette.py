"""Colours that tell tags and classes apart, in every view the same."""

from collections.abc import Collection

#: The first seven are Okabe and Ito's colours for all kinds of colour vision without black (Color
#: Universal Design, 2008, https://jfly.uni-koeln.de/color/); then further hues in between.
PALETTE = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#F0E442", "#7F5FD3",
    "#8C6D4F", "#B0304B", "#6F9E2E", "#2AB5B5", "#F28E8E", "#A04C9C", "#3D7A4A", "#B5A1E0",
    "#4C66A8", "#C48A5A", "#8FD1A0", "#E36FC4",
)  # fmt: skip


def free_colour(taken: Collection[str], place: int = 0) -> str:
    """The first colour of the palette that is not taken; when all are, the one at `place`.

    Args:
        taken: `#rrggbb`, in either case.
        place: counts through the palette again and again.
    """
    used = {colour.upper() for colour in taken}
    return next((each for each in PALETTE if each not in used), PALETTE[place % len(PALETTE)])
