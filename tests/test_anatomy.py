"""What does `anatomy` say about a model, and does looking at it leave it alone?"""

import random
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
import torch
import torchvision.models as tv
from torch import nn

from headcheck import anatomy
from headcheck.lesson.anatomy_picture import NARROW


def small_body() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2)
    )


def small_head(n_out: int = 5, n_in: int = 8) -> nn.Sequential:
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(n_in, n_out))


class TwoHeads(nn.Module):
    def __init__(self, as_dict: bool = False) -> None:
        super().__init__()
        self.body = small_body()
        self.first, self.second = small_head(5), small_head(2)
        self.as_dict = as_dict

    def forward(self, x):
        features = self.body(x)
        a, b = self.first(features), self.second(features)
        return {"a": a, "b": b} if self.as_dict else (a, b)


class Functional(nn.Module):
    """A forward that does more than its layers say."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.relu, self.fc = nn.Conv2d(3, 4, 1), nn.ReLU(), nn.Linear(4, 2)

    def forward(self, x):
        x = self.relu(self.conv(x))
        x = torch.flatten(nn.functional.adaptive_avg_pool2d(x, 1), 1)
        return self.fc(self.relu(x))


class Moody(nn.Module):
    """A layer whose forward leaves traces everywhere: counters, random numbers, statistics."""

    def __init__(self, fails: bool = False) -> None:
        super().__init__()
        self.norm, self.runs, self.fails = nn.BatchNorm2d(3), 0, fails
        self.register_buffer("seen", torch.zeros(()))

    def forward(self, x):
        self.runs += 1
        self.seen += 1
        random.random()
        np.random.rand()
        x = self.norm(x + torch.rand(()))
        if self.fails:
            raise RuntimeError("moody today")
        return x


def everything_about(model: nn.Module) -> list:
    state = [(k, v.clone()) for k, v in model.state_dict(keep_vars=False).items()]
    return [
        *(value for pair in state for value in pair),
        [p.requires_grad for p in model.parameters()],
        [p.grad for p in model.parameters()],
        [m.training for m in model.modules()],
        [list(m._forward_hooks.items()) for m in model.modules()],
        [list(m._forward_pre_hooks.items()) for m in model.modules()],
        [getattr(m, "runs", None) for m in model.modules()],
        torch.get_rng_state(),
        random.getstate(),
        np.random.get_state()[1].tolist(),
    ]


def same(a, b) -> bool:
    return torch.equal(a, b) if isinstance(a, torch.Tensor) else a == b


@pytest.mark.parametrize("fails", [False, True], ids=["forward works", "forward raises"])
def test_does_looking_change_the_model(fails):
    model = nn.Sequential(Moody(), nn.BatchNorm2d(3), Moody(fails), nn.Dropout(0.5))
    model[1].eval()
    model[0].norm.weight.requires_grad_(False)
    before = everything_about(model)
    anatomy(model, torch.randn(2, 3, 4, 4, generator=torch.Generator().manual_seed(0)))
    for was, now in zip(before, everything_about(model), strict=True):
        assert same(was, now), (was, now)


def test_are_the_hooks_of_others_silent_and_still_removable():
    model, calls = small_body(), []
    handle = model[0].register_forward_hook(lambda *_: calls.append("hook"))
    before = model[0].register_forward_pre_hook(lambda *_: calls.append("pre-hook"))
    anatomy(model, (1, 3, 8, 8))
    assert calls == []
    model(torch.zeros(1, 3, 8, 8))
    assert calls == ["pre-hook", "hook"]
    handle.remove()
    before.remove()
    model(torch.zeros(1, 3, 8, 8))
    assert calls == ["pre-hook", "hook"]


def test_does_a_batch_of_one_pass_batchnorm_of_a_model_in_train_mode():
    model = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3)).train()
    assert anatomy(model, (1, 4)).failure is None


def test_is_the_callers_input_left_alone():
    model = nn.Sequential(nn.ReLU(inplace=True), nn.Linear(4, 2))
    x = -torch.ones(2, 4)
    anatomy(model, x)
    assert torch.equal(x, -torch.ones(2, 4))


def test_is_a_shared_relu_counted_each_time_it_runs():
    rows = anatomy(Functional(), (2, 3, 5, 5)).rows
    relus = [r for r in rows if r.kind == "ReLU"]
    assert [(r.path, r.again) for r in relus] == [("relu", False), ("relu", True)]
    assert [r.shape for r in relus] == [(2, 4, 5, 5), (2, 4)]


def test_are_parameters_of_a_shared_layer_counted_once():
    layer = nn.Linear(4, 4)
    seen = anatomy(nn.Sequential(layer, nn.ReLU(), layer), (1, 4))
    assert [r.params for r in seen.rows] == [20, 0, 0]
    assert seen.params == 20


def test_are_steps_that_no_listing_shows_seen():
    rows = anatomy(Functional(), (2, 3, 5, 5)).rows
    assert [r.kind for r in rows] == [
        "Conv2d",
        "ReLU",
        "adaptive_avg_pool2d",
        "flatten",
        "ReLU",
        "Linear",
    ]
    assert [r.kind for r in rows if r.function] == ["adaptive_avg_pool2d", "flatten"]


@pytest.mark.parametrize("name", ["resnet18", "densenet121", "squeezenet1_1", "alexnet"])
def test_do_rows_and_parts_add_up_to_the_model(name):
    torch.manual_seed(0)
    model = getattr(tv, name)()
    seen = anatomy(model, (1, 3, 64, 64), cut=-1)
    total = sum(p.numel() for p in model.parameters())
    assert sum(r.params for r in seen.rows) == total
    assert sum(p.params for p in seen.parts) == total
    assert sum(b.params for p in seen.parts for b in p.blocks) == total
    assert not seen.never_called


def test_does_the_cut_divide_as_fastai_cuts():
    seen = anatomy(tv.resnet18(), (1, 3, 64, 64), cut=-2)
    body, removed = seen.parts
    assert (body.role, removed.role) == ("body", "removed")
    assert body.blocks[-1].name == "layer4"
    assert body.blocks[-1].shape == (1, 512, 2, 2)
    assert [b.text for b in removed.blocks] == [
        "AdaptiveAvgPool2d",
        "flatten()",
        "Linear 512 → 1000",
    ]
    assert {r.part for r in seen.rows if not r.function} == {"body", "removed"}


def test_may_the_cut_be_a_function():
    seen = anatomy(tv.alexnet(), (1, 3, 64, 64), cut=lambda m: m.features[:3])
    body, removed = seen.parts
    assert [b.name for b in body.blocks] == ["features.0–1", "features.2"]
    assert removed.layers == 18


@pytest.mark.parametrize("cut", [0, 99, -99])
def test_is_an_empty_side_of_the_cut_drawn_too(cut):
    seen = anatomy(small_body(), (1, 3, 8, 8), cut=cut)
    assert "CUT OFF" in str(seen)
    assert "</svg>" in seen._repr_html_()


def test_is_sequential_of_body_and_head_split():
    seen = anatomy(nn.Sequential(small_body(), small_head()), (2, 3, 8, 8))
    assert [(p.name, p.layers, p.params) for p in seen.parts] == [("body", 4, 240), ("head", 3, 45)]


def test_is_a_toy_of_loose_layers_not_split():
    seen = anatomy(nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)), (1, 4))
    assert [p.role for p in seen.parts] == ["whole"]
    assert [b.shape for b in seen.parts[0].blocks] == [(1, 8), (1, 8), (1, 2)]


@pytest.mark.parametrize("as_dict", [False, True])
def test_are_two_heads_two_parts(as_dict):
    seen = anatomy(TwoHeads(as_dict), (2, 3, 8, 8))
    assert [(p.name, p.role) for p in seen.parts] == [
        ("body", "body"),
        ("first", "head"),
        ("second", "head"),
    ]


def test_are_two_heads_found_inside_the_second_child():
    class Heads(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.pool = nn.AdaptiveAvgPool2d(1)
            self.flat = nn.Flatten()
            self.a, self.b = nn.Linear(8, 3), nn.Linear(8, 1)

        def forward(self, x):
            x = self.flat(self.pool(x))
            return self.a(x), self.b(x)

    seen = anatomy(nn.Sequential(small_body(), Heads()), (2, 3, 8, 8))
    assert [p.name for p in seen.parts] == ["body", "a", "b"]
    assert [r.part for r in seen.rows][-4:] == ["body", "body", "a", "b"]


def test_is_dropout_in_eval_mode_mistaken_for_a_fork():
    class Chain(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.fc = nn.Linear(4, 4), nn.Linear(4, 2)
            self.drop, self.relu = nn.Dropout(), nn.ReLU(inplace=True)

        def forward(self, x):
            x = self.relu(self.drop(self.first(x)))
            return self.fc(x), x

    assert [p.role for p in anatomy(Chain(), (1, 4)).parts] == ["whole"]


def test_are_heads_in_a_python_list_visible_as_bare_steps():
    class Unregistered(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body, self.heads = small_body(), [nn.Linear(8, 2)]

        def forward(self, x):
            return self.heads[0](self.body(x).mean((2, 3)))

    steps = [r.kind for r in anatomy(Unregistered(), (1, 3, 8, 8)).rows if r.function]
    assert steps == ["mean", "linear"]


def test_is_frozen_told_apart_without_colour():
    model = nn.Sequential(small_body(), small_head())
    free = anatomy(model, (1, 3, 8, 8))
    model[0].requires_grad_(False)
    frozen = anatomy(model, (1, 3, 8, 8))
    assert [p.state for p in frozen.parts] == ["frozen", "trainable"]
    assert "striped" in frozen._repr_html_()
    assert "striped" not in free._repr_html_()
    assert "frozen" in str(frozen)
    model[0][1].requires_grad_(True)
    assert anatomy(model, (1, 3, 8, 8)).parts[0].state == "partly"


def test_does_a_failing_layer_get_named_with_its_input():
    model = nn.Sequential(small_body(), small_head(n_in=9))
    seen = anatomy(model, (2, 3, 8, 8))
    assert seen.failure is not None
    assert seen.failure.startswith(
        "layer 1.2 (Linear 9 → 5) failed with an input of shape 2×8: RuntimeError"
    )
    assert [r.shape is None for r in seen.rows] == [False] * 6 + [True]
    assert [b.failed for b in seen.parts[1].blocks] == [False, False, True]
    assert "✗" in str(seen) and "✗" in seen._repr_html_()


def test_does_a_failure_in_the_forward_itself_get_named():
    class Wrong(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc, self.later = nn.Linear(4, 2), nn.Linear(3, 2)

        def forward(self, x):
            return self.later(torch.cat([self.fc(x), x[:1]], dim=1))

    seen = anatomy(Wrong(), (2, 4))
    assert seen.failure is not None and "the forward of the model (Wrong)" in seen.failure
    assert [r.path for r in seen.rows if r.shape is None] == ["later"]


def test_are_the_layers_after_a_failure_still_listed():
    seen = anatomy(tv.resnet18(), (1, 4, 64, 64))
    assert seen.failure is not None and seen.failure.startswith("layer conv1")
    assert [b.failed for b in seen.parts[0].blocks].count(True) == 1
    assert seen.parts[0].blocks[-1].text == "Linear 512 → 1000"


def test_does_a_wrong_number_of_inputs_still_give_a_picture():
    seen = anatomy(small_body(), (torch.zeros(1, 3, 8, 8), torch.zeros(1)))
    assert seen.failure is not None
    assert "</svg>" in seen._repr_html_()


def test_do_lazy_layers_stay_lazy():
    model = nn.Sequential(nn.LazyConv2d(4, 3), nn.ReLU(), nn.Flatten(), nn.LazyLinear(2))
    seen = anatomy(model, (1, 3, 8, 8))
    assert [type(m).__name__ for m in model] == ["LazyConv2d", "ReLU", "Flatten", "LazyLinear"]
    assert seen.params == 4 * 27 + 4 + 144 * 2 + 2
    assert not any(r.function for r in seen.rows)
    assert anatomy(model).rows[0].shape is None


def test_are_registered_but_unused_layers_named():
    model = Functional()
    model.spare = nn.Linear(3, 3)
    model.empty = nn.Sequential()  # as in a shufflenet: nothing that could be called
    seen = anatomy(model, (1, 3, 4, 4))
    assert seen.never_called == ("spare",)
    assert "registered, but never called: spare" in str(seen)


def test_is_an_input_guessed_from_the_first_layer():
    assert anatomy(nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU())).inputs == ((1, 1, 224, 224),)
    assert anatomy(nn.Linear(7, 2)).inputs == ((1, 7),)
    unknown = anatomy(nn.Sequential(nn.BatchNorm1d(4), nn.Linear(4, 2)))
    assert unknown.inputs == () and [r.kind for r in unknown.rows] == ["BatchNorm1d", "Linear"]


def test_does_it_work_on_the_meta_device():
    with torch.device("meta"):
        model = nn.Sequential(small_body(), small_head())
    assert anatomy(model, (2, 3, 8, 8)).rows[-1].shape == (2, 5)


def test_are_several_outputs_of_one_layer_shown():
    block = anatomy(nn.LSTM(4, 5), (2, 3, 4)).parts[0].blocks[0]
    assert block.shapes == ((2, 3, 5), (1, 3, 5), (1, 3, 5))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: anatomy("resnet18"), "looks at a model"),
        (lambda: anatomy(small_body(), 224), "x is a sample input"),
        (lambda: anatomy(small_body(), cut=lambda m: "two"), "cut is a number or a function"),
    ],
)
def test_does_wrong_use_get_a_plain_sentence(wrong, words):
    with pytest.raises(TypeError, match=words):
        wrong()


def models():
    frozen = nn.Sequential(small_body(), small_head())
    frozen[0].requires_grad_(False)
    yield "frozen", frozen, (1, 3, 16, 16), None
    yield "two heads", TwoHeads(), (1, 3, 16, 16), None
    yield "fails", nn.Sequential(small_body(), small_head(n_in=9)), (1, 3, 16, 16), None
    yield "toy", nn.Sequential(nn.Linear(4, 8), nn.Linear(8, 2)), (1, 4), None
    yield "no shapes", nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 1)), None, None
    for name, cut in {"resnet18": -2, "squeezenet1_1": -1, "mobilenet_v3_small": None}.items():
        yield name, getattr(tv, name)(), (1, 3, 64, 64), cut
    yield 'odd <names> & "signs"', nn.Sequential(nn.Linear(1, 1)), (1, 1), None


@pytest.mark.parametrize(("name", "model", "x", "cut"), list(models()), ids=lambda v: str(v)[:12])
def test_is_the_picture_one_sound_svg_that_can_stand_twice_on_a_page(name, model, x, cut):
    page = anatomy(model, x, cut=cut, title=name)._repr_html_()
    root = ElementTree.fromstring(page)  # well-formed, or this raises
    svg = "{http://www.w3.org/2000/svg}"
    drawing, stacked = root.iter(f"{svg}svg")  # beside each other; on a phone below each other
    for each in (drawing, stacked):
        assert each.get("role") == "img" and each.find(f"{svg}title") is not None
    narrow = float((stacked.get("viewBox") or "").split()[2])
    assert all(0 <= float(text.get("x") or -1) <= narrow for text in stacked.iter(f"{svg}text"))
    page = page.replace("<style>.headcheck-no-picture{display:none}</style>", "")
    page = page.replace(NARROW, "")
    assert not re.search(r"<script|<style|\bid=|href|url\(|nan|inf\b", page)
    assert not re.search(r'(fill|stroke)="(black|white|#000|#fff)"', page)
    _, top, width, height = (float(n) for n in (drawing.get("viewBox") or "").split())
    for text in drawing.iter(f"{svg}text"):
        assert 0 <= float(text.get("x") or -1) <= width
        assert top <= float(text.get("y") or -1) <= top + height


def test_is_it_said_where_jupyter_takes_the_picture_out():
    """What an untrusted notebook is shown (seen in JupyterLab): no style, no svg, but their words."""
    page = anatomy(small_body(), (1, 3, 8, 8))._repr_html_()
    ((hidden, sentence),) = re.findall(r'<div class="(headcheck-no-\w+)">(.*?)</div>', page)
    assert f"<style>.{hidden}{{display:none}}</style>" in page
    assert "not trusted" in sentence and page.index(sentence) < page.index("<svg")


def test_are_the_columns_of_the_text_aligned():
    lines = str(anatomy(tv.resnet18(), (1, 3, 64, 64), cut=-2)).splitlines()
    rows = [line for line in lines if line.endswith(" trainable") and line.startswith("  ")]
    assert len({len(line) for line in rows}) == 1 and len(rows) == 6
    assert max(map(len, lines)) <= 100


def test_is_it_the_function_whatever_was_imported_first():
    import headcheck.lesson.anatomy
    from headcheck.lesson.anatomy import anatomy as direct

    assert headcheck.anatomy is direct is anatomy
