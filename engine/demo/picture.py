"""A plain picture to attach where a photograph or a scan would be: a small PNG in a shade told by its name."""

import struct
import zlib

WIDTH, HEIGHT = 160, 120


def picture(name: str) -> bytes:
    """PNG bytes; another name gives another shade."""
    shade = 120 + zlib.crc32(name.encode()) % 120
    row = b"\x00" + bytes([shade]) * WIDTH
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 0, 0, 0, 0)
    parts = (b"IHDR", header), (b"IDAT", zlib.compress(row * HEIGHT)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    checked = kind + content
    return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))
