"""What spreadsheets make of an id, a login or a mark: a date, a rounded number, a sign of an error.

Excel, LibreOffice and Google Sheets do it while they open a file, without a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from headcheck.course.months import MONTH

# As spreadsheets shorten months, in languages that we read no dates of: Dutch, Italian, Portuguese, Danish,
# Norwegian, Swedish, Polish, Turkish, Russian. What is the same as in English, German, French or Spanish is left out.
_SHORT = (
    "mrt|mei|gen|mag|giu|lug|ott|fev|out|maj|des|sty|lut|kwi|cze|lip|sie|wrz|paź|lis|gru"
    "|oca|şub|nis|haz|tem|ağu|eyl|eki|kas|ara|янв|фев|мар|апр|май|мая|июн|июл|авг|сен|окт|ноя|дек"
)
_ANY_MONTH = rf"(?:{MONTH}|(?:{_SHORT})\.?)"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_TIME = r"\d{1,4}:\d\d(?::\d\d)?(?:[.,]\d+)?(?: [AP]M)?"  # 00:15, 12:15:00 AM
_DATE = (
    # 1/2/26, 03.05.2026, with a point at its end in Croatia; 2026-05-03, 2026. 5. 3.; 3-May, 03. Mai, 3-May-26
    rf"{_DAY}(?P<sign>[./]){_DAY}(?P=sign)(?:\d\d)?\d\d\.?"
    r"|\d{4}(?:[-/]\d\d?[-/]|\. ?\d\d?\. ?)\d\d?\.?"
    rf"|{_DAY}[. -]{{1,2}}{_ANY_MONTH}(?:[. -]{{1,2}}(?:\d\d)?\d\d)?"
    r"|(?:\d{4}[年년] ?)?\d\d?[月월](?: ?\d\d?[日일])?"  # 5月3日, 2026년 5월 3일
)
# Mar-05, Mrz 05; Sept. 5; May 3, 2026; Sept 5 2026. In small letters they are logins: jan-05.
_MONTH_FIRST = rf"(?=[A-ZŞА-Я])(?i:{_ANY_MONTH})(?:[ -](?:\d\d)?\d\d| {_DAY}(?:,? (?:\d\d)?\d\d)?)"
# TRUE and FALSE as Excel writes them: English, German, French, Spanish and Italian, Portuguese, Dutch, Swedish,
# Danish, Norwegian, Finnish, Polish, Czech, Hungarian, Turkish, Romanian, Russian. Left out is what is also
# somebody's name: VERO, SANT, SAND, TOSI, IGAZ.
_TRUTH = (
    "TRUE|FALSE|WAHR|FALSCH|VRAI|FAUX|VERDADERO|VERDADEIRO|FALSO|WAAR|ONWAAR|FALSKT|FALSK|USANN|EPÄTOSI"
    "|PRAWDA|FAŁSZ|PRAVDA|NEPRAVDA|HAMIS|DOĞRU|YANLIŞ|ADEVĂRAT|ИСТИНА|ЛОЖЬ"
)
# ######, #NAME?, #NOM ?, #¿NOMBRE?, #DIV/0!, #N/A, #N/B, #I/T, #NV, #YOK, Err:502
_ERRORS = r"#+|#[¡¿]?[\w/]+ ?[?!]|#\w/\w|#NV|#YOK|Err:\d{3}"
_NO_NUMBER = (
    rf"\d+(?:[.,]\d+)?e\+\d+|\d+[.,]\d+e-\d+|{_ERRORS}"  # 1.23E+11, 1E+05, 4.7E-11
    rf"|(?:{_DATE})(?:(?:,? |T){_TIME}Z?)?|{_TIME}"
    rf"|(?-i:{_MONTH_FIRST}|{_TRUTH})"
)
_SPOILT = re.compile(rf"\d+[.,]0+|{_NO_NUMBER}", re.IGNORECASE)  # 4712.0, too
# What some schools write themselves: for each the whole look, and what a spreadsheet may have made.
_DOUBTFUL = tuple(
    (re.compile(look), re.compile(spoilt, re.IGNORECASE))
    for look, spoilt in (
        (r"\d+/\d+", rf"{_DAY}/{_DAY}|(?:0?[1-9]|1[0-2])/\d{{4}}"),  # 1/2, 05/2026; 117/2026
        (r"\d+-\d+-\d+", rf"{_DAY}-{_DAY}-(?:\d\d)?\d\d"),  # 03-05-2026; 117-44-2026
        (r"\d+[.,]\d+[Ee]\d+", r"\d+[.,]\d+E\d+"),  # 1.0E10
    )
)
_MARK = re.compile(
    "|".join((_NO_NUMBER, *(spoilt.pattern for _, spoilt in _DOUBTFUL))), re.IGNORECASE
)
_LONG, _ROUNDED = re.compile(r"\d{16,}"), re.compile(r"\d{15}0+")  # Excel keeps fifteen digits


def spoilt_in(column: Sequence[str]) -> Iterator[int]:
    """Places of the ids, numbers or logins that are what a spreadsheet makes of one: rounded, or a date.

    A number of more than fifteen digits may end in zeros; that all of a column do is Excel's rounding.
    And 12/2026 is an id where most of the column are of that look.
    """
    texts = [text.strip() for text in column]
    rounded = all(_ROUNDED.fullmatch(text) for text in texts if _LONG.fullmatch(text))
    usual = [_is_usual(look, texts) for look, _ in _DOUBTFUL]
    for place, text in enumerate(texts):
        doubtful = any(
            spoilt.fullmatch(text) and not known
            for (_, spoilt), known in zip(_DOUBTFUL, usual, strict=True)
        )
        if _SPOILT.fullmatch(text) or doubtful or (rounded and _LONG.fullmatch(text)):
            yield place


def _is_usual(look: re.Pattern[str], texts: Sequence[str]) -> bool:
    """Whether most of the column have this look: one alone says nothing."""
    there = [text for text in texts if text]
    alike = sum(look.fullmatch(text) is not None for text in there)
    return alike > 1 and 2 * alike > len(there)


def is_spoilt_mark(text: str) -> bool:
    """7.5 that became 7. May or 07.05.2026, 1/2 that became 1. Feb; no number of any kind."""
    return _MARK.fullmatch(text.strip()) is not None
