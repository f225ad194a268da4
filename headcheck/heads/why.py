"""Why a head is not the one that was asked for: which misreading of the options builds just this one?

Each usual misreading is another set of arguments for the reference. The head that it gives is compared
with what the student's head ran; the first that fits names the cause. No numbers: it may be shown of a
hidden test too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from torch import nn

from headcheck.lesson.layers import Layer
from headcheck.lesson.measure import Op

Build = Callable[..., nn.Module]
Ran = Callable[[nn.Module], Sequence[Layer]]

NOT_USED = {
    "lin_ftrs": "lin_ftrs is not used: it has one width for each hidden layer",
    "ps": "ps is not used: the last Dropout drops that much, those before it half",
    "concat_pool": "concat_pool is not used: without concat_pool there is one pool, the average",
    "pool": "pool is not used: False leaves out the pool and Flatten",
    "first_bn": "first_bn is not used: False leaves out the BatchNorm of the first block",
    "bn_final": "bn_final is not used: it adds a BatchNorm after the last Linear",
    "lin_first": "lin_first changes nothing yet: each block has to begin with its Linear",
    "y_range": "y_range is not used: it ends the head with a sigmoid, stretched to the range",
}
DEFAULT_HIDDEN = 512
SWAPPED = "the first two arguments are swapped: create_head(nf, n_out)"


def misreading(
    build: Build, ran: Ran, nf: int, n_out: int, options: dict[str, Any], yours: Sequence[Layer]
) -> str | None:
    """The sentence for the first misreading whose head runs the same layers as `yours`.

    `build` makes a reference head, `ran` tells the layers that run in one.
    """
    mine = [layer.text for layer in yours]
    for sentence, arguments in _misreadings(nf, n_out, options):
        try:
            theirs = ran(build(**arguments))
        except (ValueError, TypeError, RuntimeError, IndexError):
            continue  # these arguments make no head
        if [layer.text for layer in theirs] == mine:
            return sentence
    return None


def _misreadings(
    nf: int, n_out: int, options: dict[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    given = {"nf": nf, "n_out": n_out, **options}
    hidden = options.get("lin_ftrs")
    if hidden is not None and not list(hidden):
        yield (
            "an empty list is no hidden layer: `lin_ftrs or [512]` takes it for None, ask "
            "`lin_ftrs is None`",
            given | {"lin_ftrs": None},
        )
    for option, sentence in NOT_USED.items():
        if option in options:
            yield sentence, {k: v for k, v in given.items() if k != option}
    if hidden is None:
        for width in (nf, 2 * nf):
            yield (
                "the hidden layer follows nf: without lin_ftrs it is 512 wide for every body",
                given | {"lin_ftrs": [width]},
            )
        yield (
            "the hidden layer is missing: without lin_ftrs there is one, 512 wide",
            given | {"lin_ftrs": []},
        )
    yield (
        "the first two arguments are swapped: create_head(nf, n_out)",
        given
        | {
            "nf": n_out,
            "n_out": nf,
        },
    )


def wrong_width(failed: Op, ran: Sequence[Layer], nf: int, n_out: int) -> str | None:
    """Where the first layer with weights raised: what was it made for, if not for these features?"""
    if any(layer.weights for layer in ran):
        return None
    role = {"batch_norm": "running_mean", "linear": "weight"}.get(failed.name, "")
    takes = failed.shapes.get(role, (0,))[-1]
    if takes in (nf, 2 * nf):
        return None
    if takes in (DEFAULT_HIDDEN, 2 * DEFAULT_HIDDEN):
        return (
            "a width is fixed in the code and fits nf=512 only, a resnet18: nf says how many "
            "features this body has"
        )
    return SWAPPED if takes in (n_out, 2 * n_out) else None
