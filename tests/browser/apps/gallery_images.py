"""What the gallery's test page and its routes agree on."""

from __future__ import annotations

# Beyond 32 bit, so that an id cut short on its way is noticed.
FIRST_ID = 5_000_000_000
# Display positions of an image without a picture and of one that has been deleted.
MISSING = 3
GONE = 4


def hostile_name() -> str:
    return '<img src=x onerror="window.hacked=1"> and a name that goes on and on.png'
