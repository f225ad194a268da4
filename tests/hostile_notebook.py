"""One notebook with every way of acting on the page in which it is shown that we know of.

Each calls `alert` with its own name.
"""

from __future__ import annotations

from hostile import HOSTILE, OUTSIDE
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell

EVIL_FILES = {
    "evil.html": "<script>opener && opener.alert('file.html'); document.title = 'ran'</script>",
    "evil.svg": "<svg xmlns='http://www.w3.org/2000/svg'><script>document.title = 'ran'</script></svg>",
    "evil.xhtml": "<html xmlns='http://www.w3.org/1999/xhtml'><script>document.title='ran'</script></html>",
}


def _act(name: str) -> str:
    return f"parent.alert('{name}')"


OUTPUTS: dict[str, tuple[dict[str, object], dict[str, object]]] = {
    "html-script": ({"text/html": f"<script>{_act('html-script')}</script>"}, {}),
    "html-onerror": ({"text/html": f'<img src=x onerror="{_act("html-onerror")}">'}, {}),
    "html-svg": ({"text/html": f'<svg onload="{_act("html-svg")}"></svg>'}, {}),
    "html-srcdoc": ({"text/html": f'<iframe srcdoc="<script>{_act("html-srcdoc")}</script>"></iframe>'}, {}),
    "html-isolated": ({"text/html": f"<script>{_act('html-isolated')}</script>"}, {"text/html": {"isolated": True}}),
    "html-remote": ({"text/html": f"<img src='{OUTSIDE}'><link rel=stylesheet href='{OUTSIDE}'>"}, {}),
    "html-style": ({"text/html": f"<style>body {{ background: url({OUTSIDE}) }}</style>x"}, {}),
    "javascript": ({"application/javascript": _act("javascript")}, {}),
    "javascript-text": ({"text/javascript": _act("javascript-text")}, {}),
    "svg": ({"image/svg+xml": f"<svg xmlns='http://www.w3.org/2000/svg' onload=\"{_act('svg')}\"><script>{_act('svg')}</script></svg>"}, {}),
    "markdown": ({"text/markdown": f'<img src=x onerror="{_act("markdown")}">'}, {}),
    "latex": ({"text/latex": f"$\\href{{javascript:alert(1)}}{{x}}$ <img src=x onerror=\"{_act('latex')}\">"}, {}),
    "png-width": ({"image/png": "iVBORw0KGgo="}, {"image/png": {"width": "1 onerror=alert(`png-width`)"}}),
    "png-data": ({"image/png": f'x" onerror="{_act("png-data")}'}, {}),
    "jpeg-height": ({"image/jpeg": "/9j/"}, {"image/jpeg": {"height": "1 onerror=alert(`jpeg-height`)"}}),
    "png-file": ({"image/png": "iVBORw0KGgo="}, {"filenames": {"image/png": OUTSIDE}}),
    "png-alt": ({"image/png": "iVBORw0KGgo="}, {"image/png": {"alt": '" onerror="alert(`png-alt`)'}}),
    "mermaid": ({"text/vnd.mermaid": f"graph TD; A[\"<img src=x onerror={_act('mermaid')}>\"]"}, {}),
    "widget": ({"application/vnd.jupyter.widget-view+json": {"model_id": "x", "version_major": 2, "version_minor": 0}}, {}),
    "bokeh": ({"application/vnd.bokehjs_exec.v0+json": "", "application/javascript": _act("bokeh"), "text/html": "<b>a plot</b>"}, {}),
    "plain": ({"text/plain": f"<script>{_act('plain')}</script>"}, {}),
}  # fmt: skip


def hostile_cells() -> list[NotebookNode]:
    cells = [new_markdown_cell(text) for text, _ in HOSTILE.values()]
    for data, metadata in OUTPUTS.values():
        cell = new_code_cell("show()")
        cell.outputs = [new_output("display_data", data=data, metadata=metadata)]
        cells.append(cell)
    stream = new_code_cell("</pre></div><script>alert('source')</script>")
    stream.outputs = [
        new_output("stream", name="stdout", text="<script>alert('stdout')</script>\x1b]8;;x\x07"),
        new_output("error", ename="<script>", evalue="x", traceback=["<script>alert('error')</script>"]),
    ]  # fmt: skip
    for kind in ("", "text/html", "text/markdown", "TEXT/HTML"):
        raw = new_raw_cell(f"```\n<script>alert('raw {kind}')</script>")
        raw.metadata["raw_mimetype"] = kind
        cells.append(raw)
    picture = new_markdown_cell("![x](attachment:a.svg)")
    picture["attachments"] = {"a.svg": {'image/svg+xml" onerror="alert(`attachment`)': "PHN2Zz4="}}
    label = new_markdown_cell("A cell with a label of its own.")
    label.metadata["nbgrader"] = {
        "grade_id": 'x"><img src=x onerror="alert(\'label\')">',
        "grade": True,
        "solution": True,
        "points": 3,
        "locked": False,
        "schema_version": 3,
        "task": False,
    }
    tag = new_code_cell("1")
    tag.metadata["tags"] = ['"><img src=x onerror="alert(\'tag\')">']
    tag.metadata["magics_language"] = "<script>alert('language')</script>"
    return [*cells, stream, picture, label, tag]


def honest_cells() -> list[NotebookNode]:
    """What somebody's own work looks like, and must go on to look like."""
    table = new_code_cell("frame")
    table.outputs = [
        new_output(
            "display_data",
            data={
                "text/html": '<div>\n<style scoped>\n .dataframe { vertical-align: top; }\n</style>\n<table border="1" class="dataframe"><thead><tr><th>width</th></tr></thead><tbody><tr><td>512 honest</td></tr></tbody></table></div>',
                "text/plain": "   width\n0  512",
            },
        ),
        new_output(
            "display_data",
            data={
                "image/png": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
            },
            metadata={"image/png": {"width": 40, "height": 30}},
        ),
    ]
    return [new_markdown_cell("An honest **remark**, 1 < 2, `List<int>`."), table]
