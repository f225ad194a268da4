"""Do the checks accept every right answer, reject every wrong one, and say why?"""

from __future__ import annotations

import itertools
import random
import warnings
from typing import Any

import numpy as np
import pytest
import torch
from head_variants import MUTANTS, VARIANTS, build, fastai_create_head
from hours import IN_THE_NIGHT
from torch import Tensor, nn

from headcheck.heads.expect_head import expect_head
from headcheck.heads.head_spec import ConcatPool, build_head
from headcheck.lesson import same_function
from headcheck.lesson.checking import hidden
from headcheck.lesson.failures import AnswerRaised, CheckFailed, NotAnswered
from headcheck.lesson.modules import (
    expect_gradients,
    expect_layers,
    expect_output,
    expect_same_function,
    expect_separate,
    reached_by_gradient,
)
from headcheck.lesson.plain import kind_of
from headcheck.lesson.state import expect_groups, expect_state_unchanged, state_of
from headcheck.lesson.values import (
    expect,
    expect_answered,
    expect_close,
    expect_equal,
    expect_error,
    expect_raises,
    expect_shape,
)
from headcheck.seed import set_seed

pytestmark = pytest.mark.filterwarnings("ignore")

# Every option alone, and together.
CONFIGS: list[dict[str, Any]] = [
    {"lin_ftrs": [6, 5]},
    {"lin_ftrs": []},
    {"lin_ftrs": [6, 5, 4], "ps": [0.1, 0.2, 0.3, 0.4]},
    {"lin_ftrs": [6], "ps": 0.3},
    {"lin_ftrs": [6], "ps": [0.4]},
    {"lin_ftrs": [6], "ps": 0},
    {"lin_ftrs": [6, 5], "ps": [0.0, 0.2, 0.0]},
    {"lin_ftrs": [6], "pool": False},
    {"lin_ftrs": [6], "concat_pool": False},
    {"lin_ftrs": [6], "first_bn": False},
    {"lin_ftrs": [6], "bn_final": True},
    {"lin_ftrs": [6, 5], "lin_first": True},
    {"lin_ftrs": [], "lin_first": True},
    {"lin_ftrs": [6], "lin_first": True, "first_bn": False, "ps": [0.0, 0.2]},
    {"lin_ftrs": [6], "y_range": (-2, 3)},
    {"lin_ftrs": [6], "y_range": (0, 5), "bn_final": True, "lin_first": True, "pool": False},
]


@pytest.fixture(autouse=True)
def seed():
    set_seed(1)


def failure(check, *args, **kwargs) -> CheckFailed:
    with pytest.raises(CheckFailed) as caught:
        check(*args, **kwargs)
    return caught.value


# ---- heads ---------------------------------------------------------------------------------------


def test_there_are_enough_variants_and_mutants():
    assert len(VARIANTS) >= 20
    assert len(MUTANTS) >= 40


@pytest.mark.parametrize("runs", [False, True], ids=["looked at", "run"])
@pytest.mark.parametrize("name", VARIANTS)
def test_a_right_head_in_another_style_is_accepted(name, runs, monkeypatch):
    """Also by what it computes, when how it is built says enough already.

    That takes longer: each with every third of the options, another third for the next one.
    """
    tried = list(enumerate(CONFIGS))
    if runs:
        monkeypatch.setattr(same_function, "built_the_same", lambda *_: False)
        tried = tried if IN_THE_NIGHT else tried[list(VARIANTS).index(name) % 3 :: 3]
    for number, options in tried:
        set_seed(number % 10)
        expect_head(VARIANTS[name](5, 3, **options), nf=5, n_out=3, **options)


def test_a_right_head_is_accepted_whatever_is_drawn():
    styles = itertools.cycle(VARIANTS.values())
    for seed in range(10):
        for options in CONFIGS:
            set_seed(seed)
            expect_head(next(styles)(5, 3, **options), nf=5, n_out=3, **options)


