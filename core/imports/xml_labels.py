"""Boxes in XML: Pascal VOC's, a file an image, and CVAT's, a file for all images."""

import re
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from core.imports.cvat import read_cvat
from core.imports.facts import (
    BoxFact,
    Fact,
    NotUnderstood,
    Problem,
    Reading,
    Sidecar,
    other_forms,
    picture_size,
    text_of,
)
from core.imports.shapes import Corners, around

_ENCODING = re.compile(r"""^\s*<\?xml[^>]*\?>""")


def read_xml(sidecar: Sidecar) -> Reading:
    """Whichever of the two the document is.

    Pascal VOC: http://host.robots.ox.ac.uk/pascal/VOC/; CVAT for images and for video 1.1:
    https://docs.cvat.ai/docs/manual/advanced/xml_format/.

    Raises:
        NotUnderstood: it is neither, broken, or declares entities.
    """
    try:
        root = _parsed(sidecar)
    except DefusedXmlException:
        raise NotUnderstood("imports.refused.xml_entities") from None
    except (ParseError, ValueError, LookupError) as error:
        raise NotUnderstood("imports.refused.no_xml", detail=str(error)[:200]) from None
    if root.tag == "annotation":
        return _read_voc(sidecar, root)
    if root.tag == "annotations":
        return read_cvat(sidecar, root)
    raise NotUnderstood("imports.refused.other_xml", tag=str(root.tag)[:100])


def _parsed(sidecar: Sidecar) -> Element:
    try:
        root: Element = fromstring(sidecar.data)
    except (ParseError, ValueError, LookupError) as error:
        try:
            # The parser knows no Korean code page: read as text, whatever the file declares.
            text = _ENCODING.sub("", text_of(sidecar), count=1)
        except NotUnderstood:
            raise error from None
        root = fromstring(text)
    return root


def _read_voc(sidecar: Sidecar, root: Element) -> Reading:
    name = (root.findtext("filename") or sidecar.stem).strip()
    size = picture_size(root.findtext("size/width"), root.findtext("size/height"))
    problems: list[Problem] = []
    boxes: list[BoxFact] = []
    outlines: list[str] = []
    for at, each in enumerate(root.findall("object"), 1):
        label, place = (each.findtext("name") or "").strip(), f"object {at}"
        corners = _bndbox(each)
        if corners is None and (corners := _polygon(each)) is not None:
            outlines.append("polygon")
        if not label:
            problems.append(Problem(name, place, "imports.problem.no_label"))
        elif corners is None:
            problems.append(Problem(name, place, "imports.problem.corners"))
        else:
            boxes.append(BoxFact(label, *corners, pixels=True, size=size, place=place))
    found = None if problems and not boxes else tuple(boxes)
    facts = [Fact(name, "", boxes=found, beside=sidecar.path)]
    return Reading(sidecar.path, "voc", facts, problems + other_forms(outlines))


def _bndbox(each: Element) -> Corners | None:
    try:
        x0, y0, x1, y1 = (
            float(each.findtext(f"bndbox/{c}", "")) for c in ("xmin", "ymin", "xmax", "ymax")
        )
    except ValueError:
        return None
    return x0 - 1, y0 - 1, x1, y1  # VOC counts pixels from 1.


def _polygon(each: Element) -> Corners | None:
    """`<polygon><x1>…</x1><y1>…</y1>…` or `<polygon><pt><x>…</x><y>…</y></pt>…`."""
    drawn = each.find("polygon")
    if drawn is None:
        return None
    axes: dict[str, list[float]] = {"x": [], "y": []}
    try:
        for part in drawn.iter():
            if part.tag[:1] in axes and (part.tag[1:] or "0").isdigit():
                axes[part.tag[0]].append(float(part.text or ""))
        return around(zip(axes["x"], axes["y"], strict=True))
    except ValueError:
        return None
