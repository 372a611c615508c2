"""Boxes in XML: Pascal VOC's, a file an image, and CVAT's, a file for all images."""

from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from core.imports.facts import BoxFact, Fact, NotUnderstood, Problem, Reading, Sidecar


def read_xml(sidecar: Sidecar) -> Reading:
    """Whichever of the two the document is.

    Pascal VOC: http://host.robots.ox.ac.uk/pascal/VOC/; CVAT for images 1.1:
    https://docs.cvat.ai/docs/manual/advanced/xml_format/.

    Raises:
        NotUnderstood: it is neither, broken, or declares entities.
    """
    try:
        root = fromstring(sidecar.data)
    except DefusedXmlException:
        raise NotUnderstood("imports.refused.xml_entities") from None
    except (ParseError, ValueError) as error:
        raise NotUnderstood("imports.refused.no_xml", detail=str(error)[:200]) from None
    if root.tag == "annotation":
        return _read_voc(sidecar, root)
    if root.tag == "annotations":
        return _read_cvat(sidecar, root)
    raise NotUnderstood("imports.refused.other_xml", tag=str(root.tag)[:100])


def _read_voc(sidecar: Sidecar, root: Element) -> Reading:
    name = (root.findtext("filename") or sidecar.stem).strip()
    problems: list[Problem] = []
    boxes: list[BoxFact] = []
    for at, each in enumerate(root.findall("object"), 1):
        label = (each.findtext("name") or "").strip()
        try:
            corners = [float(each.findtext(f"bndbox/{c}", "")) for c in
                       ("xmin", "ymin", "xmax", "ymax")]  # fmt: skip
        except ValueError:
            corners = []
        if label and corners:
            x0, y0, x1, y1 = corners
            # VOC counts pixels from 1.
            boxes.append(BoxFact(label, x0 - 1, y0 - 1, x1, y1, pixels=True))
        else:
            problems.append(Problem(name, f"object {at}", "imports.problem.corners"))
    return Reading(sidecar.path, "voc", [Fact(name, "", boxes=tuple(boxes))], problems)


def _read_cvat(sidecar: Sidecar, root: Element) -> Reading:
    facts: list[Fact] = []
    problems: list[Problem] = []
    images = root.findall("image")
    if not images and root.find("track") is not None:
        raise NotUnderstood("imports.refused.cvat_video")
    for image in images:
        name, place = image.get("name", "").strip(), f"image {image.get('id', '')}"
        if not name:
            problems.append(Problem("", place, "imports.problem.no_image_name"))
            continue
        boxes: list[BoxFact] = []
        label: str | None = None
        for shape in image:
            if shape.tag == "tag":
                label = shape.get("label") or label
            elif shape.tag == "box":
                box = _cvat_box(shape)
                if box is None:
                    problems.append(Problem(name, place, "imports.problem.corners"))
                else:
                    boxes.append(box)
            else:
                params = {"shape": str(shape.tag)}
                problems.append(Problem(name, place, "imports.problem.other_shape", params))
        only_class = label is not None and not boxes
        facts.append(Fact(name, place, label=label, boxes=None if only_class else tuple(boxes)))
    return Reading(sidecar.path, "cvat", facts, problems)


def _cvat_box(shape: Element) -> BoxFact | None:
    label = shape.get("label", "").strip()
    try:
        x0, y0, x1, y1 = (float(shape.get(corner, "")) for corner in ("xtl", "ytl", "xbr", "ybr"))
    except ValueError:
        return None
    return BoxFact(label, x0, y0, x1, y1, pixels=True) if label else None