@pytest.mark.parametrize("name", MUTANTS)
def test_a_wrong_head_is_rejected_with_its_cause(name):
    mutant = MUTANTS[name]
    for seed in range(3):
        set_seed(seed)
        found = failure(
            expect_head, mutant.head(5, 3, **mutant.shows), nf=5, n_out=3, **mutant.shows
        )
        assert mutant.says in str(found), str(found)
        assert found.got is not None or found.cause is not None


@pytest.mark.parametrize("name", MUTANTS)
def test_a_hidden_check_of_a_wrong_head_shows_no_value(name):
    options = dict(MUTANTS[name].shows)
    options["lin_ftrs"] = [{6: 61, 5: 53}[width] for width in options["lin_ftrs"]]
    head = MUTANTS[name].head(47, 29, **options)

    def check():
        with hidden("other sizes"):
            expect_head(head, nf=47, n_out=29, **options)

    found = failure(check)
    assert not any(secret in str(found) for secret in ("47", "94", "29", "61", "53")), str(found)


def test_the_default_head_is_accepted_and_its_hidden_width_matters():
    expect_head(fastai_create_head(6, 4), nf=6, n_out=4)
    failure(expect_head, build(6, 4, lin_ftrs=[500]), nf=6, n_out=4)


def test_both_columns_stand_side_by_side():
    text = str(failure(expect_head, MUTANTS["relu_before_linear"].head(5, 3), nf=5, n_out=3))
    arrow = next(line for line in text.splitlines() if "→" in line)
    assert " ".join(arrow.split()) == "→ 5 ReLU Linear(10, 512, bias=False)"


def block_failure(*layers) -> str:
    wanted = nn.Sequential(
        nn.BatchNorm1d(8), nn.Dropout(0.25), nn.Linear(8, 4, bias=False), nn.ReLU()
    )
    block = nn.Sequential(*layers)
    return str(failure(expect_same_function, block, wanted, torch.randn(6, 8), checked="a block"))


def test_a_width_is_blamed_on_concat_pooling_only_after_a_pool():
    head = nn.Sequential(ConcatPool(), nn.Flatten(), nn.BatchNorm1d(5), nn.Linear(5, 3))
    assert "concat pooling" in str(failure(expect_head, head, nf=5, n_out=3))
    assert "two neighbours" in block_failure(nn.BatchNorm1d(4))
    assert "two neighbours" in block_failure(nn.BatchNorm1d(8), nn.Dropout(0.25), nn.Linear(4, 8))


def test_the_only_dropout_of_a_block_gets_its_p_undivided():
    text = block_failure(nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 4, bias=False), nn.ReLU())
    assert "one Dropout only" in text


def test_dropout_shows_in_both_columns_when_forward_fails():
    text = block_failure(nn.Linear(8, 4, bias=False), nn.ReLU(), nn.BatchNorm1d(8))
    assert "Dropout(0.25)" in text


def test_the_old_head_in_a_model_is_named():
    body = [nn.Conv2d(3, 8, 3), nn.ReLU()]
    head = build_head(8, 2, [3])
    model = nn.Sequential(
        *body, nn.Conv2d(8, 6, 1), nn.AdaptiveAvgPool2d(1), *build_head(6, 2, [3])
    )
    images = torch.randn(2, 3, 8, 8)
    wanted = nn.Sequential(*body, *head)
    text = str(failure(expect_same_function, model, wanted, images, checked="a model"))
    assert "goes on too long" in text


def test_the_checked_head_is_left_as_it_was():
    head = build(5, 3, lin_ftrs=[6])
    before = state_of(head)
    expect_head(head, nf=5, n_out=3, lin_ftrs=[6])
    expect_state_unchanged(before, head, checked="the head", modes=True)


