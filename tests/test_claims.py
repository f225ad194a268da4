"""Is what the lessons say of fastai, of torch and of numbers true?

Each test quotes a lesson and tries what it says, unless a cell of the lesson prints it anyway. Nothing is trained here: what the
experiments show is read from the lessons as they ran last (`make test-all` runs them).
"""

from __future__ import annotations

import copy
import functools
import inspect
import re
from pathlib import Path

import jupytext
import pytest
import torch
import torch.nn.functional as F
from fastai.callback import hook, schedule  # noqa: F401  (schedule gives Learner its fine_tune)
from fastai.layers import AdaptiveConcatPool2d, LinBnDrop
from fastai.learner import Learner
from fastai.optimizer import Optimizer
from fastai.tabular.model import TabularModel
from fastai.torch_core import norm_types
from fastai.vision import learner as vision
from fastcore.basics import even_mults
from hours import IN_THE_NIGHT
from torch import nn
from torchvision.models import (
    alexnet,
    densenet,
    densenet121,
    resnet18,
    resnet50,
    squeezenet,
    squeezenet1_1,
    vgg16_bn,
    vgg19_bn,
)

from headcheck.authoring.executed import executed, kept
from headcheck.course.directory import Course

ROOT = Path(__file__).parents[1]


@functools.cache
def cells_of(number: str):
    """The cells of the lesson with this number."""
    (path,) = (ROOT / "source").glob(f"{number}-*/*.py")
    return jupytext.read(path, fmt="py:percent").cells


def plain(text: str) -> str:
    return " ".join(text.split())


def says(number: str, *quotes: str) -> None:
    """That the lesson still says it: where it does not, the test is about nothing."""
    text = plain("\n".join(cell.source for cell in cells_of(number)))
    for quote in quotes:
        assert plain(quote) in text, f"lesson {number} no longer says: {quote}"


def source_of(thing) -> str:
    return plain(inspect.getsource(thing))


def original(arch) -> nn.Module:
    """The model with its old head, without numbers."""
    with torch.device("meta"):
        ours = arch.__module__.startswith("fastai")
        return arch(pretrained=False) if ours else arch(weights=None)


def numbers(*parts) -> int:
    return sum(p.numel() for part in parts for p in part.parameters())


def leaves(module: nn.Module) -> list[nn.Module]:
    inside = list(module._modules.values())
    return [leaf for part in inside for leaf in leaves(part)] if inside else [module]


# ---- 01 -----------------------------------------------------------------------------------------


def test_01_a_box_in_a_box_is_counted_in_three_ways() -> None:
    says(
        "01",
        "everything, the boxes and the model itself included | 6 |",
        "Three children, but four leaf layers",
    )
    model = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.Sequential(nn.BatchNorm2d(4), nn.ReLU()), nn.Linear(4, 2)
    )
    assert [len(list(model.children())), len(list(model.modules())), len(leaves(model))] == [
        3,
        6,
        4,
    ]


def test_01_one_relu_stands_in_the_head_several_times() -> None:
    line = "actns = [nn.ReLU(inplace=True)] * (len(lin_ftrs)-2) + [None]"
    says("01", line, "`children()` and `modules()` skip an object they have met before")
    assert line in source_of(vision.create_head)
    head = vision.create_head(8, 3, lin_ftrs=[6, 4])
    assert len({id(layer) for layer in head if isinstance(layer, nn.ReLU)}) == 1
    assert len(head) == len(list(head.children())) + 1 == 13
    assert [type(m) for m in head.modules()].count(nn.ReLU) == 1


def test_01_most_of_what_goes_has_no_weights() -> None:
    says(
        "01",
        "Most of what goes has no weights at all",
        "about nine parameters of ten go",
        "138 million parameters",
    )
    archs = (
        resnet18,
        vgg16_bn,
        alexnet,
        squeezenet1_1,
        densenet121,
        vision.models.xresnet.xresnet18,
    )
    gone = {
        arch: list(original(arch).children())[vision.model_meta[arch]["cut"] :] for arch in archs
    }
    every = [leaf for parts in gone.values() for part in parts for leaf in leaves(part)]
    assert sum(numbers(leaf) > 0 for leaf in every) < len(every) / 2
    for arch in (vgg16_bn, alexnet):
        assert 0.87 < numbers(*gone[arch]) / numbers(original(arch)) < 0.97
    assert round(numbers(original(vgg16_bn)) / 1e6) == 138


