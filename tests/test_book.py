"""Is the book whole, without a solution, and good to read on a phone and in the dark?

A small lesson stands for the ten: executing those takes minutes (`make test-all` builds them).
"""

from __future__ import annotations

import html
import re
import shutil
from pathlib import Path
from urllib.parse import unquote

import pytest
from browser import chromium
from hours import IN_THE_NIGHT, in_turn, night
from once import once
from tiny_course import LESSON, NAME, ROOT, headcheck, make_course

from headcheck.authoring.book_terms import explained
from headcheck.authoring.leaks import secrets_of
from headcheck.course.directory import Course

# What lessons have in their text: a word of the glossary, a hint that shows a line, a place in the notebook.
TEXT = """\
# %% [markdown]
# A [head](../../docs/glossary.md#head), and the way to [step 1](#step-1).
#
# <details><summary>Hint 1</summary>A <a href="../../docs/glossary.md#y_range">range</a>. And
# <code>seven = 7 * 1_000_000 // 1_000_000</code>
# is right.</details>

# %% [markdown]
# <a id="step-1"></a>
# ## Step 1

"""


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def make(place: Path) -> None:
        if IN_THE_NIGHT:
            done = headcheck(ROOT, "book", "--into", str(place / "site"))
            (place / "course").symlink_to(ROOT)
        else:
            first, second = LESSON.split("\n\n", 1)
            made = make_course(place / "course", lesson=f"{first}\n\n{TEXT}{second}")
            shutil.copytree(ROOT / "docs", made / "docs")
            assert headcheck(made, "build", "--no-verify").returncode == 0
            done = headcheck(made, "book", "--into", str(place / "site"))
        assert done.returncode == 0, done.stderr

    return once(tmp_path_factory, "book", make)


@pytest.fixture
def site(course: Path) -> Path:
    return course / "site"


@in_turn
def test_does_every_link_inside_lead_somewhere(site: Path) -> None:
    texts = {page: page.read_text("utf-8") for page in site.rglob("*.html")}
    ids = {page: set(re.findall(r'\bid="([^"]+)"', text)) for page, text in texts.items()}
    lost = []
    for page, text in texts.items():
        for target in re.findall(r'(?:href|src)="([^"]+)"', text):
            if re.match(r"[a-z]+:|//|#$", target):
                continue
            name, _, anchor = html.unescape(target).partition("#")
            there = (page.parent / unquote(name.partition("?")[0])).resolve() if name else page
            if not there.exists() or (anchor and there in ids and anchor not in ids[there]):
                lost.append(f"{page.relative_to(site)}: {target}")
    assert len(texts) > 5 and not lost


def test_is_nothing_fetched_from_elsewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        loaded = re.findall(
            r'<(?:script|link|img)[^>]+(?:src|href)="(https?:[^"]+)"', page.read_text("utf-8")
        )
        assert not loaded, page


def test_shows_no_page_a_solution(course: Path, site: Path) -> None:
    secrets = secrets_of(Course.open(course / "course"))
    for shown in secrets.shown.values():  # lesson 06 prints the library's own source
        shown.add("model = arch(pretrained=pretrained)")
    for page in [*site.rglob("*.html"), *site.rglob("*.js")]:
        text = html.unescape(re.sub(r"<[^>]+>", "", page.read_text("utf-8")))
        name = page.relative_to(site).as_posix()
        assert secrets.first_in(name, text.encode()) is None, name
    assert not (site / "docs" / "ta").exists() and not list(site.rglob("*.ipynb"))


@pytest.mark.skipif(IN_THE_NIGHT, reason="of the small lesson")
def test_looks_a_lesson_as_it_does_when_nothing_is_answered(site: Path) -> None:
    text = (site / "notebooks" / NAME / f"{NAME}.html").read_text("utf-8")
    assert "double is not answered yet." in text and "twice_as_much" not in text
    assert "Show code cell source" in text  # a check is folded


def test_has_every_document_but_those_with_answers_a_page(course: Path, site: Path) -> None:
    documents = {path.stem for path in (course / "course" / "docs").glob("*.md")} - {"ta-guide"}
    assert documents == {path.stem for path in (site / "docs").glob("*.html")}
    index = (site / "index.html").read_text("utf-8")
    assert all(f'href="docs/{name}.html"' in index for name in documents)


@in_turn
def test_is_a_word_of_the_glossary_explained_where_it_stands(course: Path, site: Path) -> None:
    words = explained((course / "course" / "docs" / "glossary.md").read_text("utf-8"))
    glossary = (site / "docs" / "glossary.html").read_text("utf-8")
    assert len(words) > 30 and all(f'id="{name}"' in glossary for name in words)
    lessons = sorted(site.glob("notebooks/*/*.html"))
    lesson = next(page for page in lessons if "glossary.html#head" in page.read_text("utf-8"))
    with chromium() as browser:
        page = browser.new_page()
        page.goto(lesson.as_uri())
        word = page.locator('a.term[href$="#head"]').first
        tip = page.get_by_role("tooltip")
        word.hover()
        tip.wait_for(state="visible")
        assert tip.inner_text() == words["head"] and "`" not in words["head"]
        tip.hover()  # one may move onto it, to read or to copy
        word.hover()
        page.keyboard.press("Escape")
        tip.wait_for(state="hidden")
        page.mouse.move(0, 0)
        for _ in range(300):  # as who has no mouse
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.matches('a.term')"):
                break
        tip.wait_for(state="visible")
        described = page.evaluate("document.activeElement.getAttribute('aria-describedby')")
        assert described == tip.get_attribute("id")
        page.keyboard.press("Tab")
        page.evaluate("document.activeElement.blur()")
        tip.wait_for(state="hidden")
        phone = browser.new_context(
            viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
        ).new_page()
        phone.goto(lesson.as_uri())
        phone.locator('a.term[href$="#head"]').first.tap()
        phone.wait_for_url("**/docs/glossary.html#head")


@night("by day the words, the links and what is fetched")
def test_fits_a_phone_is_dark_in_the_dark_and_prints_the_cheat_sheet_on_one_page(
    site: Path,
) -> None:
    pages = ["index.html", "docs/cheatsheet.html", "docs/glossary.html", "docs/for-tas.html"]
    pages += [str(p.relative_to(site)) for p in sorted(site.glob("notebooks/*/*.html"))]
    with chromium() as browser:
        for theme, is_dark in (("light", False), ("dark", True)):
            context = browser.new_context(
                viewport={"width": 390, "height": 844}, color_scheme=theme
            )
            page = context.new_page()
            for name in pages:
                page.goto((site / name).as_uri())
                for width in (390, 1280):
                    page.set_viewport_size({"width": width, "height": 844})
                    page.wait_for_function("width => innerWidth === width", arg=width)
                    wide = page.evaluate("document.documentElement.scrollWidth")
                    assert wide <= width, f"{name} is {wide} px wide on {width}"
                page.locator(".sidebar-search").wait_for(state="visible")
                ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
                assert (sum(map(int, re.findall(r"\d+", ground)[:3])) < 200) is is_dark
            context.close()
        page = browser.new_page()
        page.goto((site / "docs/cheatsheet.html").as_uri())
        assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 1