def test_a_stub_inside_forward_is_an_unanswered_exercise():
    class Head(nn.Module):
        def forward(self, x):
            raise NotImplementedError("Head is not answered yet")

    with pytest.raises(NotImplementedError):
        expect_head(Head(), nf=5, n_out=3)
    with pytest.raises(NotImplementedError):
        expect_output(Head(), (2, 5, 3, 3), (2, 3))


def test_the_specification_builds_what_fastai_builds():
    def described(layer: nn.Module) -> tuple:
        kind = type(layer).__name__.replace("AdaptiveConcatPool2d", "ConcatPool")
        names = (
            *("in_features", "out_features", "num_features", "p", "eps", "momentum"),
            *("low", "high", "output_size"),
        )
        values = {n: getattr(layer, n) for n in names if hasattr(layer, n)}
        return kind, values, getattr(layer, "bias", None) is not None

    grid = itertools.product(
        (4, 7),
        (None, [], [6], [6, 5]),
        (0.5, 0.0, [0.4], "full", "zeros"),
        *[(True, False)] * 5,
        (None, (-1, 1)),
    )
    checked = 0
    for nf, lin_ftrs, ps, pool, concat, first_bn, bn_final, lin_first, y_range in grid:
        k = 1 if lin_ftrs is None else len(lin_ftrs)
        given = {"full": [0.1, 0.2, 0.3][: k + 1], "zeros": [0.0] * (k + 1)}.get(str(ps), ps)
        options = {
            **{"lin_ftrs": lin_ftrs, "pool": pool, "concat_pool": concat, "first_bn": first_bn},
            **{"bn_final": bn_final, "lin_first": lin_first, "y_range": y_range},
        }
        copied = list(given) if isinstance(given, list) else given
        ours = build_head(nf, 3, ps=given, **options)
        theirs = fastai_create_head(nf, 3, ps=copied, **options)
        assert [*map(described, ours)] == [*map(described, theirs)], options
        checked += 1
    assert checked == 2560


# ---- the same function as any reference ----------------------------------------------------------


def body() -> nn.Sequential:
    return nn.Sequential(
        nn.Sequential(nn.Conv2d(3, 6, 3, 2, 1, bias=False), nn.BatchNorm2d(6), nn.ReLU()),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 8, 3, padding=1, groups=2),
    )


def test_an_assembled_model_is_compared_whole():
    images = torch.randn(4, 3, 16, 16)
    whole = nn.Sequential(body(), build_head(8, 5, [6]))
    flat = nn.Sequential(*body(), *build(8, 5, lin_ftrs=[6]))
    expect_same_function(flat, whole, [images], checked="the model")
    cut_early = nn.Sequential(*list(body())[:2], build_head(6, 5, [6]))
    failure(expect_same_function, cut_early, whole, images, checked="the model")


def test_a_wrong_pool_brick_is_told_by_name():
    class Mine(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.cat([x.mean((2, 3), True), x.amax((2, 3), True)], 1)

    maps = [torch.randn(2, 3, 4, 4), torch.randn(2, 3, 1, 1)]
    found = failure(expect_same_function, Mine(), ConcatPool(), maps, checked="the pool")
    assert "average comes before the maximum" in str(found)


def test_own_weights_may_be_kept():
    reference, module = nn.Linear(3, 2), nn.Linear(3, 2)
    x = torch.randn(4, 3)
    failure(expect_same_function, module, reference, x, checked="same numbers", weights=False)
    module.load_state_dict(reference.state_dict())
    expect_same_function(module, reference, x, checked="same numbers", weights=False)


@pytest.mark.parametrize("weights", [True, False])
def test_the_same_numbers_of_another_dtype_are_another_answer(weights: bool):
    class Precise(nn.Linear):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x).double()

    reference, module = nn.Linear(3, 2), Precise(3, 2)
    module.load_state_dict(reference.state_dict())
    x = torch.randn(4, 3)
    checked = {"checked": "a layer", "weights": weights}
    text = str(failure(expect_same_function, module, reference, x, **checked))
    assert "the dtype of the output" in text and "torch.float64" in text


