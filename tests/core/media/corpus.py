"""Real photos in every format that is taken in, and in the variants that decoders tell apart."""

import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import PIL.Image
from sklearn.datasets import load_sample_image

from tests.core.media.tiffs import tiff

_SIZE = (120, 80)


def corpus() -> dict[str, bytes]:
    """Files by name; the name's beginning is the format."""
    photo = PIL.Image.fromarray(load_sample_image("china.jpg")).resize(_SIZE)
    other = PIL.Image.fromarray(load_sample_image("flower.jpg")).resize(_SIZE)
    pictures = {**_jpegs(photo), **_pngs(photo), **_webps(photo, other), **_tiffs(photo, other)}
    pictures.update(_bmps(photo))
    pictures["gif palette"] = _saved(photo, "GIF")
    pictures["gif moving"] = _saved(photo, "GIF", save_all=True, append_images=[other])
    pictures["heic"] = (Path(__file__).parent / "quadrants.heic").read_bytes()
    return {**pictures, **_archives(pictures)}


def _saved(image: PIL.Image.Image, format_: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format_, **options)
    return buffer.getvalue()


def _jpegs(photo: PIL.Image.Image) -> dict[str, bytes]:
    exif = PIL.Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x0132] = 6, "Maker", "2024:10:14 07:05:09"
    thumbnail = _saved(photo.resize((32, 24)), "JPEG")
    return {
        "jpeg": _saved(photo, "JPEG", quality=85),
        "jpeg progressive": _saved(photo, "JPEG", progressive=True, subsampling=0),
        "jpeg exif": _saved(photo, "JPEG", exif=exif, comment=thumbnail),
        "jpeg grey": _saved(photo.convert("L"), "JPEG"),
        "jpeg cmyk": _saved(photo.convert("CMYK"), "JPEG"),
        "jpeg restarts": _saved(photo, "JPEG", restart_marker_rows=1),
        "jpeg mpo": _saved(photo, "MPO", save_all=True, append_images=[photo]),
    }


def _pngs(photo: PIL.Image.Image) -> dict[str, bytes]:
    layered = photo.convert("RGBA")
    layered.putalpha(photo.convert("L"))
    deep = np.asarray(photo).astype(np.uint16) * 200
    return {
        "png": _saved(photo, "PNG"),
        "png palette": _saved(photo.quantize(32), "PNG", transparency=3),
        "png alpha": _saved(layered, "PNG"),
        "png bits": _saved(photo.convert("1"), "PNG"),
        "png grey 16": _saved(PIL.Image.fromarray(deep[..., 0]), "PNG"),
        "png colour 16": cv2.imencode(".png", deep)[1].tobytes(),
        "png moving": _saved(photo, "PNG", save_all=True, append_images=[layered]),
    }


def _webps(photo: PIL.Image.Image, other: PIL.Image.Image) -> dict[str, bytes]:
    return {
        "webp": _saved(photo, "WEBP", quality=80),
        "webp lossless": _saved(photo.convert("RGBA"), "WEBP", lossless=True),
        "webp moving": _saved(photo, "WEBP", save_all=True, append_images=[other]),
    }


def _tiffs(photo: PIL.Image.Image, other: PIL.Image.Image) -> dict[str, bytes]:
    values = np.asarray(photo)
    grey = values[..., 0].astype(np.uint16) * 16
    found = {
        f"tiff {compression}": _saved(photo, "TIFF", compression=compression)
        for compression in ("raw", "packbits", "tiff_lzw", "tiff_adobe_deflate", "jpeg")
    }
    found["tiff group4"] = _saved(photo.convert("1"), "TIFF", compression="group4")
    found["tiff palette"] = _saved(photo.quantize(16), "TIFF")
    found["tiff cmyk"] = _saved(photo.convert("CMYK"), "TIFF", compression="tiff_lzw")
    found["tiff pages"] = _saved(
        photo,
        "TIFF",
        save_all=True,
        append_images=[other, photo.rotate(180)],
        compression="tiff_lzw",
    )
    found["tiff grey 16"] = _saved(PIL.Image.fromarray(grey), "TIFF", compression="tiff_lzw")
    found["tiff float"] = _saved(PIL.Image.fromarray(grey.astype(np.float32)), "TIFF")
    found["tiff colour 16"] = tiff(values.astype(np.uint16) * 9, order=">")
    found["tiff colour float"] = tiff(values.astype(np.float32))
    found["tiff big pages"] = tiff(values, values[::-1], big=True)
    return found


