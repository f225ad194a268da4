"""The words of the glossary, explained where they stand: a tooltip beside each link to one.

With the mouse it comes when one points at the link, with the keyboard when the link has the focus,
and Escape puts it away. On a phone a touch follows the link, as before. The text is a file of the
site, so nothing is fetched, also when the site is opened from a folder.
"""

from __future__ import annotations

import json
import re

CSS = """\
a.term { text-decoration: underline dotted; text-underline-offset: .2em; }
#term-explained {
  position: absolute; z-index: 50; box-sizing: border-box; width: max-content; max-width: min(30rem, calc(100vw - 1rem));
  padding: .6em .8em; border: 1px solid var(--color-background-border); border-radius: .4em;
  background: var(--color-background-primary); color: var(--color-foreground-primary);
  box-shadow: 0 .2em .8em rgb(0 0 0 / .25); font-size: .9rem; line-height: 1.4;
}
#term-explained[hidden] { display: none; }
@media print { #term-explained { display: none; } a.term { text-decoration: none; } }
"""

_SCRIPT = """\
document.addEventListener("DOMContentLoaded", () => {
  const tip = document.createElement("div");
  tip.id = "term-explained";
  tip.setAttribute("role", "tooltip");
  tip.hidden = true;
  document.body.append(tip);
  let shown = null, leaving = 0;

  const hide = () => {
    clearTimeout(leaving);
    tip.hidden = true;
    shown?.removeAttribute("aria-describedby");
    shown = null;
  };
  const show = (link, text) => {
    hide();
    tip.textContent = text;
    tip.hidden = false;
    shown = link;
    link.setAttribute("aria-describedby", tip.id);
    const at = link.getClientRects()[0];
    const room = document.documentElement.clientWidth - tip.offsetWidth - 8;
    const below = at.bottom + 4 + tip.offsetHeight < innerHeight || at.top < tip.offsetHeight + 4;
    tip.style.left = `${Math.max(8, Math.min(at.left, room)) + scrollX}px`;
    tip.style.top = `${(below ? at.bottom + 4 : at.top - 4 - tip.offsetHeight) + scrollY}px`;
  };
  // Long enough to move the pointer from the link onto the explanation.
  const leave = () => { clearTimeout(leaving); leaving = setTimeout(hide, 250); };

  for (const link of document.querySelectorAll("article a[href]:not(.headerlink)")) {
    const target = new URL(link.href);
    const text = EXPLAINED[decodeURIComponent(target.hash.slice(1))];
    if (!target.pathname.endsWith("/docs/glossary.html") || !text) continue;
    link.classList.add("term");
    link.addEventListener("pointerenter", (event) => { if (event.pointerType === "mouse") show(link, text); });
    link.addEventListener("pointerleave", leave);
    link.addEventListener("focus", () => { if (link.matches(":focus-visible")) show(link, text); });
    link.addEventListener("blur", hide);
  }
  tip.addEventListener("pointerenter", () => clearTimeout(leaving));
  tip.addEventListener("pointerleave", leave);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
});
"""


def explained(glossary: str) -> dict[str, str]:
    """Each word of the glossary, by the name of its place in the page, with its text as plain words."""
    found = {}
    for section in re.split(r"(?m)^## ", glossary)[1:]:
        title, _, text = section.partition("\n")
        found[re.sub(r"[^a-z0-9]+", "-", title.strip().lower())] = _plain(text)
    return found


def script(glossary: str) -> str:
    """The JavaScript of the tooltips, with the explanations in it."""
    return f"const EXPLAINED = {json.dumps(explained(glossary), ensure_ascii=False)};\n{_SCRIPT}"


def _plain(markdown: str) -> str:
    text = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", markdown)
    spans = re.split(r"(`[^`]*`)", " ".join(text.split()))  # code keeps its stars
    return "".join(s.strip("`") if s.startswith("`") else re.sub(r"\*+", "", s) for s in spans)