def test_a_resnet_is_compared_with_its_body_and_head():
    from torchvision.models import resnet18

    body = nn.Sequential(*list(resnet18().children())[:-2])
    other = resnet18()
    parts = [*list(other.children())[:4], nn.Sequential(*list(other.children())[4:8])]
    images = torch.randn(2, 3, 32, 32)
    expect_same_function(nn.Sequential(*parts), body, images, checked="the body")


# ---- layers, output, gradients -------------------------------------------------------------------

KINDS = ["Pool", "Flatten", "BatchNorm", "Dropout(0.25)", "Linear(10, 512)", "ReLU"]


def test_layers_are_named_as_a_lesson_writes_them():
    full = [*KINDS, "BatchNorm(512)", "Dropout(0.5)", "Linear(512, 3, bias=False)"]
    for head in (build(5, 3), VARIANTS["own_forward_registered_backwards"](5, 3)):
        expect_layers(head, full, input=(2, 5, 4, 4))
        expect_layers(head, [k for k in full if k != "Flatten"], input=torch.randn(2, 5, 4, 4))
    found = failure(expect_layers, build(5, 3), [*full[:5], "GELU", *full[6:]], input=(2, 5, 4, 4))
    assert found.got == "step 6: ReLU"
    assert found.expected == "step 6: GELU"
    assert sum("→" in line for line in found.table) == 1


def test_layers_that_are_missing_or_too_many_are_told():
    module = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
    assert "missing" in str(failure(expect_layers, module, ["Linear", "ReLU", "Linear"]))
    assert "too many" in str(failure(expect_layers, module, ["Linear"]))
    assert "order" in str(failure(expect_layers, module, ["ReLU", "Linear"]))


def test_output_dimensions_with_known_mistakes():
    mistakes = {(2, 10, 1, 1): "Flatten is missing"}
    pool = nn.Sequential(ConcatPool(), nn.Flatten())
    expect_output(pool, (2, 5, 3, 3), (2, 10))
    found = failure(expect_output, ConcatPool(), (2, 5, 3, 3), (2, 10), mistakes=mistakes)
    assert found.cause == "Flatten is missing"
    assert "Linear expects 4 features" in str(
        failure(expect_output, nn.Linear(4, 2), (2, 3), (2, 2))
    )


def test_several_outputs_have_several_shapes():
    class Two(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b, self.spare = nn.Linear(3, 2), nn.Linear(3, 1), nn.Linear(1, 1)

        def forward(self, x):
            return self.a(x), self.b(x)

    expect_output(Two(), (4, 3), [(4, 2), (4, 1)])
    failure(expect_output, Two(), (4, 3), (4, 2))
    failure(expect_output, nn.Linear(3, 2), (4, 3), [(4, 2), (4, 1)])
    assert reached_by_gradient(Two(), (4, 3), output=0) == {"a.weight", "a.bias"}
    found = failure(expect_gradients, Two(), (4, 3))
    assert "spare" in str(found)


def test_a_gradient_has_to_reach_every_parameter():
    module = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    expect_gradients(module, (5, 3))
    module[0].weight.requires_grad_(False)
    assert "frozen" in str(failure(expect_gradients, module, (5, 3)))
    assert "ModuleList" in str(failure(expect_gradients, nn.ReLU(), (5, 3)))


# ---- values --------------------------------------------------------------------------------------


class Agreeable(int):
    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    __hash__ = int.__hash__


class AgreeableTensor(Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return True


class AgreeableList(list):
    def __eq__(self, other: object) -> bool:
        return True

    def __iter__(self):
        return iter([1, 2])

    def __len__(self):
        return 2


class Impostor:
    __class__ = int  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return True

    def __index__(self) -> int:
        return 3


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (3, 3),
        (np.int64(3), 3),
        (np.float64(0.5), 0.5),
        (0.1 + 0.2, 0.3),
        (2, 2.0),
        (torch.Size([2, 3]), (2, 3)),
        (np.bool_(True), True),
        ({"a": (1, np.int32(2))}, {"a": (1, 2)}),
        ([nn.ReLU], [nn.ReLU]),
        (None, None),
        (torch.float32, torch.float32),
        ({3, 4}, {4, 3}),
    ],
)
def test_equal_values_are_equal(got, expected):
    expect_equal(got, expected, "a value")


