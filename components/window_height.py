"""Components that are as high as the browser's window allows."""

from dataclasses import dataclass


@dataclass(frozen=True)
class WindowHeight:
    """The window's height without what stands above and below a component.

    Attributes:
        around: CSS px of the window that are left to everything else.
        least: CSS px that the component has in a low window.
    """

    around: int
    least: int


def height_data(height: int | WindowHeight) -> dict[str, int]:
    """As the browser side takes it; `around` is 0 where the height is fixed."""
    if isinstance(height, int):
        return {"height": height, "around": 0}
    return {"height": height.least, "around": height.around}
