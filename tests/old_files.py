"""Files of Office up to 2003, as small as the format allows (MS-CFB): names and no content."""

import struct

END_OF_CHAIN, FREE, TABLE_SECTOR = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
NOTHING = 0xFFFFFFFF
SECTOR = 512
ENTRIES_IN_SECTOR = 4


def old_file(*streams: str) -> bytes:
    """Return an OLE file with empty streams of these names."""
    entries = [_entry("Root Entry", kind=5, child=1 if streams else NOTHING)]
    for number, name in enumerate(streams, 1):
        following = number + 1 if number < len(streams) else NOTHING
        entries.append(_entry(name, kind=2, following=following))
    directory = b"".join(entries).ljust(-(-len(entries) // ENTRIES_IN_SECTOR) * SECTOR, b"\0")
    directory_sectors = len(directory) // SECTOR
    chain = [*range(2, directory_sectors + 1), END_OF_CHAIN]
    table = [TABLE_SECTOR, *chain]
    table += [FREE] * (SECTOR // 4 - len(table))
    return _header() + struct.pack(f"<{len(table)}I", *table) + directory


def _header() -> bytes:
    """Return the header: the table of sectors is the first of them, the directory follows."""
    magic = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    versions = struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    counts = struct.pack("<6xIIIII", 0, 1, 1, 0, 4096)
    chains = struct.pack("<IIII", END_OF_CHAIN, 0, END_OF_CHAIN, 0)
    tables = struct.pack("<109I", 0, *[FREE] * 108)
    return magic + bytes(16) + versions + counts + chains + tables


def _entry(name: str, *, kind: int, child: int = NOTHING, following: int = NOTHING) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    return struct.pack(
        "<64sHBBIII16xI8x8xIQ", text, len(text), kind, 1, NOTHING, following, child, 0,
        END_OF_CHAIN, 0,
    )  # fmt: skip