@pytest.mark.parametrize("old", ["cnn_learner", "create_cnn_model"])
def test_01_the_old_names_work_and_warn(old: str) -> None:
    says("01", "`cnn_learner` and `create_cnn_model`. Today the same things are called")
    says("06", "the old name works, with a warning")
    new = {"cnn_learner": "vision_learner", "create_cnn_model": "create_vision_model"}[old]
    assert f"return {new}(*args, **kwargs)" in source_of(getattr(vision, old))
    with pytest.warns(UserWarning, match=f"renamed to `{new}`"), pytest.raises(TypeError):
        getattr(vision, old)()


def test_01_the_densenet_loses_a_relu_that_comes_after_a_batchnorm() -> None:
    says(
        "01",
        "the last layer before the ReLU is a BatchNorm",
        "Three functional steps: a ReLU, a pooling, a flatten",
    )
    assert isinstance(list(original(densenet121).features)[-1], nn.BatchNorm2d)
    steps = ("F.relu(features", "F.adaptive_avg_pool2d(out", "torch.flatten(out")
    places = [source_of(densenet.DenseNet.forward).index(step) for step in steps]
    assert places == sorted(places)


# ---- 02 -----------------------------------------------------------------------------------------


def test_02_fastais_rule_is_quoted_as_it_is() -> None:
    pool_type = "def _is_pool_type(l): return re.search(r'Pool[123]d$', l.__class__.__name__)"
    rule = "cut = next(i for i,o in reversed(ll) if has_pool_type(o))"
    says("02", pool_type, rule, "`model_meta` holds 21 models with a typed-in cut")
    assert pool_type in source_of(vision._is_pool_type)
    assert f"ll = list(enumerate(model.children())) {rule}" in source_of(vision.create_body)
    assert len(vision.model_meta) == 21


def test_02_the_first_pool_of_a_resnet_is_in_its_stem() -> None:
    says(
        "02",
        "A resnet has a pooling layer in its [stem](../../docs/glossary.md#stem), so the difference is almost the whole model",
    )
    children = list(original(resnet18).children())
    with_pool = [i for i, child in enumerate(children) if vision.has_pool_type(child)]
    kept_by_first, kept_by_last = children[: with_pool[0]], children[: with_pool[-1]]
    assert numbers(*kept_by_first) < 0.001 * numbers(*kept_by_last)


def test_02_a_name_decides_what_is_a_pool() -> None:
    says(
        "02",
        "So a class of your own that is called `GeMPool2d` counts, and the same class under the name `GeM` does not",
    )
    made = {name: type(name, (nn.Module,), {})() for name in ("GeMPool2d", "GeM")}
    assert [bool(vision.has_pool_type(module)) for module in made.values()] == [True, False]


def test_02_the_call_of_the_book_fails_as_told() -> None:
    says(
        "02",
        "`'function' object has no attribute 'children'`",
        "Write `create_body(resnet34(), cut=-2)`",
    )
    with pytest.raises(AttributeError, match="'function' object has no attribute 'children'"):
        vision.create_body(resnet18, cut=-2)


def test_02_other_channels_get_the_weights_of_the_table() -> None:
    says(
        "02",
        "| 1 | the **sum** of the three channels |",
        "| 2 | the first two channels, times 1.5 |",
    )
    says(
        "02",
        "fastai forgets to copy the bias *values*",
        "Its first convolution has a **bias**, the resnet's has none",
    )
    options = dict(stride=2, padding=1, padding_mode="reflect", dilation=2)
    for n_in in (1, 2, 5):
        old = nn.Conv2d(3, 4, 3, **options)
        body = vision.create_body(
            nn.Sequential(copy.deepcopy(old), nn.AvgPool2d(1)), n_in=n_in, cut=1
        )
        new, weight = body[0], old.weight.data
        zeros = torch.zeros(4, max(n_in - 3, 0), 3, 3)
        table = {
            1: weight.sum(1, keepdim=True),
            2: weight[:, :2] * 1.5,
            5: torch.cat([weight, zeros], 1),
        }
        assert torch.equal(new.weight, table[n_in])
        assert new.bias is not None and not torch.equal(new.bias, old.bias)
        assert all(
            getattr(new, name) == getattr(old, name)
            for name in ("stride", "padding", "padding_mode", "dilation")
        )
    assert (
        original(squeezenet1_1).features[0].bias is not None
        and original(resnet18).conv1.bias is None
    )


