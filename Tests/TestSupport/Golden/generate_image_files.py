#!/usr/bin/env python3
"""Writes image_files.json: small PNG and JPEG files with the pixels that Pillow decodes, and NumPy's files in Keras' form.

Needs NumPy and Pillow.
"""
import base64
import io
import json
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image

HEIGHT, WIDTH = 5, 7


def text(data):
    return base64.b64encode(data).decode()


def saved(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def chunk(name, contents):
    return struct.pack(">I", len(contents)) + name + contents + struct.pack(">I", zlib.crc32(name + contents))


def with_chunk(png, name, contents):
    """A PNG image with one more chunk behind its first one."""
    return png[:33] + chunk(name, contents) + png[33:]


def sixteen_bits():
    """A gray image of 16 bits, which Pillow does not write in all versions."""
    rows = b"".join(b"\0" + bytes(range(2 * WIDTH)) for _ in range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 16, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


random = np.random.default_rng(7)
gray = Image.fromarray(random.integers(0, 256, (HEIGHT, WIDTH), dtype=np.uint8))
color = Image.fromarray(random.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8))
smooth = Image.fromarray(np.array([[[20 * y + 9 * x, 200 - 11 * y, 30 * x] for x in range(WIDTH)] for y in range(HEIGHT)], dtype=np.uint8))
palette = color.quantize(6)

files = {
    "gray.png": saved(gray, "PNG"),
    "color.png": saved(color, "PNG"),
    "palette.png": saved(palette, "PNG"),
    "two_levels.png": saved(gray.convert("1"), "PNG"),
    "gamma.png": with_chunk(saved(color, "PNG"), b"gAMA", struct.pack(">I", 100_000)),
    "gray.jpg": saved(gray, "JPEG"),
    "color.jpg": saved(smooth, "JPEG", quality=90),
    "subsampled.jpg": saved(smooth, "JPEG", quality=60, subsampling="4:2:0"),
    "progressive.jpg": saved(smooth, "JPEG", progressive=True),
}
images = []
for name, data in files.items():
    image = Image.open(io.BytesIO(data))
    pixels = np.asarray(image if image.mode == "L" else image.convert("L" if image.mode == "1" else "RGB"))
    images.append({
        "name": name, "bytes": text(data), "size": list(pixels.shape[:2]), "channels": 1 if pixels.ndim == 2 else 3,
        "pixels": pixels.reshape(-1).tolist()})

transparent = color.copy()
transparent.putalpha(gray)
refused = {
    "alpha.png": saved(transparent, "PNG"),
    "transparent_palette.png": saved(palette, "PNG", transparency=0),
    "sixteen_bits.png": sixteen_bits(),
    "cmyk.jpg": saved(smooth.convert("CMYK"), "JPEG"),
    "large.png": b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)) + files["color.png"][33:],
}

arrays = []
for name, shape, kind in [("gray", (4, 2, 3), "|u1"), ("last", (4, 2, 5, 3), "<i8"), ("first", (4, 3, 2, 5), ">i2")]:
    parts = {}
    for part in ("train", "test"):
        parts[f"x_{part}"] = random.integers(0, 256, shape, dtype=np.uint8)
        parts[f"y_{part}"] = np.array([0, 2, 1, 2]).astype(kind).reshape((4, 1) if name == "last" else 4)
    file = io.BytesIO()
    (np.savez if name == "gray" else np.savez_compressed)(file, **parts)
    train = parts["x_train"]
    planar = train.transpose(0, 3, 1, 2) if name == "last" else train
    arrays.append({"name": name, "bytes": text(file.getvalue()), "pixels": planar.reshape(-1).tolist()})

target = pathlib.Path(__file__).with_name("image_files.json")
target.write_text(json.dumps({
    "images": images, "refused": [{"name": name, "bytes": text(data)} for name, data in refused.items()],
    "arrays": arrays}, separators=(",", ":")).replace('{"name"', '\n{"name"') + "\n")