def _bmps(photo: PIL.Image.Image) -> dict[str, bytes]:
    return {
        "bmp": _saved(photo, "BMP"),
        "bmp palette": _saved(photo.quantize(16), "BMP"),
        "bmp bits": _saved(photo.convert("1"), "BMP"),
    }


def _archives(pictures: dict[str, bytes]) -> dict[str, bytes]:
    inside = {f"{name}.dat": pictures[name] for name in ("jpeg", "gif palette", "heic")}
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in inside.items():
            archive.writestr(name, data)
    found = {"zip": zipped.getvalue()}
    for kind in ("", "gz", "bz2", "xz"):
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode=f"w:{kind}") as archive:
            for name, data in {**inside, "inner.zip": found["zip"]}.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
        found[f"tar {kind}".strip()] = packed.getvalue()
    return found


Mutation = Callable[[bytearray, np.random.Generator], bytearray]


def mutated(data: bytes, rng: np.random.Generator) -> bytes:
    """One to three of: bits flipped, bytes and numbers overwritten, cut, moved, doubled, filled."""
    changed = bytearray(data)
    for _ in range(rng.integers(1, 4)):
        change = _MUTATIONS[rng.integers(len(_MUTATIONS))]
        changed = change(changed, rng) or bytearray(b"\0")
    return bytes(changed)


def _place(data: bytearray, rng: np.random.Generator) -> int:
    # Headers decide more than pixels do: half of the places are near the beginning or the end.
    kind = rng.integers(4)
    near = min(len(data), 256)
    if kind == 0:
        return int(rng.integers(near))
    return len(data) - 1 - int(rng.integers(near)) if kind == 1 else int(rng.integers(len(data)))


def _flip_bits(data: bytearray, rng: np.random.Generator) -> bytearray:
    for _ in range(rng.integers(1, 9)):
        data[_place(data, rng)] ^= 1 << int(rng.integers(8))
    return data


def _overwrite(data: bytearray, rng: np.random.Generator) -> bytearray:
    for _ in range(rng.integers(1, 5)):
        data[_place(data, rng)] = int(rng.integers(256))
    return data


def _extreme_number(data: bytearray, rng: np.random.Generator) -> bytearray:
    at, size = _place(data, rng), int(rng.choice([1, 2, 4, 8]))
    extreme = rng.choice([b"\0", b"\xff", b"\x7f", b"\x80"])
    data[at : at + size] = (bytes(extreme) * size)[: len(data[at : at + size])]
    return data


def _cut(data: bytearray, rng: np.random.Generator) -> bytearray:
    return data[: _place(data, rng) + 1]


def _span(data: bytearray, rng: np.random.Generator) -> slice:
    at = _place(data, rng)
    return slice(at, at + int(rng.integers(1, max(2, len(data) // 4))))


def _swap(data: bytearray, rng: np.random.Generator) -> bytearray:
    a, b = _span(data, rng), _span(data, rng)
    data[a], data[b] = data[b], data[a]
    return data


def _double(data: bytearray, rng: np.random.Generator) -> bytearray:
    span = _span(data, rng)
    return data[: span.stop] + data[span] + data[span.stop :]


def _drop(data: bytearray, rng: np.random.Generator) -> bytearray:
    del data[_span(data, rng)]
    return data


def _fill(data: bytearray, rng: np.random.Generator) -> bytearray:
    span = _span(data, rng)
    data[span] = bytes(len(data[span])) if rng.integers(2) else rng.bytes(len(data[span]))
    return data


_MUTATIONS: list[Mutation] = [
    _flip_bits, _overwrite, _extreme_number, _cut, _swap, _double, _drop, _fill,
]  # fmt: skip
