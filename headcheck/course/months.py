"""The months as people and programs write them, in English, German, French and Spanish."""

from __future__ import annotations

import re

# One line for each month; the short forms are those of calendars, spreadsheets and LMSs.
_MONTHS = """\
january jan januar jän jänner janvier janv enero ene
february feb februar février févr fév febrero
march mar märz mär mrz mars marzo
april apr avril avr abril abr
may mai mayo
june jun juni juin junio
july jul juli juillet juil julio
august aug août agosto ago
september sep sept septembre septiembre setiembre set
october oct oktober okt octobre octubre
november nov novembre noviembre
december dec dezember dez décembre déc diciembre dic
"""
_NUMBER = {name: n for n, line in enumerate(_MONTHS.splitlines(), 1) for name in line.split()}
# Longest first, so that `marzo` is not read as `mar` and two letters more.
MONTH = rf"(?:{'|'.join(sorted(map(re.escape, _NUMBER), key=len, reverse=True))})\.?"


def month_of(name: str) -> int | None:
    """The number of a month; None for a word that is none."""
    return _NUMBER.get(name.casefold().removesuffix("."))