# ---- 03 -----------------------------------------------------------------------------------------


def test_03_fastai_counts_features_as_quoted() -> None:
    says(
        "03",
        "nf = num_features_model(nn.Sequential(*body.children()))",
        "doubles the size whenever the body raises, up to 2048",
    )
    assert "nf = num_features_model(nn.Sequential(*body.children()))" in source_of(
        vision.create_vision_model
    )
    loop = source_of(hook.num_features_model)
    assert "sz,ch_in = 32," in loop and "sz *= 2 if sz > 2048: raise" in loop


def test_03_alexnet_needs_64_pixels() -> None:
    says("03", "alexnet needs 64")
    body = vision.create_body(original(alexnet), cut=-2)
    with pytest.raises(RuntimeError):
        body(torch.zeros(1, 3, 32, 32, device="meta"))
    assert body(torch.zeros(1, 3, 64, 64, device="meta")).shape[1] == 256


def test_03_squeezenet_glues_two_convolutions() -> None:
    says("03", "glues their outputs together with `torch.cat`: 256 + 256 = 512")
    last = original(squeezenet1_1).features[-1]
    assert last.expand1x1.out_channels == last.expand3x3.out_channels == 256
    assert "torch.cat(" in source_of(squeezenet.Fire.forward)


def test_03_the_body_is_left_in_eval_mode() -> None:
    says("03", "the model says `training=True`, and every BatchNorm in its body is in eval")
    with torch.device("meta"):
        model = vision.create_vision_model(resnet18, 10, pretrained=False)
    norms = [m for m in model[0].modules() if isinstance(m, nn.BatchNorm2d)]
    assert model.training and len(norms) == 20 and not any(norm.training for norm in norms)


def test_03_only_eval_keeps_batchnorm_from_counting() -> None:
    says("03", "`torch.no_grad()` does not stop that, only `eval()` does")
    norm = nn.BatchNorm1d(2)
    with torch.no_grad():
        norm(5 + torch.randn(8, 2))
    moved = norm.running_mean.clone()
    assert (moved != 0).all()
    norm.eval()(5 + torch.randn(8, 2))
    assert torch.equal(norm.running_mean, moved)


def test_03_no_convolution_of_the_densenet_has_its_number_of_features() -> None:
    says(
        "03",
        "`nf` of densenet121's body is 1024, yet no convolution in it has 1024 output channels",
    )
    body = vision.create_body(original(densenet121), cut=-1)
    assert hook.num_features_model(nn.Sequential(*body.children())) == 1024
    assert all(m.out_channels != 1024 for m in body.modules() if isinstance(m, nn.Conv2d))


def test_03_summary_is_made_of_hooks() -> None:
    says("03", "`learn.summary()` is made of nothing else: hooks on all leaf layers")
    assert "Hooks(flatten_model(learn.model), _track)" in source_of(hook.layer_info)


# ---- 04 -----------------------------------------------------------------------------------------


class AverageFirst(nn.Module):
    def forward(self, x):
        return torch.cat([F.adaptive_avg_pool2d(x, 1), F.adaptive_max_pool2d(x, 1)], 1)


def test_04_the_other_order_loads_without_an_error_and_is_wrong() -> None:
    says(
        "04",
        "there is no error, but the numbers are wrong",
        "a Linear after it could learn just as well",
    )
    assert "torch.cat([self.mp(x), self.ap(x)], 1)" in source_of(AdaptiveConcatPool2d.forward)
    says("04", "`torch.cat([self.mp(x), self.ap(x)], 1)`")
    theirs = nn.Sequential(AdaptiveConcatPool2d(), nn.Flatten(), nn.Linear(8, 3))
    other = nn.Sequential(AverageFirst(), nn.Flatten(), nn.Linear(8, 3))
    x = torch.rand(2, 4, 5, 5)
    other.load_state_dict(theirs.state_dict())
    assert not torch.allclose(other(x), theirs(x))
    other[2].weight.data = theirs[2].weight.data.roll(4, 1)
    assert torch.allclose(other(x), theirs(x), atol=1e-6)


