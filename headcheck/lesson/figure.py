"""`show_figure(text)`: the current matplotlib figure, with words for who cannot see it.

The ground is transparent and what was black becomes grey, so that a figure stands in a light and
in a dark page without a white box around it.
"""

from __future__ import annotations

import base64
import io
from html import escape

GREY = "#767676"  # readable on white and on the dark themes' grey


def show_figure(text: str) -> None:
    """Show the figure that pyplot is drawing, and close it; `text` says what it shows."""
    import matplotlib.pyplot as plt
    from IPython.display import display

    figure = plt.gcf()
    _greyed(figure)
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=110, transparent=True, bbox_inches="tight")
    width, _ = figure.get_size_inches()
    plt.close(figure)
    data = base64.b64encode(png.getvalue()).decode()
    html = (
        f'<img alt="{escape(text)}" src="data:image/png;base64,{data}" '
        f'style="max-width:min(100%,{width * 96:.0f}px);height:auto;background:transparent">'
    )
    display({"text/html": html, "text/plain": f"[figure: {text}]"}, raw=True)


def _greyed(figure) -> None:  # type: ignore[no-untyped-def]
    """Black lines, frames, ticks and words become grey; colours stay."""
    from matplotlib.axes import Axes
    from matplotlib.colors import to_rgba
    from matplotlib.legend import Legend
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch
    from matplotlib.text import Text

    def black(colour: object) -> bool:
        try:
            *rgb, alpha = to_rgba(colour)  # type: ignore[arg-type]
            return alpha > 0 and max(rgb) < 0.2
        except (ValueError, TypeError):
            return False

    for axes in figure.findobj(Axes):
        axes.tick_params(which="both", color=GREY, labelcolor=GREY)
    for legend in figure.findobj(Legend):
        legend.get_frame().set_facecolor("none")
        legend.get_frame().set_edgecolor(GREY)
    for artist in figure.findobj(lambda each: isinstance(each, Text | Line2D)):
        if black(artist.get_color()):
            artist.set_color(GREY)
    for patch in figure.findobj(Patch):
        if black(patch.get_edgecolor()):
            patch.set_edgecolor(GREY)
