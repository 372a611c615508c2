"""Boxes and classes as CVAT writes them, for images and for video, version 1.1.

https://docs.cvat.ai/docs/manual/advanced/xml_format/
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from core.imports.facts import (
    BoxFact,
    Fact,
    NotUnderstood,
    Problem,
    Reading,
    Sidecar,
    other_forms,
    picture_size,
)
from core.imports.shapes import Corners, around, around_ellipse, turned

_SHAPES = ("box", "polygon", "polyline", "points", "ellipse", "cuboid", "skeleton", "mask")
#: Shapes with an inside, of which the box around them is taken.
_AREAS = ("box", "polygon", "ellipse", "mask")
_MOST_DIGITS = 18  # of a frame's number


@dataclass
class _Told:
    """What stands in a file beside its boxes."""

    problems: list[Problem] = field(default_factory=list)
    outlines: list[str] = field(default_factory=list)
    attributes: dict[str, None] = field(default_factory=dict)

    def all_problems(self) -> list[Problem]:
        found = self.problems + other_forms(self.outlines)
        if self.attributes:
            params = {"names": ", ".join(list(self.attributes)[:20])}
            found.append(Problem("", "", "imports.problem.shape_attributes", params))
        return found


def read_cvat(sidecar: Sidecar, root: Element) -> Reading:
    """Boxes and classes of a parsed document.

    Outlines, ellipses, masks and turned boxes become the upright box around them. A video's frames
    are named as CVAT names their pictures, `frame_000012`; only frames with a track are spoken of.

    Raises:
        NotUnderstood: it speaks of no image.
    """
    told = _Told()
    images, tracks = root.findall("image"), root.findall("track")
    facts = _images(images, told) if images else _frames(root, tracks, told)
    if not facts and not told.problems:
        raise NotUnderstood("imports.refused.cvat_empty")
    return Reading(sidecar.path, "cvat", facts, told.all_problems())


def _images(images: list[Element], told: _Told) -> list[Fact]:
    any_shape = any(shape.tag in _SHAPES for image in images for shape in image)
    facts: list[Fact] = []
    for image in images:
        name, place = image.get("name", "").strip(), f"image {image.get('id', '')}"
        if not name:
            told.problems.append(Problem("", place, "imports.problem.no_image_name"))
            continue
        size = picture_size(image.get("width"), image.get("height"))
        before = len(told.problems)
        boxes = _boxes(image, name, place, size, told)
        # A file of classes alone says nothing of objects.
        unsaid = not boxes and (not any_shape or len(told.problems) > before)
        label = _class(image, name, place, told)
        facts.append(Fact(name, place, label=label, boxes=None if unsaid else tuple(boxes)))
    return facts


def _class(image: Element, name: str, place: str, told: _Told) -> str | None:
    """The first of an image's tags."""
    found = [tag.get("label", "").strip() for tag in image.findall("tag")]
    labels = list(dict.fromkeys(filter(None, found)))
    for other in labels[1:]:
        params: dict[str, object] = {"kept": labels[0], "label": other}
        told.problems.append(Problem(name, place, "imports.problem.several_classes", params))
    return labels[0] if labels else None


def _frames(root: Element, tracks: Iterable[Element], told: _Told) -> list[Fact]:
    size = picture_size(
        root.findtext("meta/task/original_size/width"),
        root.findtext("meta/task/original_size/height"),
    )
    frames: defaultdict[str, list[BoxFact]] = defaultdict(list)
    failed: set[str] = set()
    for track in tracks:
        label, place = track.get("label", ""), f"track {track.get('id', '')}"
        for shape in track:
            number = shape.get("frame", "")
            if not (number.isascii() and number.isdigit() and len(number) <= _MOST_DIGITS):
                if shape.tag in _SHAPES:
                    told.problems.append(Problem("", place, "imports.problem.no_frame"))
                continue
            name = f"frame_{int(number):06d}"
            drawn = frames[name]
            if shape.get("outside") == "1":
                continue
            before = len(told.problems)
            drawn += _boxes([shape], name, place, size, told, label)
            failed |= {name} if len(told.problems) > before else set()
    return [
        Fact(name, name, boxes=None if name in failed and not boxes else tuple(boxes))
        for name, boxes in frames.items()
    ]


def _boxes(
    shapes: Iterable[Element],
    name: str,
    place: str,
    size: tuple[float, float] | None,
    told: _Told,
    track_label: str = "",
) -> list[BoxFact]:
    boxes: list[BoxFact] = []
    for shape in shapes:
        if shape.tag not in _SHAPES:
            continue
        told.attributes |= dict.fromkeys(a.get("name", "") for a in shape.findall("attribute"))
        if shape.tag not in _AREAS:
            params: dict[str, object] = {"shape": str(shape.tag)}
            told.problems.append(Problem(name, place, "imports.problem.other_shape", params))
            continue
        label = shape.get("label", track_label).strip()
        try:
            corners, form = _corners(shape)
        except ValueError:
            told.problems.append(Problem(name, place, "imports.problem.corners"))
            continue
        if not label:
            told.problems.append(Problem(name, place, "imports.problem.no_label"))
            continue
        told.outlines += [form] if form else []
        boxes.append(BoxFact(label, *corners, pixels=True, size=size))
    return boxes


def _corners(shape: Element) -> tuple[Corners, str]:
    """Corners in pixels, and the shape's kind where they are only around it.

    Raises:
        ValueError: they are no numbers.
    """
    degrees = float(shape.get("rotation") or 0)
    if shape.tag == "box":
        x0, y0, x1, y1 = _numbers(shape, "xtl", "ytl", "xbr", "ybr")
        if not degrees:
            return (x0, y0, x1, y1), ""
        # CVAT turns boxes about their centre.
        return turned((x0, y0, x1, y1), degrees, ((x0 + x1) / 2, (y0 + y1) / 2)), "rotated box"
    if shape.tag == "ellipse":
        x, y, across, down = _numbers(shape, "cx", "cy", "rx", "ry")
        return around_ellipse((x, y), (across, down), degrees), "ellipse"
    if shape.tag == "mask":
        left, top, width, height = _numbers(shape, "left", "top", "width", "height")
        return (left, top, left + width, top + height), "mask"
    points = [pair.split(",") for pair in shape.get("points", "").split(";")]
    return around((float(x), float(y)) for x, y in points), "polygon"


def _numbers(shape: Element, *names: str) -> list[float]:
    return [float(shape.get(name, "")) for name in names]