def test_04_the_brick_is_in_heads_and_in_models_for_tables_in_the_two_orders() -> None:
    says(
        "04",
        "both the vision heads and the models for tables are made of it: the first in the left order, the second in the right one",
    )
    says("05", "fastai's models for tables use this order by default, its vision models the other")
    defaults = [
        inspect.signature(made).parameters["lin_first"].default
        for made in (vision.create_head, TabularModel)
    ]
    assert defaults == [False, True]
    assert all("LinBnDrop(" in source_of(made) for made in (vision.create_head, TabularModel))
    left, right = (
        LinBnDrop(4, 3, p=0.5, act=nn.ReLU(), lin_first=order) for order in (False, True)
    )
    assert [type(m).__name__ for m in left] == ["BatchNorm1d", "Dropout", "Linear", "ReLU"]
    assert [type(m).__name__ for m in right] == ["Linear", "ReLU", "BatchNorm1d", "Dropout"]


def test_04_one_batch_moves_the_statistics_by_a_tenth() -> None:
    says(
        "04",
        "After a single batch these have moved only a tenth of the way",
        "makes the others larger by 1/0.75",
    )
    norm = nn.BatchNorm1d(1)
    x = 5 + torch.randn(64, 1)
    norm(x)
    assert torch.allclose(norm.running_mean, 0.1 * x.mean(0))
    assert nn.Dropout(0.25)(torch.ones(64)).max().item() == pytest.approx(1 / 0.75)


# ---- 05 -----------------------------------------------------------------------------------------


def test_05_the_numbers_of_heads() -> None:
    says(
        "05",
        "more than the old head of 1000 classes* had (513,000)",
        "(nf = 2048) it is over two million",
    )
    says(
        "05",
        "Nine entries, 532,480 parameters",
        "`Linear(512 -> 10)` with 5,130 parameters",
        "smaller by 2,038",
    )
    head = vision.create_head
    assert numbers(original(resnet18).fc) == 513_000 < numbers(head(512, 10)) == 532_480
    assert original(resnet50).fc.in_features == 2048 and numbers(head(2048, 10)) > 2_000_000
    assert numbers(nn.Linear(512, 10)) == 5_130
    assert numbers(head(512, 10)) - numbers(head(512, 10, lin_first=True)) == 2_038


def test_05_fastai_doubles_and_pools_as_quoted() -> None:
    says(
        "05",
        "`if pool and concat_pool: nf *= 2`",
        "`pool=False` is what fastai uses for bodies that pool themselves",
    )
    assert "if pool and concat_pool: nf *= 2" in source_of(vision.create_head)
    assert "pool=body.needs_pool" in source_of(vision.create_timm_model)


def test_05_two_linears_are_one_and_the_softmax_is_in_the_loss() -> None:
    says(
        "05",
        "without it, two Linears are no more than one",
        "`CrossEntropyLoss` has the softmax inside",
    )
    first, second, x = nn.Linear(4, 6, bias=False), nn.Linear(6, 3, bias=False), torch.randn(5, 4)
    assert torch.allclose(second(first(x)), x @ (second.weight @ first.weight).T, atol=1e-6)
    scores, right = torch.randn(5, 3), torch.tensor([0, 1, 2, 0, 1])
    by_hand = -scores.softmax(1)[range(5), right].log().mean()
    assert torch.allclose(F.cross_entropy(scores, right), by_hand, atol=1e-6)


def test_05_the_last_batchnorm_is_ten_times_slower_and_wants_two_pictures() -> None:
    says(
        "05",
        "`nn.BatchNorm1d(n_out, momentum=0.01)`",
        "(their momentum is 0.1)",
        "a batch of **one** image in training mode",
    )
    head = vision.create_head(4, 3, bn_final=True)
    assert (head[-1].num_features, head[-1].momentum, head[2].momentum) == (3, 0.01, 0.1)
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        head(torch.rand(1, 4, 2, 2))


