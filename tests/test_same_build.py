"""When are two modules the same without running them? A yes must be certain."""

from __future__ import annotations

import copy
import itertools
import warnings

import pytest
import torch
from head_variants import MUTANTS, VARIANTS, fastai_create_head
from torch import nn
from torch.nn.utils import parametrizations

from headcheck.heads.head_spec import ConcatPool, build_head
from headcheck.lesson.failures import CheckFailed
from headcheck.lesson.modules import expect_same_function
from headcheck.lesson.same_build import built_the_same

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import fastai.layers as fl

pytestmark = pytest.mark.filterwarnings("ignore")
GRID = {
    "lin_ftrs": [None, [], [6], [6, 4]],
    "ps": [0.5, 0, [0.4]],
    "pool": [True, False],
    "concat_pool": [True, False],
    "first_bn": [True, False],
    "bn_final": [True, False],
    "lin_first": [True, False],
    "y_range": [None, (0, 5)],
}


def test_fastais_heads_are_built_as_the_specification() -> None:
    for values in itertools.product(*GRID.values()):
        options = dict(zip(GRID, values, strict=True))
        theirs = fastai_create_head(4, 3, **copy.deepcopy(options))
        assert built_the_same(theirs, build_head(4, 3, **options)), options


def test_heads_with_other_options_are_not() -> None:
    options = [
        *({"lin_ftrs": widths} for widths in ([], [6], [7], [6, 6], [6, 6, 6])),
        *({"ps": p} for p in (0.1, 0, [0.4], [0.5, 0.25])),
        *({name: True} for name in ("bn_final", "lin_first")),
        *({name: False} for name in ("pool", "concat_pool", "first_bn")),
        *({"y_range": limits} for limits in ((0, 5), (0, 6), (-1, 5))),
        *({"y_range": (0, 5), "bn_final": True}, {"lin_first": True, "first_bn": False}, {}),
    ]
    for a, b in itertools.permutations(options, 2):
        assert not built_the_same(
            fastai_create_head(4, 3, **copy.deepcopy(a)), build_head(4, 3, **b)
        )


@pytest.mark.parametrize("name", MUTANTS)
def test_no_wrong_head_is_built_the_same(name: str) -> None:
    mutant = MUTANTS[name]
    head = mutant.head(5, 3, **mutant.shows)
    if not isinstance(head, nn.Module):
        pytest.skip("this mistake is that it returns no module")
    assert not built_the_same(head, build_head(5, 3, **mutant.shows))


def test_some_styles_of_right_heads_are_seen_at_once() -> None:
    """Else this would save no time."""
    seen = [n for n, head in VARIANTS.items() if built_the_same(head(5, 3), build_head(5, 3))]
    assert len(seen) >= 6


def small(**changes: object) -> nn.Sequential:
    made: dict[str, nn.Module] = {
        "pool": ConcatPool(),
        "flat": nn.Flatten(),
        "norm": nn.BatchNorm1d(8),
        "drop": nn.Dropout(0.25),
        "linear": nn.Linear(8, 8),
        "relu": nn.ReLU(),
        "last": nn.Linear(8, 2),
    }
    return nn.Sequential(*{**made, **changes}.values())  # type: ignore[dict-item]


def tied() -> nn.Sequential:
    linear = nn.Linear(8, 8)
    return nn.Sequential(nn.Flatten(), linear, nn.ReLU(), linear)


def two_names_for_the_same_numbers() -> nn.Sequential:
    a, b = nn.Linear(8, 8), nn.Linear(8, 8)
    b.weight = nn.Parameter(a.weight.data)
    return nn.Sequential(nn.Flatten(), a, nn.ReLU(), b)


def test_modules_that_share_weights() -> None:
    separate = nn.Sequential(nn.Flatten(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 8))
    assert built_the_same(tied(), tied())
    assert not built_the_same(tied(), separate)
    assert not built_the_same(two_names_for_the_same_numbers(), separate)


