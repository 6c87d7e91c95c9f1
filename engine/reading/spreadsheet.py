"""Tables for spreadsheets: CSV that opens with Chinese intact and every cell harmless. Knows cells, no case."""

import csv
import io
from collections.abc import Iterable, Sequence


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """With the byte order mark by which spreadsheets know UTF-8."""
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\r\n")
    lines.writerow(headings)
    for row in rows:
        lines.writerow([cell(value) for value in row])
    return "\ufeff" + written.getvalue()


def cell(value: str) -> str:
    """A spreadsheet must not take what somebody typed for a formula."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