def test_05_the_noise_of_dropout_grows_as_the_title_of_the_picture_says() -> None:
    says("05", "noise ±{(p / (1 - p)) ** 0.5:.2f}", "what is kept is multiplied by `1/(1 - p)`")
    torch.manual_seed(0)
    for p in (0.25, 0.5):
        kept = nn.Dropout(p)(torch.ones(200_000))
        assert kept.mean().item() == pytest.approx(1, abs=0.02)
        assert kept.std().item() == pytest.approx((p / (1 - p)) ** 0.5, abs=0.02)


def test_05_weights_of_the_other_order_do_not_load_and_fit_by_accident() -> None:
    says(
        "05",
        "torch stops: names and sizes differ. With `strict=False` it takes what happens to fit",
    )
    default, other = (vision.create_head(8, 3, ps=0, lin_first=order) for order in (False, True))
    with pytest.raises(RuntimeError, match="Missing key"):
        other.load_state_dict(default.state_dict())
    other.load_state_dict(default.state_dict(), strict=False)
    assert torch.equal(other[3].weight, default[3].weight)
    default[2].weight.data.fill_(3)  # the BatchNorm that the other order has not
    x = torch.rand(4, 8, 2, 2)
    assert not torch.allclose(default.eval()(x), other.eval()(x))


# ---- 06 -----------------------------------------------------------------------------------------


def test_06_the_recipe_is_fastais() -> None:
    says(
        "06",
        "`if init is not None: apply_init(model[1], init)`",
        "Six lines. One of them is new: `apply_init`",
    )
    text = source_of(vision.create_vision_model)
    steps = (
        "model = arch(",
        "body = create_body(model, n_in, pretrained,",
        "nf = num_features_model(",
        "return add_head(body, nf, n_out,",
    )
    assert [text.index(step) for step in steps] == sorted(text.index(step) for step in steps)
    text = source_of(vision.add_head)
    steps = (
        "head = create_head(nf, n_out,",
        "model = nn.Sequential(body, head)",
        "if init is not None: apply_init(model[1], init)",
    )
    assert [text.index(step) for step in steps] == sorted(text.index(step) for step in steps)
    assert list(inspect.signature(vision.create_body).parameters) == [
        "model",
        "n_in",
        "pretrained",
        "cut",
    ]
    says("06", "`create_body(model, n_in, pretrained, cut)` takes a model that exists")


def test_06_kaiming_keeps_the_size_of_the_signal_and_torchs_default_does_not() -> None:
    says(
        "06",
        "signal keeps its size through Linear and ReLU",
        "starts too small to make up for it",
        "whose spread is 1/√(3n); Kaiming wants √(2/n)",
    )
    torch.manual_seed(0)
    layer, x = nn.Linear(512, 512, bias=False), torch.randn(256, 512)
    spread = layer.weight.std().item()
    small = layer(x).relu().square().mean().item()
    nn.init.kaiming_normal_(layer.weight)
    assert spread == pytest.approx((1 / (3 * 512)) ** 0.5, rel=0.02)
    assert layer.weight.std().item() == pytest.approx((2 / 512) ** 0.5, rel=0.02)
    assert layer(x).relu().square().mean().item() == pytest.approx(1, abs=0.1) and small < 0.25


def test_06_these_layers_are_spared() -> None:
    says("06", "`nn.InstanceNorm1d/2d/3d`, `nn.LayerNorm`", "their weight starts at 1 on purpose")
    assert {norm.__name__ for norm in norm_types} == {
        f"{kind}Norm{n}d" for kind in ("Batch", "Instance") for n in (1, 2, 3)
    } | {"LayerNorm"}
    assert all(
        (norm(4).weight == 1).all() for norm in norm_types if "Instance" not in norm.__name__
    )


