"""Amounts as people read them."""


def file_size(n: int) -> str:
    """A number of bytes, in units of a thousand."""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if n >= size:
            return f"{n / size:.1f} {unit}"
    return f"{n:,} B"
