"""Do the pictures fit a phone and a dark page, have they words, and does the cut move without a server?"""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from typing import Any

import matplotlib
import pytest
from browser import chromium
from hours import in_turn
from torch import nn

matplotlib.use("Agg")

import matplotlib.pyplot as plt

from headcheck import anatomy, move_the_cut, show_figure

LESSONS = sorted((Path(__file__).parents[1] / "source").glob("*/*.py"))
DARK = "#111"


def model() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 2)
    )


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    bundles: list[dict[str, Any]] = []
    monkeypatch.setattr("IPython.display.display", lambda bundle, raw: bundles.append(bundle))
    return bundles


def test_has_a_figure_words_and_no_white_box(shown: list[dict[str, Any]]) -> None:
    from PIL import Image

    _, axes = plt.subplots()
    axes.plot([1, 2], color="black", label="a line")
    axes.set_title("title")
    axes.legend()
    show_figure('a "line" <up>')
    html = shown[0]["text/html"]
    assert 'alt="a &quot;line&quot; &lt;up&gt;"' in html
    assert shown[0]["text/plain"] == '[figure: a "line" <up>]'
    found = re.search(r"base64,([^\"]+)", html)
    assert found
    image = Image.open(io.BytesIO(base64.b64decode(found[1]))).convert("RGBA")
    assert image.getpixel((0, 0))[3] == 0  # transparent
    solid = {pixel[:3] for _, pixel in image.getcolors(10**6) if pixel[3] == 255}
    assert min(map(max, solid)) > 90  # nothing black, which a dark page would hide
    assert not plt.get_fignums()


def test_has_every_figure_of_a_lesson_words() -> None:
    for path in LESSONS:
        assert "plt.show()" not in path.read_text("utf-8"), path.name


@in_turn
def test_stands_the_body_above_the_head_on_a_phone_and_beside_it_elsewhere() -> None:
    html = anatomy(model(), (1, 3, 32, 32), cut=2)._repr_html_()
    with chromium() as browser:
        for width, tall in ((390, True), (1200, False)):
            page = browser.new_page(viewport={"width": width, "height": 800})
            page.set_content(f"<body style='margin:8px'>{html}</body>")
            assert page.locator(".headcheck-tall").is_visible() is tall
            assert page.locator(".headcheck-wide").is_visible() is not tall
            smallest = page.evaluate(
                "Math.min(...[...document.querySelectorAll('svg text')].map("
                "t => t.getBoundingClientRect().height).filter(h => h))"
            )
            assert smallest > 8  # pixels
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_does_the_cut_move_without_a_script() -> None:
    figure = move_the_cut(model(), (1, 3, 32, 32), typed_in=-3)
    html = figure._repr_html_()
    assert "<script" not in html and "onclick" not in html
    assert str(figure).splitlines()[0] == "cut = -1: 4 goes; 8 arrives at the head"
    with chromium() as browser:
        page = browser.new_page()
        page.set_content(f"<body style='background:{DARK};color:#ddd'>{html}</body>")
        said = page.locator("b").filter(visible=True)
        assert "cut = -3" in said.nth(0).inner_text()
        page.locator("input").nth(0).click()
        assert (
            "cut = -1"
            in page.locator("b", has_text="cut =").filter(visible=True).nth(0).inner_text()
        )