@pytest.mark.parametrize(
    ("got", "expected", "says"),
    [
        (3, 4, None),
        (3.0, 3, "whole number"),
        (True, 1, "a bool"),
        (1, True, "an int"),
        ("3", 3, "a str"),
        (None, 3, "return missing"),
        (torch.tensor(3), 3, ".item()"),
        ([1, 2], (1, 2), "a list"),
        ((1, 2), (1, 2, 3), None),
        (Agreeable(4), 3, None),
        (AgreeableTensor([1.0]), 3, "torch.Tensor"),
        (AgreeableList([5]), [1, 2], None),
        pytest.param(Impostor(), 3, "Impostor", id="impostor"),
        (nn.ReLU(), nn.ReLU, "a ReLU"),
        ({"a": 1, "b": 2}, {"a": 1}, None),
    ],
)
def test_other_values_are_not_and_the_type_is_named(got, expected, says):
    found = failure(expect_equal, got, expected, "a value")
    if says:
        assert says in str(found)


def test_a_list_may_stand_for_a_tuple_only_where_the_lesson_says_so():
    from fastcore.foundation import L

    for got in ([(1, 2)], ([1, 2],), L([(1, 2)])):
        expect_equal(got, [(1, 2)], "pairs", any_sequence=True)
    failure(expect_equal, [[1, 2]], [(1, 2)], "pairs")


def test_known_mistakes_are_explained():
    by_value = {12: "children() skips repeats", 15: "modules() counts containers"}
    assert failure(expect_equal, 12, 13, "layers", mistakes=by_value).cause == by_value[12]
    assert (
        failure(expect_equal, np.int64(15), 13, "layers", mistakes=by_value).cause == by_value[15]
    )
    pairs = [([1], "one is missing")]
    assert failure(expect_equal, [1], [1, 2], "a list", mistakes=pairs).cause == pairs[0][1]
    assert failure(expect_equal, 7, 13, "layers", mistakes=by_value, cause="else").cause == "else"


def test_tensors_are_compared_by_type_shape_and_numbers():
    x = torch.tensor([1.0, 2.0])
    expect_close(x + 1e-7, x, "numbers")
    expect_close(nn.Parameter(x), x, "numbers")
    expect_close(x.double(), x, "numbers")
    expect_close(0.5, 0.5, "a number")
    expect_close(torch.tensor(0.5), 0.5, "a number")
    assert "shape (1, 2)" in str(failure(expect_close, x[None], x, "numbers"))
    assert "a list" in str(failure(expect_close, [1.0, 2.0], x, "numbers"))
    failure(expect_close, x * float("nan"), x, "numbers")
    failure(expect_close, AgreeableTensor([5.0, 5.0]), x, "numbers")
    failure(expect_close, Agreeable(5), 0.5, "a number")
    found = failure(expect_close, x.flip(0), x, "numbers", mistakes=[(x.flip(0), "turned round")])
    assert found.cause == "turned round"


def test_shapes_say_which_dimension_is_wrong():
    expect_shape(torch.ones(2, 3), (2, 3), "a tensor")
    assert "Flatten" in str(failure(expect_shape, torch.ones(2, 3, 1, 1), (2, 3), "a tensor"))
    assert "'x'" in str(failure(expect_shape, "x", (2, 3), "a tensor"))
    found = failure(expect_shape, torch.ones(2, 6), (2, 3), "it", mistakes={(2, 6): "doubled"})
    assert found.cause == "doubled"


