"""How big a file may be (security.md §3 item 25 as amended: people and goals of a 20,000-person company must fit).

Measured: 100,000 goals x 20 columns are 12.8 MB packed, 109 MB unpacked, ratio 8.6; workbooks that Excel itself wrote
unpack 10-25 times. So the unpacked size has room for twice that, and a ratio of 100 is met by bombs alone.
"""

from __future__ import annotations

MEGABYTE = 1024 * 1024

UPLOAD_BYTES = 40 * MEGABYTE
ZIP_ENTRIES = 200
UNPACKED_BYTES = 256 * MEGABYTE
ZIP_RATIO = 100
RATIO_FLOOR_BYTES = MEGABYTE
"""Parts below this size may be packed as tightly as they like: a theme of blanks harms nobody."""

ROWS = 101_000
"""Rows with a value in one sheet: 100,000 and room for titles and subtotals."""
COLUMNS = 100
SHEETS = 100
CELL_CHARACTERS = 32_767
"""Excel's own limit for a cell."""
SHARED_STRINGS = 2_000_000
"""Texts of a workbook: a hundred thousand rows with twenty texts each, none of them twice."""
SPOOL_BYTES = 256 * MEGABYTE
"""Of what comes out of the reader: one long text shared by a million cells grows here only."""
MERGES = 100_000
STYLES = 65_536
"""Cell formats; Excel allows 64,000."""

CHILD_MEMORY_BYTES = 512 * MEGABYTE
CHILD_SECONDS = 60
