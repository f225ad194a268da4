"""Does the histogram of the report show everybody, where they belong?"""

import re
from xml.etree import ElementTree

import pytest

from headcheck.desk.histogram import Histogram
from headcheck.desk.numbers import Spread
from headcheck.desk.page import escaping


def spread(*shares: float) -> Spread:
    least, most = min(shares), max(shares)
    zeros, full = shares.count(0), shares.count(1)
    return Spread(sorted(shares), 0.5, 0.5, least, most, 0.1, zeros, full)


CLASSES = {
    "one of each": (spread(0, 0.05, 0.55, 0.999, 1), {"none": 1, "some": 3, "all": 1}),
    "nobody has anything": (spread(0, 0), {"none": 2}),
    "one student": (spread(1), {"all": 1}),
    "a border": (spread(0.1, 0.2, 0.3, 0.7), {"some": 4}),
    "many": (spread(*[n / 2000 for n in range(2001)]), {"none": 1, "some": 1999, "all": 1}),
}


@pytest.mark.parametrize(("marks", "expected"), CLASSES.values(), ids=CLASSES)
def test_does_everybody_stand_in_one_bar(marks, expected):
    found = Histogram.of(marks)
    counted: dict[str, int] = {}
    for bar in found.bars():
        counted[bar.kind] = counted.get(bar.kind, 0) + bar.count
    assert counted == expected
    assert sum(counted.values()) == marks.n


@pytest.mark.parametrize("marks", [marks for marks, _ in CLASSES.values()], ids=CLASSES)
def test_is_each_bar_as_high_as_its_count_and_on_the_picture(marks):
    found = Histogram.of(marks)
    bars = found.bars()
    one = (found.bottom - found.top) / max(bar.count for bar in bars)
    for bar in bars:
        assert bar.height == pytest.approx(one * bar.count, abs=0.2)
        assert found.left <= bar.x and bar.x + bar.width <= found.right
        assert bar.y >= found.top and bar.y + bar.height == pytest.approx(found.bottom, abs=0.1)
    assert [bar.x for bar in bars] == sorted(bar.x for bar in bars)
    ticks = found.counts()
    assert ticks[0] == 0 and 2 <= len(ticks) <= 6 and len(set(ticks)) == len(ticks)


def test_does_the_picture_say_the_same_in_words():
    template = escaping().get_template("histogram.html.j2")
    drawn = template.module.histogram(Histogram.of(spread(0, 0.55, 0.55, 1)))  # type: ignore[attr-defined]
    picture = ElementTree.fromstring(str(drawn))
    words = picture.get("aria-label") or ""
    assert words.startswith("Marks of 4 submissions. nothing: 1, 50 to 60 %: 2, everything: 1.")
    shown = [re.sub(r"\s+", " ", text.text or "") for text in picture.iter() if text.tag == "title"]
    assert shown == ["nothing: 1", "50 to 60 %: 2", "everything: 1"]
