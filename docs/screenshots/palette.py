"""Reduces a picture to a PNG with at most 256 colours, which is enough for pages.

The browser that took the picture decodes it and finds the colours, so no image library is needed.
"""

import base64
import struct
import zlib

from playwright.sync_api import Page

GAP = 12
"""Height of the grey gap between two pieces of a picture, in pixels."""

_COLOURS = """async ([pngs, gap]) => {
  const pieces = await Promise.all(pngs.map(async (png) => {
    const image = new Image();
    image.src = "data:image/png;base64," + png;
    await image.decode();
    return image;
  }));
  const canvas = document.createElement("canvas");
  canvas.width = pieces[0].width;
  canvas.height = pieces.reduce((sum, piece) => sum + piece.height, gap * (pieces.length - 1));
  const context = canvas.getContext("2d");
  context.fillStyle = "#ccc";
  context.fillRect(0, 0, canvas.width, canvas.height);
  let y = 0;
  for (const piece of pieces) {
    context.drawImage(piece, 0, y);
    y += piece.height + gap;
  }
  const bytes = context.getImageData(0, 0, canvas.width, canvas.height).data;
  const pixels = new Uint32Array(bytes.buffer);
  const counts = new Map();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) || 0) + 1);
  // The commonest colours are kept; each other one becomes the nearest of them.
  const found = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a) || a - b);
  const palette = found.slice(0, 256).map((p) => [p & 255, (p >> 8) & 255, (p >> 16) & 255]);
  const places = new Map();
  for (const [place, pixel] of found.entries()) {
    let nearest = place;
    if (place > 255) {
      let least = Infinity;
      const [r, g, b] = [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255];
      for (const [other, [r2, g2, b2]] of palette.entries()) {
        const distance = (r - r2) ** 2 + (g - g2) ** 2 + (b - b2) ** 2;
        if (distance < least) [least, nearest] = [distance, other];
      }
    }
    places.set(pixel, nearest);
  }
  let text = "";
  for (const pixel of pixels) text += String.fromCharCode(places.get(pixel));
  return {
    width: canvas.width,
    height: canvas.height,
    palette: palette.flat(),
    pixels: btoa(text),
  };
}"""


def reduced(pieces: list[bytes], page: Page) -> bytes:
    """Stack pictures of the same width and return them as one PNG with a palette.

    `page` is any page without a content security policy.
    """
    encoded = [base64.b64encode(piece).decode() for piece in pieces]
    picture = page.evaluate(_COLOURS, [encoded, GAP])
    width, height = picture["width"], picture["height"]
    pixels = base64.b64decode(picture["pixels"])
    lines = (pixels[start : start + width] for start in range(0, width * height, width))
    # Each line starts with its filter type; for palettes, no filter (0) compresses best.
    data = zlib.compress(b"".join(b"\0" + line for line in lines), 9)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [
            _chunk(b"IHDR", header),
            _chunk(b"PLTE", bytes(picture["palette"])),
            _chunk(b"IDAT", data),
            _chunk(b"IEND", b""),
        ]
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    length, checksum = len(data), zlib.crc32(kind + data)
    return struct.pack(">I", length) + kind + data + struct.pack(">I", checksum)