def test_an_answer_that_is_still_missing_is_unanswered():
    for check in (
        lambda: expect_answered(..., "measured"),
        lambda: expect_equal(..., 3, "measured"),
        lambda: expect_close(..., 3, "measured"),
        lambda: expect_shape(..., (3,), "measured"),
        lambda: expect_head(..., nf=3, n_out=2),
    ):
        with pytest.raises(NotAnswered):
            check()


def test_a_condition_in_words():
    expect(True, "fine")
    assert failure(expect, 0, "not fine", got=[1, 2]).got == "[1, 2]"


def raising(error):
    def call(*args):
        raise error

    return call


@pytest.mark.parametrize("error", [ValueError(), StopIteration(), AnswerRaised("remote")])
def test_any_exception_will_do_where_one_is_expected(error):
    expect_error(raising(error), 1, checked="it raises")


def test_no_exception_and_no_answer_are_no_error():
    assert "returned 0" in str(failure(expect_error, lambda: 0, checked="it raises"))
    for result in (ValueError("no"), ValueError):
        said = failure(expect_error, lambda result=result: result, checked="it raises").cause
        assert said is not None and "returned, not raised" in said
        expected = {"checked": "it raises"}
        said = failure(expect_raises, ValueError, lambda result=result: result, **expected).cause
        assert said is not None and "returned, not raised" in said
    with pytest.raises(NotImplementedError):
        expect_error(raising(NotImplementedError("x is not answered yet")), checked="it raises")
    with pytest.raises(CheckFailed):
        expect_error(raising(CheckFailed("forbidden")), checked="it raises")


# ---- state, identity -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda m: m.train()(torch.randn(4, 3)), "running statistics"),
        (lambda m: m[0].weight.data.add_(1), "weights"),
        (lambda m: m[1].register_forward_hook(print), "hook"),
        (lambda m: m[0].register_full_backward_hook(print), "hook"),
        (lambda m: m[0].requires_grad_(False), "frozen"),
        (lambda m: m.append(nn.ReLU()), "replaced"),
        (lambda m: m.__delitem__(1), "replaced"),
        (lambda m: m.__setitem__(1, nn.Identity()), "replaced"),
        (lambda m: m[1].eval(), "switched"),
        (lambda m: setattr(m[1], "track_running_stats", False), "settings"),
        (lambda m: setattr(m[0], "weight", nn.Parameter(m[0].weight.detach())), "optimiser"),
        (lambda m: setattr(m[0], "forward", lambda x: x), "method was replaced"),
        (lambda m: m[0].weight.register_hook(lambda g: g), "hook stays behind"),
    ],
)
def test_a_changed_state_is_told(change, says):
    module = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    before = state_of(module)
    expect_state_unchanged(before, module, checked="untouched", modes=True)
    change(module)
    found = failure(expect_state_unchanged, before, module, checked="untouched", modes=True)
    assert says in str(found)


@pytest.mark.parametrize(
    ("cls", "name", "told"),
    [
        (nn.Module, "__call__", True),
        (nn.Linear, "__call__", True),
        (nn.Linear, "forward", True),
        (nn.Module, "train", True),
        (nn.Module, "__repr__", False),
        (nn.Linear, "own_name", False),
    ],
)
def test_is_a_method_told_that_was_replaced_for_all_layers(monkeypatch, cls, name, told):
    """Not one that only shows a layer, nor one that is new: nothing computes otherwise then."""
    plain = getattr(cls, name, None)
    module = nn.Sequential(nn.Linear(3, 2))
    before = state_of(module)
    with monkeypatch.context() as patch:
        patch.setattr(cls, name, lambda *given, **named: plain(*given, **named), raising=False)
        if told:
            found = failure(expect_state_unchanged, before, module, checked="untouched")
            assert "methods of all layers changed" in str(found) and "put it back" in str(found)
        else:
            expect_state_unchanged(before, module, checked="untouched")
    expect_state_unchanged(before, module, checked="untouched")