def test_06_the_sizes_of_models() -> None:
    says(
        "06",
        "The largest weigh over half a gigabyte",
        "vgg lost 123 million parameters at the cut: its old classifier was nine tenths of the model",
    )
    says(
        "06",
        "In squeezenet two fifths of all parameters now sit in the head: a body of 0.7 million",
    )
    assert 4 * numbers(original(vgg19_bn)) > 0.5e9
    old = original(vgg16_bn)
    gone = numbers(*list(old.children())[-2:])
    assert gone // 10**6 == 123 and 0.88 < gone / numbers(old) < 0.92
    with torch.device("meta"):
        body, head = vision.create_vision_model(squeezenet1_1, 10, pretrained=False)
    assert round(numbers(body) / 1e6, 1) == 0.7
    assert 0.38 < numbers(head) / numbers(body, head) < 0.43


# ---- 07 -----------------------------------------------------------------------------------------


def test_07_fastai_splits_and_freezes_as_quoted() -> None:
    line = "def _resnet_split(m): return L(m[0][:6], m[0][6:], m[1:]).map(params)"
    says(
        "07",
        line,
        "`freeze_to(-1)`: everything but the last group. `learn.unfreeze()` is `freeze_to(0)`",
        "`train_bn=True` (its default)",
    )
    assert line in source_of(vision._resnet_split)
    assert "self.freeze_to(-1)" in source_of(Learner.freeze)
    assert "self.freeze_to(0)" in source_of(Learner.unfreeze)
    assert inspect.signature(Learner).parameters["train_bn"].default is True
    says("07", "That is why fastai's `fine_tune` does it")
    text = source_of(Learner.fine_tune)
    assert text.index("self.freeze()") < text.index("self.unfreeze()")


def test_07_where_the_numbers_of_a_resnet_are() -> None:
    says(
        "07",
        "It has 11.2 million parameters",
        "are 6 % of the parameters",
        "leaves 9,600 BatchNorm parameters of the body trainable",
    )
    body = vision.create_body(original(resnet18), cut=-2)
    assert round(numbers(body) / 1e6, 1) == 11.2 and len(body) == 8
    assert round(numbers(body[:6]) / numbers(body), 2) == 0.06
    assert numbers(*(m for m in body.modules() if isinstance(m, nn.BatchNorm2d))) == 9_600


def test_07_a_group_is_read_once_and_belongs_to_one() -> None:
    says(
        "07",
        "one that is in two makes the optimiser complain",
        "it is empty after the first reading",
    )
    layer = nn.Linear(2, 2)
    groups = [{"params": list(layer.parameters())}] * 2
    with pytest.raises(ValueError, match="more than one parameter group"):
        torch.optim.SGD(groups, lr=0.1)
    generator = layer.parameters()
    assert len(list(generator)) == 2 and list(generator) == []


def test_07_a_slice_of_rates_is_even_on_a_logarithmic_scale() -> None:
    says("07", "those between are spread evenly on a logarithmic scale")
    assert even_mults(2e-4, 2e-3, 3) == pytest.approx([2e-4, (2e-4 * 2e-3) ** 0.5, 2e-3])
    assert "even_mults(v.start, v.stop, len(self.param_lists))" in source_of(Optimizer.set_hyper)


# ---- 08 -----------------------------------------------------------------------------------------


def test_08_a_list_hides_modules_and_two_devices_are_an_error() -> None:
    says(
        "08",
        "A module in a plain Python list is invisible",
        "torch raises an error about two devices",
    )
    model = nn.Module()
    model.heads = [nn.Linear(2, 2)]
    assert not list(model.parameters()) and not model.state_dict()
    with pytest.raises(RuntimeError, match="device"):
        nn.Linear(2, 2, device="meta")(torch.zeros(1, 2))


def test_08_the_loss_gets_the_tuple_of_the_model() -> None:
    says("08", "fastai hands your loss function the tuple that your model returned")
    assert "self.loss_func(self.pred, *self.yb)" in source_of(Learner)


