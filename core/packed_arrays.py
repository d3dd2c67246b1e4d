"""Named arrays behind a line of JSON as one packed text: what is frozen with a publication. Pure.

The line says, under ``arrays``, each array's name, kind and shape, and whatever its writer adds; the arrays follow in that
order, little-endian; the whole is deflated. Equal content gives equal bytes on any machine.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]
#: a level above 1 costs three times as long and saves a tenth
_LEVEL = 1


def kinds_of(arrays: Mapping[str, NDArray[Any]]) -> list[list[Any]]:
    """Name, kind and shape of each, as the line of JSON tells them."""
    return [[name, array.dtype.newbyteorder("<").str, list(array.shape)] for name, array in arrays.items()]


def packed(head: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """``head["arrays"]`` is ``kinds_of(arrays)``, each perhaps with more behind its shape."""
    packer = zlib.compressobj(_LEVEL)
    parts = [packer.compress(json.dumps(head, ensure_ascii=False).encode() + b"\n")]
    for array in arrays.values():
        little = np.ascontiguousarray(array.astype(array.dtype.newbyteorder("<"), copy=False))
        parts.append(packer.compress(little.tobytes()))
    return b"".join([*parts, packer.flush()])


def unpacked(content: bytes) -> tuple[dict[str, Any], Arrays]:
    """The line and the arrays by name. Raises ``ValueError`` or ``zlib.error`` for what ``packed`` did not write."""
    line, _, rest = zlib.decompress(content).partition(b"\n")
    head = json.loads(line)
    arrays: Arrays = {}
    start = 0
    for name, kind, shape, *_more in head["arrays"]:
        size = int(np.prod(shape)) * np.dtype(kind).itemsize
        arrays[name] = np.frombuffer(rest[start : start + size], kind).reshape(shape)
        start += size
    return head, arrays
