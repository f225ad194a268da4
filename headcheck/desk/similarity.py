"""Which submissions share more of their own code than a lesson explains? A hint to look, no verdict.

Winnowing (Schleimer, Wilkerson, Aiken 2003) over the cells that students write: local names become
one token, so that renaming hides nothing; what the release gave out is taken away, and what more than
a tenth of the class shares is the usual solution and counts for nobody.
"""

from __future__ import annotations

import builtins
import io
import keyword
import re
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from zlib import crc32

GRAM = 11  # tokens of one fingerprint
WINDOW = 5  # of so many fingerprints in a row the smallest is kept
USUAL = 0.1  # what more than this share of a class has in common is the usual solution
FEW, MANY = 4, 30  # but so few may always share a thing, and more than so many never
MOST_PAIRS = 200  # of a lesson
LEAST = 20  # shared fingerprints below which nothing is said: two short answers are alike by nature
_BASE, _PRIME = 1_000_003, (1 << 61) - 1
_SKIPPED = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}
_KEPT = set(keyword.kwlist) | set(dir(builtins))
_ROUGH = re.compile(r"[^\W\d]\w*|\d[\w.]*|[^\s\w]")


@dataclass(frozen=True)
class Pair:
    """Two submissions and what they share. `lines_a`, `lines_b`: which lines of their code (from 1)."""

    a: str
    b: str
    shared: int  # fingerprints
    share: float  # of the smaller submission's
    lines_a: frozenset[int]
    lines_b: frozenset[int]


@dataclass(frozen=True)
class _Prints:
    """Fingerprint -> the first and last line where it stands."""

    lines: Mapping[int, tuple[int, int]]


@dataclass(frozen=True)
class Likeness:
    """What a class has in common. `many`: see `_same_in_many`."""

    pairs: list[Pair]  # the most shared fingerprints first
    many: list[list[str]]

    @property
    def groups(self) -> list[list[str]]:
        """Who is linked to whom by pairs, the largest group first; of three and more."""
        group: dict[str, set[str]] = {}
        for pair in self.pairs:
            joined = group.get(pair.a, {pair.a}) | group.get(pair.b, {pair.b})
            group |= dict.fromkeys(joined, joined)
        found = {frozenset(members) for members in group.values() if len(members) > 2}
        return sorted(map(sorted, found), key=lambda members: (-len(members), members))


def compare(code: Mapping[str, str], release: str, *, least: int = LEAST) -> Likeness:
    """Pairs of submissions that share at least `least` fingerprints, and what goes round.

    `code`: student -> the text of their own cells. `release`: the text that all were given.
    Takes about 15 ms for each submission of 10 KB.
    """
    known = {text for text, _ in _tokens(release, frozenset())}
    given = {print_ for print_, *_ in _grams(_tokens(release, known))}
    prints = {who: _winnowed(_grams(_tokens(text, known)), given) for who, text in code.items()}
    holders: dict[int, list[str]] = defaultdict(list)
    for who, found in sorted(prints.items()):
        for print_ in found.lines:
            holders[print_].append(who)
    most = min(MANY, max(FEW, int(USUAL * len(code))))
    counts: Counter[tuple[str, str]] = Counter()
    for sharing in holders.values():
        if 1 < len(sharing) <= most:
            counts.update(combinations(sharing, 2))
    rare = {print_ for print_, sharing in holders.items() if len(sharing) <= most}
    pairs = [
        _pair(a, b, prints, rare, shared)
        for (a, b), shared in counts.most_common(MOST_PAIRS)
        if shared >= least
    ]
    return Likeness(
        sorted(pairs, key=lambda pair: (-pair.shared, pair.a, pair.b)),
        _same_in_many(prints, least, most),
    )


def _same_in_many(prints: Mapping[str, _Prints], least: int, most: int) -> list[list[str]]:
    """Those whose own code is the same but for names, and who are too many to be pairs.

    It may be the usual solution, a book's, or one that went round.
    """
    found: dict[frozenset[int], list[str]] = defaultdict(list)
    for who, own in sorted(prints.items()):
        if len(own.lines) >= least:
            found[frozenset(own.lines)].append(who)
    return sorted((who for who in found.values() if len(who) > most), key=lambda who: -len(who))


def _pair(a: str, b: str, prints: Mapping[str, _Prints], rare: set[int], shared: int) -> Pair:
    mine, theirs = prints[a].lines, prints[b].lines
    both = (mine.keys() & theirs.keys()) & rare
    smaller = max(1, min(len(mine.keys() & rare), len(theirs.keys() & rare)))
    return Pair(a, b, shared, shared / smaller, _lines(mine, both), _lines(theirs, both))


def _lines(where: Mapping[int, tuple[int, int]], prints: Iterable[int]) -> frozenset[int]:
    return frozenset(n for p in prints for n in range(where[p][0], where[p][1] + 1))


# ---- tokens and fingerprints ---------------------------------------------------------------------


def _tokens(code: str, known: set[str] | frozenset[str]) -> list[tuple[str, int]]:
    """Each token with its line. Names that are not `known` become V, texts S, numbers N."""
    found: list[tuple[str, int]] = []
    after_dot = False
    for kind, text, line in _python_tokens(code):
        if kind == tokenize.NAME:
            keep = not known or after_dot or text in _KEPT or text in known
            found.append((text if keep else "V", line))
        elif kind == tokenize.STRING:
            found.append(("S", line))
        elif kind == tokenize.NUMBER:
            found.append(("N", line))
        else:
            found.append((text, line))
        after_dot = text == "."
    return found


def _python_tokens(code: str) -> Iterator[tuple[int, str, int]]:
    """Python's own tokens; where the text is none, words and signs."""
    done = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type not in _SKIPPED:
                yield token.type, token.string, token.start[0]
            done = token.end[0]
    except (tokenize.TokenError, SyntaxError, ValueError):
        for number, line in enumerate(code.splitlines()[done:], done + 1):
            for word in _ROUGH.findall(line):
                kind = tokenize.NAME if word[0].isalpha() or word[0] == "_" else tokenize.OP
                yield kind, word, number


def _grams(tokens: list[tuple[str, int]]) -> Iterator[tuple[int, int, int]]:
    """(fingerprint, first line, last line) of each run of GRAM tokens, by a rolling hash."""
    numbers = [crc32(text.encode()) for text, _ in tokens]
    leaving = pow(_BASE, GRAM - 1, _PRIME)
    rolling = 0
    for place, number in enumerate(numbers):
        if place >= GRAM:
            rolling -= numbers[place - GRAM] * leaving
        rolling = (rolling * _BASE + number) % _PRIME
        if place >= GRAM - 1:
            yield rolling, tokens[place - GRAM + 1][1], tokens[place][1]


def _winnowed(grams: Iterable[tuple[int, int, int]], given: set[int]) -> _Prints:
    """The smallest fingerprint of each window, without those that were given out."""
    own = [gram for gram in grams if gram[0] not in given]
    prints = [print_ for print_, *_ in own]
    kept: dict[int, tuple[int, int]] = {}
    least = -1  # place of the smallest one of the last window
    for start in range(max(1, len(own) - WINDOW + 1) if own else 0):
        window = prints[start : start + WINDOW]
        if least < start or window[-1] < prints[least]:
            least = start + window.index(min(window))
            kept.setdefault(prints[least], own[least][1:])
    return _Prints(kept)