def test_08_what_the_body_hears_of_two_losses() -> None:
    says(
        "08",
        "In pixels the body hears almost nothing but the size",
        "Between 0 and 1 it is the other way round",
    )
    says("08", "cross entropy near 2.3, a squared error below 1", "near 13² = 169")
    names: dict = {}
    for word in ("def parameters_in", "def digits_of_all_sizes", "def new_body", "def first_steps"):
        (cell,) = [c for c in cells_of("08") if c.cell_type == "code" and word in c.source]
        lines = cell.source.partition("\nfig, axes")[0].partition("\nfor name, y_range")[0]
        exec(lines, names)
    sizes, first_steps = names["sizes"], names["first_steps"]
    _, (digits, size) = first_steps(None, sizes)
    assert digits / (digits + size) < 0.1
    losses, (digits, size) = first_steps((0, 1), (sizes - 7) / 12)
    assert digits / (digits + size) > 0.7
    assert 2 < losses[0] < 3 and losses[1] < 1 and abs(sizes.mean().item() - 13) < 0.2


# ---- 09 -----------------------------------------------------------------------------------------


def test_09_the_table_of_costs() -> None:
    says(
        "09",
        "| `Conv2d(a, b, 3, padding=1)`: looks at neighbouring places too | 9·a·b + b |",
        "| `BatchNorm` of a features | 2·a |",
    )
    a, b = 7, 5
    costs = {
        nn.Linear(a, b): a * b + b,
        nn.Conv2d(a, b, 1): a * b + b,
        nn.Conv2d(a, b, 3, padding=1): 9 * a * b + b,
        nn.Conv2d(a, a, 3, padding=1, groups=a): 9 * a + a,
        nn.BatchNorm2d(a): 2 * a,
    }
    assert all(numbers(layer) == cost for layer, cost in costs.items())
    says("09", "With `padding=1` a 3 × 3 convolution even works on a map of 1 × 1")
    assert nn.Conv2d(a, b, 3, padding=1)(torch.zeros(1, a, 1, 1)).shape == (1, b, 1, 1)


def test_09_a_tenth_of_the_parameters_and_the_budget() -> None:
    says(
        "09", "A tenth of the parameters", "(10,100 for our task)", "8,640 of the 8,765 parameters"
    )
    large, small = (numbers(vision.create_head(96, 5, [width])) for width in (512, 48))
    assert round(small / large, 1) == 0.1 and small < 100 * (96 + 5) == 10_100
    parts = [nn.Conv2d(96, 10, 3, bias=False), nn.BatchNorm2d(10), nn.Linear(20, 5)]
    assert [numbers(part) for part in parts] == [8_640, 20, 105]


def test_09_the_call_with_a_head_of_ones_own_works() -> None:
    says("09", "A resnet18 delivers 512 features. Your head does its own pooling")
    head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10))
    with torch.device("meta"):
        model = vision.create_vision_model(resnet18, 10, pretrained=False, custom_head=head)
        assert model[0](torch.zeros(2, 3, 64, 64)).shape[1] == 512
    assert model[1] is head


# ---- The pages beside the lessons -------------------------------------------------------------------


@pytest.mark.parametrize(
    "row", ["resnet18", "xresnet18", "vgg11", "alexnet", "squeezenet1_0", "densenet121"]
)
def test_is_the_cheat_sheet_right(row: str) -> None:
    page = (ROOT / "docs" / "cheatsheet.md").read_text("utf-8")
    (line,) = re.findall(rf"(?m)^\| {row}.*$", page)
    cut, children, removed, features = (cell.strip() for cell in line.split("|")[2:6])
    arch = next(arch for arch in vision.model_meta if arch.__name__.removesuffix("_bn") == row)
    old = list(original(arch).children())
    gone = old[vision.model_meta[arch]["cut"] :]
    with torch.device("meta"):
        body, head = vision.create_vision_model(arch, 10, pretrained=False)
    nf = head[2].num_features // 2
    assert vision.model_meta[arch]["cut"] == int(cut)
    assert len(gone) == int(children) == len(old) - len(body)
    assert sum(len(leaves(part)) for part in gone) == int(removed)
    assert features.split(",")[0] == str(nf)
    assert numbers(head) == 4 * nf + 1024 * nf + 1024 + 512 * 10  # the page's formula
    # The answer has the same counts, and those with weights.
    answer = (ROOT / "docs" / "answer.md").read_text("utf-8")
    family = re.sub(r"[\d_]+$", "", row).replace("vgg", "vgg_bn, alexnet")
    family = "vgg_bn, alexnet" if row == "alexnet" else family
    weighted = sum(numbers(leaf) > 0 for part in gone for leaf in leaves(part))
    assert f"| {family} | {children} | {removed} | {weighted} |" in answer


