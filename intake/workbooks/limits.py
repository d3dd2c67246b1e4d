"""How much of a workbook is looked at before it is refused. Every figure can be set by the caller."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one reading. Sizes are bytes unless the name says otherwise."""

    file_bytes: int = 20 * MIB
    #: Members of the zip; a workbook with hundreds of pictures stays far below.
    entries: int = 2_000
    #: All members together, counted while inflating. 200,000 rows of 13 columns come to about 120 MiB.
    inflated_bytes: int = 200 * MIB
    #: Inflated to packed, asked only above ``ratio_floor_bytes``: blank formatted rows pack 100:1 honestly.
    ratio: int = 300
    ratio_floor_bytes: int = 64 * MIB
    #: Data rows of one sheet.
    rows: int = 200_000
    #: Titles, headings, totals and signatures that may stand around the data rows.
    extra_rows: int = 50
    columns: int = 256
    #: Cells with a value, all visible sheets together.
    cells: int = 5_000_000
    #: Cells with or without a value: formatted blanks cost time too.
    cell_elements: int = 15_000_000
    #: Distinct entries of the shared string table.
    strings: int = 3_000_000
    #: Characters handed on from one cell, plus one that tells the rules it was longer (Excel: 32,767).
    cell_characters: int = 32_768
    merges: int = 200_000
    sheets: int = 255
    #: What the child may say to its parent.
    output_bytes: int = 256 * MIB
    memory_bytes: int = 768 * MIB
    cpu_seconds: int = 40
    wall_seconds: int = 60


DEFAULT_LIMITS = Limits()