def test_modes_count_only_where_asked():
    module = nn.Sequential(nn.Linear(3, 2))
    before = state_of(module)
    expect_state_unchanged(before, module.eval(), checked="untouched")


def test_groups_are_compared_by_identity():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    a, b = ([*layer.parameters()] for layer in model)
    expect_groups([a, b[::-1]], [a, b], "groups", model=model)
    expect_groups((tuple(a), tuple(b)), [a, b], "groups", model=model)
    copies = [nn.Parameter(p.detach().clone()) for p in b]
    wrong = {
        "number of groups": [a + b],
        "the groups are in another order": [b, a],
        "between two groups is drawn elsewhere": [[*a, b[0]], b[1:]],
        "in no group": [a, b[:1]],
        "0.bias in groups 0 and 1": [a, [*b, a[1]]],
        "copies": [a, copies],
        "not the model's": [a, [*b, *copies]],
        "read once": [a, iter(b)],
        "a Linear": [[model[0]], b],
        "a tuple in group": [list(model[0].named_parameters()), b],
    }
    for says, groups in wrong.items():
        assert says in str(failure(expect_groups, groups, [a, b], "groups", model=model)), says
    for nothing in (None, 3, (g for g in (a, b))):
        failure(expect_groups, nothing, [a, b], "groups")


def test_what_is_said_of_a_head_that_ends_too_early_or_too_late():
    layers = list(fastai_create_head(4, 3))
    stopped = nn.Sequential(*layers[:6])
    said = failure(expect_head, stopped, nf=4, n_out=3).cause
    assert said is not None and "bn_final" not in said and "inside a loop" in said
    without = failure(expect_head, nn.Sequential(*layers), nf=4, n_out=3, bn_final=True).cause
    assert without is not None and "bn_final" in without
    ranged = fastai_create_head(4, 3, y_range=(0, 1))
    twice = failure(expect_head, nn.Sequential(ranged, nn.Sigmoid()), nf=4, n_out=3, y_range=(0, 1))
    assert twice.cause == "the sigmoid of y_range stands there twice"


def test_is_a_linear_that_gets_feature_maps_told_what_is_missing():
    maps = torch.rand(3, 4, 5, 5)
    for layers, says in (
        ([nn.Linear(4, 2)], "a pool and a Flatten are missing before the first Linear"),
        (
            [nn.AdaptiveAvgPool2d(1), nn.Linear(4, 2)],
            "between the pool and the first Linear a Flat",
        ),
    ):
        said = str(failure(expect_output, nn.Sequential(*layers), maps, (3, 2)))
        assert says in " ".join(said.split()), said


def test_the_article_is_that_of_the_spoken_word():
    assert kind_of(np.zeros(2)) == "an ndarray" and kind_of(nn.Linear(2, 2)) == "a Linear"


def test_modules_that_share_a_parameter_are_not_separate():
    a, b = nn.Linear(2, 2), nn.Linear(2, 2)
    expect_separate([a, b], "two heads")
    b.bias = a.bias
    failure(expect_separate, [a, b], "two heads")
    failure(expect_separate, [a, nn.ReLU()], "two heads")


def test_verdicts_do_not_touch_the_random_state_of_the_caller():
    random.seed(3)
    torch.manual_seed(3)
    before = torch.get_rng_state(), random.getstate()
    with warnings.catch_warnings():
        expect_head(build_head(4, 2, [3]), nf=4, n_out=2, lin_ftrs=[3])
    build_state = torch.get_rng_state()
    torch.manual_seed(3)
    build_head(4, 2, [3]), build_head(4, 2, [3])  # the head and the reference draw their weights
    assert torch.equal(build_state, torch.get_rng_state())
    assert random.getstate() == before[1]