# ---- What was trained ---------------------------------------------------------------------------


def printed(number: str) -> str:
    """All that the unanswered lesson printed when it ran last."""
    (lesson,) = [each for each in Course.open(ROOT).lessons() if each.name.startswith(number)]
    if not IN_THE_NIGHT and not kept(lesson).exists():
        pytest.skip("this lesson has not run here since it was changed (headcheck build runs it)")
    from headcheck.authoring.verify import run_release

    notebook = executed(lesson, run_release)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "".join(output.text for output in outputs if output.output_type == "stream")


def percents(text: str, row: str) -> list[list[float]]:
    """The percentages in each line that begins with these words."""
    lines = re.findall(rf"(?m)^\s*{re.escape(row)}.*$", text)
    return [[float(number) for number in re.findall(r"([\d.]+)%", line)] for line in lines]


def test_05_a_hidden_layer_pays_when_there_is_data() -> None:
    says(
        "05",
        "With 50 pictures the three heads are equal, as far as three draws can tell",
        "in every draw, by about five points",
    )
    text = printed("05")
    few, many = (
        [
            percents(text, f"{n} pictures, lin_ftrs={widths}")[0]
            for widths in ("[] ", "[64] ", "[64, 64]")
        ]
        for n in (50, 1000)
    )
    means = [row[-1] for row in few]
    assert max(means) - min(means) < max(max(row[:3]) - min(row[:3]) for row in few)
    none, one, two = many
    assert all(b > a and c > a for a, b, c in zip(none[:3], one[:3], two[:3], strict=True))
    assert 3 <= one[-1] - none[-1] <= 7 and 3 <= two[-1] - none[-1] <= 7


def test_07_the_race_went_as_the_text_says() -> None:
    says(
        "07",
        "the old body is at about half or more, and scratch is still guessing",
        "a third of the epochs it needs with 10",
        "a **frozen** body loses",
    )
    text = printed("07")
    scratch, frozen, tuned = (percents(text, way) for way in ("scratch", "frozen", "fine-tuned"))
    assert "no shift: the old body is ahead in 3 of 3 seeds" in text  # "for every seed", in panel 1
    for plain_or_shifted in (0, 1):  # 10 pictures per class, after 10 epochs
        assert (
            scratch[plain_or_shifted][0] < 27
            and frozen[plain_or_shifted][0] > 45
            and tuned[plain_or_shifted][0] > 50
        )
    assert scratch[1][1] - scratch[0][1] > 15  # the shift, after 30 epochs
    assert (
        scratch[2][0] >= scratch[1][1] - 5 and scratch[2][1] >= scratch[1][2] - 5
    )  # 40 per class: a third of the epochs
    assert abs(scratch[1][2] - tuned[1][2]) < 8 and frozen[1][2] < scratch[1][2] - 8
    assert all(
        t >= s - 5
        for tuned_row, row in zip(tuned, scratch, strict=True)
        for t, s in zip(tuned_row, row, strict=True)
    )


def test_08_most_of_the_gain_is_the_scale() -> None:
    says("08", "**most of the gain is the scale**", "no answer outside 7 to 19")
    off = {
        name: float(n)
        for name, n in re.findall(r"(?m)^(.{16}) first loss .*?([\d.]+) pixels off", printed("08"))
    }
    as_it_is, standard, ranged = off.values()
    assert as_it_is - standard > 10 * abs(standard - ranged)
    assert percents(printed("08"), "y_range=(7, 19)")[0][-1] == 0


def test_09_both_heads_beat_the_probe_and_not_by_their_size() -> None:
    says(
        "09",
        "it is no worse, as far as three seeds can tell. Both heads beat the probe",
        "The second one just learns it faster",
    )
    text = printed("09")
    bare, probe = percents(text, "bare probe")[0], percents(text, "probe with BatchNorm")[0]
    large, small = (
        percents(text, "hidden layer of 512")[0],
        percents(text, "hidden layer of  48")[0],
    )
    assert bare[0] < probe[0] < min(large[0], small[0])
    assert large[0] - small[0] < large[2] - large[1]
