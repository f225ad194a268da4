"""What a student wrote, as HTML that does nothing: no program, no form, nothing fetched from elsewhere.

A person reads it in a page that has the person's rights: formgrader's, feedback, our own. So only
what is on the list stays; the rest is shown as the text it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Any

from bleach.sanitizer import Cleaner
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

MOST_MARKDOWN = 20_000  # characters; a longer text is shown as it is typed
MOST_HTML = 200_000  # of an output
MOST_TEXT = 200_000

_TAGS = frozenset(
    [
        "a",
        "abbr",
        "b",
        "blockquote",
        "br",
        "caption",
        "center",
        "code",
        "dd",
        "del",
        "details",
        "div",
        "dl",
        "dt",
        "em",
        "font",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "tt",
        "u",
        "ul",
        "var",
    ]
)
_NUMBERS = {"width", "height", "colspan", "rowspan", "border", "start"}
_WORDS = {"title", "alt", "align", "valign", "lang", "dir"}
_CLASS = re.compile(r"(highlight|hl-[\w+-]{1,20}|dataframe|[a-z]{1,2}[0-9a-z]?)")
_LINK = re.compile(r"(https?://|mailto:|#)", re.IGNORECASE)
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*")
_BESIDE = re.compile(r"[\w-]+(?:/[\w-]+)*\.(?:png|jpe?g|gif|webp)", re.ASCII)
_STYLE = re.compile(r"<style\b[^<]*</style\s*>", re.IGNORECASE)


def _attribute(tag: str, name: str, value: str) -> bool:
    if name in _WORDS:
        return True
    if name in _NUMBERS:
        return value.strip().removesuffix("%").isdigit()
    if name == "class":
        return all(_CLASS.fullmatch(word) for word in value.split())
    if (tag, name) == ("a", "href"):
        return _LINK.match(value.strip()) is not None
    if (tag, name) == ("img", "src"):
        # Beside the notebook, or in it: a picture from elsewhere tells its server who reads when.
        return bool(_PICTURE.fullmatch(value.strip()) or _BESIDE.fullmatch(value.strip()))
    return False


_cleaner = Cleaner(
    tags=_TAGS, attributes=_attribute, protocols=["http", "https", "mailto", "data"], strip=False
)


def html(text: str) -> str:
    """HTML by a stranger, with what is on the list alone; the rest of it is shown as text."""
    if len(text) > MOST_HTML:
        return f"<p>[{len(text):,} characters of HTML are not shown here.]</p>"
    cleaned = _cleaner.clean(_STYLE.sub("", text))
    return cleaned.replace("<a ", '<a rel="noopener noreferrer" target="_blank" ')


def markdown(source: str, attachments: Mapping[str, Any] | None = None) -> str:
    """Markdown by a stranger as HTML, rendered as in Jupyter, but for what is not on the list."""
    if len(source) > MOST_MARKDOWN:
        return text(source)
    renderer = IPythonRenderer(
        escape=False,
        attachments=_pictures(attachments),
        embed_images=False,
        path="",
        anchor_link_text="",
        exclude_anchor_links=True,
    )
    try:
        rendered = MarkdownWithMath(renderer=renderer).render(source)
    except Exception:  # of text that no author of the renderer has thought of
        return text(source)
    return html(rendered) if len(rendered) <= MOST_HTML else text(source)


def text(source: str) -> str:
    """Text as it was typed, in HTML."""
    more = len(source) - MOST_TEXT
    shown = source[:MOST_TEXT] + (f"\n[... {more:,} characters more]" if more > 0 else "")
    return f"<pre>{escape(shown)}</pre>"


def _pictures(attachments: Mapping[str, Any] | None) -> dict[str, dict[str, str]]:
    """The attachments that are pictures; the renderer wants a type and a text for each."""
    found = {}
    for name, bundle in (attachments or {}).items():
        if isinstance(bundle, Mapping):
            kinds = {k: v for k, v in bundle.items() if isinstance(k, str) and isinstance(v, str)}
            if kinds:
                found[str(name)] = kinds
    return found