@pytest.mark.parametrize(
    "same",
    [
        small(relu=nn.ReLU(inplace=True)),
        small(pool=fl.AdaptiveConcatPool2d(), flat=fl.Flatten()),
        nn.Sequential(nn.Identity(), *small()),
        nn.Sequential(*small()[:3], nn.Sequential(*small()[3:6], nn.Dropout(0.0)), small()[6]),
        small().eval(),
    ],
)
def test_these_are_the_same(same: nn.Module) -> None:
    assert built_the_same(same, small())
    expect_same_function(same, small(), torch.randn(4, 4, 3, 3), checked="the same")


def frozen() -> nn.Module:
    head = small()
    head[4].weight.requires_grad_(False)
    return head


def hooked() -> nn.Module:
    head = small()
    head[4].register_forward_hook(lambda module, given, result: result * 2)
    return head


def own_forward_on_an_instance() -> nn.Module:
    head = small()
    head.forward = lambda x: torch.zeros(len(x), 2)
    return head


def own_forward_on_a_layer() -> nn.Module:
    head = small()
    head[4].forward = lambda x: x
    return head


class Sequential(nn.Sequential):
    """A class that says it is the library's."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x) * 2


Sequential.__module__, Sequential.__qualname__ = "torch.nn.modules.container", "Sequential"


class Backwards(nn.Sequential):
    def __iter__(self):
        return iter(list(self._modules.values())[::-1])


class Linear(nn.Linear):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x).abs()


class Scaled(nn.Module):
    def __init__(self, factor: float) -> None:
        super().__init__()
        self.register_buffer("factor", torch.tensor(factor))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.factor


def spare_parameter() -> nn.Module:
    head = small()
    head[1].register_parameter("spare", nn.Parameter(torch.zeros(3)))
    return head


@pytest.mark.parametrize(
    "other",
    [
        small(drop=nn.Dropout(0.5)),
        small(drop=nn.Identity()),
        small(norm=nn.BatchNorm1d(8, momentum=0.2)),
        small(norm=nn.BatchNorm1d(8, eps=1e-3)),
        small(norm=nn.BatchNorm1d(8, affine=False)),
        small(norm=nn.BatchNorm1d(8, track_running_stats=False)),
        small(linear=nn.Linear(8, 8, bias=False)),
        small(linear=nn.Linear(8, 8).double()),
        small(relu=nn.LeakyReLU()),
        small(relu=nn.Sequential(nn.ReLU(), nn.ReLU())),
        small(flat=nn.Flatten(2)),
        small(pool=fl.AdaptiveConcatPool2d(2)),
        small(pool=nn.AdaptiveMaxPool2d(1)),
        small(linear=Linear(8, 8)),
        small(linear=parametrizations.weight_norm(nn.Linear(8, 8))),
        Sequential(*small()),
        Backwards(*small()),
        frozen(),
        hooked(),
        own_forward_on_an_instance(),
        own_forward_on_a_layer(),
        spare_parameter(),
        small(last=nn.Sequential(nn.Linear(8, 2), nn.Sigmoid())),
    ],
)
def test_these_are_not(other: nn.Module) -> None:
    assert not built_the_same(other, small())


def test_a_relu_in_place_of_what_others_read_has_to_be_run() -> None:
    given = nn.Sequential(nn.ReLU(inplace=True), nn.Flatten())
    assert not built_the_same(given, nn.Sequential(nn.ReLU(), nn.Flatten()))


def test_constants_have_to_be_run() -> None:
    a, b = Scaled(2.0), Scaled(3.0)
    assert not built_the_same(a, b)
    with pytest.raises(CheckFailed):
        expect_same_function(a, b, torch.ones(2, 3), checked="the factor", weights=False)


def test_a_module_that_contains_itself_is_no_endless_loop() -> None:
    head = small()
    head.append(head)
    assert not built_the_same(head, small())
