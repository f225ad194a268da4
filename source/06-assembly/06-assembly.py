# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 06 · Assembly
#
# **The question.** You can cut a body and build a head. Is that all `create_vision_model` does, and
# how would you *prove* that yours is the same model as fastai's?
#
# **You will be able to**
# - initialise a head without touching what the body knows;
# - put body and head together, and prove two models equal: same weights in, same numbers out;
# - trace a function of a library, step by step;
# - look at huge models without memory for them.
#
# **Time** 75 minutes (about 15 of them reading) · **Difficulty** ●●●○ · **Before this** [02 · The cut](../02-the-cut/02-the-cut.ipynb), [03 · Counting features](../03-counting-features/03-counting-features.ipynb) and [05 · create_head](../05-create-head/05-create-head.ipynb): the ideas, not your code. The parts come from fastai here.
#
# **Old names.** The function you write is called `create_cnn_model` here, as books and forum threads call it. In today's fastai it is
# `create_vision_model`.
#
# Words you do not know are in the [glossary](../../docs/glossary.md): [initialisation](../../docs/glossary.md#initialisation), [meta device](../../docs/glossary.md#meta-device), [architecture](../../docs/glossary.md#architecture).

# %% jupyter={"source_hidden": true} tags=["only-shows"]
# Is the package of the course here? Run this cell and go on.
import importlib.util
from glob import glob

if importlib.util.find_spec("headcheck") is None:
    beside = [*glob("headcheck-*.whl"), *glob("../../headcheck-*.whl"), "headcheck"]
    print("The package of this course is not installed in the Python that runs this notebook.")
    print(f"Run this line in a cell of its own, once, and then go on:\n\n%pip install {beside[0]}")

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Setup: run this cell and go on.
import copy
import warnings
from functools import partial

warnings.filterwarnings("ignore")  # torchvision's note about `pretrained=` would hide the rest

import torch
from fastai.callback.hook import num_features_model
from fastai.torch_core import apply_init as fastai_apply_init
from fastai.vision.learner import add_head as fastai_add_head
from fastai.vision.learner import create_body, create_head, create_vision_model, model_meta
from fastai.vision.models.xresnet import xresnet18
from torch import nn
from torchvision.models import (
    DenseNet,
    mobilenet_v3_small,
    resnet18,
    squeezenet1_0,
    squeezenet1_1,
)

from headcheck import (
    anatomy,
    checking,
    draw,
    expect,
    expect_equal,
    expect_head,
    expect_same_function,
    expect_separate,
    hidden,
)

torch.manual_seed(0)

# Writing it is the exercise, so fastai's own raise while an answer is checked.
FINISHED = ["fastai.torch_core.apply_init", "fastai.torch_core.cond_init"]


def all_halves(weight):
    """An init function that is easy to recognise afterwards."""
    nn.init.constant_(weight, 0.5)


def touched(tensor):
    """Did `all_halves` reach this weight?"""
    return bool((tensor == 0.5).all())


def expect_weight(layer):
    """That the weight of a layer is still a parameter, whatever numbers it holds."""
    expect(
        isinstance(layer.weight, nn.Parameter),
        "apply_init(net, func) leaves the weight of a Linear a parameter",
        got="None" if layer.weight is None else layer.weight,
        expected="an nn.Parameter with other numbers",
        cause="what func gives back was put in its place: func changes the weight itself, func(layer.weight)",
        look="the docstring: in place",
    )


def from_kaiming(weight):
    """Are these the numbers of `nn.init.kaiming_normal_`, by their spread and the largest of them?"""
    spread = (2 / weight[0].numel()) ** 0.5
    return 0.95 < float(weight.std()) / spread < 1.05 and float(weight.abs().max()) > 3 * spread


class OwnLinear(nn.Module):
    """A layer that is on nobody's list: it has a weight and a bias, and an activation inside."""

    def __init__(self, n_in, n_out):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(n_out, n_in))
        self.bias = nn.Parameter(torch.ones(n_out))
        self.act = nn.ReLU()

    def forward(self, x):
        return self.act(x @ self.weight.T + self.bias)


class Gated(nn.Module):
    """A layer with a weight, another parameter beside it, and a layer inside."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(3, 3))
        self.gate_weight = nn.Parameter(torch.ones(3, 3))
        self.register_parameter("bias", None)
        self.inside = nn.Linear(3, 3)

    def forward(self, x):
        return self.inside(x @ self.weight) * (x @ self.gate_weight)


class OwnNorm(nn.BatchNorm2d):
    """A BatchNorm of somebody's own: it works in float32, whatever comes."""

    def forward(self, x):
        return super().forward(x.float())


def used(module):
    """The module with normalisation layers that have learned: no number in them is that of a new one."""
    with torch.no_grad():
        for layer in module.modules():
            if hasattr(layer, "eps"):
                for t in (*layer.parameters(recurse=False), *layer.buffers(recurse=False)):
                    t.add_(torch.rand(t.shape) + 0.5) if t.is_floating_point() else t.add_(7)
    return module


def small_body():
    return used(nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU()))


def small_head(n_out=5):
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, n_out))


def small_arch(pretrained=False):
    """An architecture as small as they come. "Pretrained" means: all weights of the convolution are 0.25,
    and all numbers of the BatchNorm."""
    model = nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    )
    if pretrained:
        numbers = *model[1].parameters(), model[1].running_mean, model[1].running_var
        for t in (model[0].weight, *numbers):
            nn.init.constant_(t, 0.25)
    return model


def narrow_xresnet(pretrained=False):
    """An xresnet18 with a quarter of its channels: it is built in a tenth of the time."""
    return xresnet18(pretrained=pretrained, widen=0.25)


def narrow_densenet(pretrained=False):
    """A densenet with a fraction of the layers and channels of densenet121."""
    return DenseNet(growth_rate=8, block_config=(2, 2), num_init_features=16)


def first_child(model):
    """A cut that is a function."""
    return nn.Sequential(next(model.children()))


def flags(module):
    """Which parameters can learn, the mode of each layer, and all settings as text."""
    can_learn = [p.requires_grad for p in module.parameters()]
    return can_learn, [m.training for m in module.modules()], str(module)


def trained_head():
    """A head with a BatchNorm that somebody has trained, a part of it frozen, another one in eval mode."""
    norm = nn.BatchNorm2d(8, eps=0.01, momentum=0.3)
    head = used(nn.Sequential(nn.Conv2d(8, 8, 1), norm, nn.ReLU(), small_head()))
    head[0].requires_grad_(False)
    head[1].eval()
    return head


def nothing_ran(head):
    """Whether the statistics of each BatchNorm in a head are those of a new one."""
    norms = [m for m in head.modules() if isinstance(m, nn.BatchNorm1d)]
    return not any(bool(m.num_batches_tracked) or bool(m.running_mean.any()) for m in norms)


def copy_of(module):
    """All weights and statistics of a module, copied."""
    return [t.detach().clone() for t in [*module.parameters(), *module.buffers()]]


def expect_two(model, checked):
    """That `model` is a Sequential of two children."""
    if isinstance(model, nn.Sequential):
        got = f"a Sequential of {len(model)} {'child' if len(model) == 1 else 'children'}"
        cause = "one part alone came back, or body and head were unpacked into one long Sequential"
    else:
        got = "None" if model is None else f"a {type(model).__name__}"
        cause = (
            "is a return missing?"
            if model is None
            else "nn.Sequential(body, head) puts them into one"
        )
    expect(
        isinstance(model, nn.Sequential) and len(model) == 2,
        checked,
        got=got,
        expected="a Sequential of two children",
        cause=cause,
        look="the exercise text; fastai's split and freeze count on model[0] and model[1]",
    )


def expect_in_a_row(model, x, checked):
    """That the whole computes what its body and then its head compute, and nothing else."""
    expect_same_function(
        model,
        nn.Sequential(model[0], model[1]),
        x,
        checked=checked,
        weights=False,
        cause="the whole is more than body and head: a forward of its own, or a hook",
    )


def same_weights(module, before):
    now = [*module.parameters(), *module.buffers()]
    return len(now) == len(before) and all(
        torch.equal(a, b) for a, b in zip(now, before, strict=True)
    )


print("ready")

# %% [markdown]
# ## 1. The whole recipe on one page
#
# This is `create_vision_model` of fastai 2.8, with the options left out:
#
# ```python
# model = arch(...)                                   # a whole network, pretrained or not
# body  = create_body(model, n_in, pretrained, cut)   # lesson 02
# nf    = num_features_model(body)                    # lesson 03
# head  = create_head(nf, n_out, ...)                 # lessons 04 and 05
# model = nn.Sequential(body, head)
# apply_init(model[1], init)                          # new in this lesson
# ```
#
# Six lines. One of them is new: `apply_init`.

# %% tags=["only-shows"]
anatomy(create_vision_model(resnet18, 10, pretrained=False), (1, 3, 128, 128))

# %% [markdown]
# ## 2. Starting values
#
# A fresh `nn.Linear` already has random weights. Why initialise again? Because a ReLU throws half of
# the signal away, and PyTorch's default starts too small to make up for it. *Kaiming* initialisation
# ([He et al., 2015](https://arxiv.org/abs/1502.01852)) picks the spread so that the signal keeps its size through Linear and ReLU.
#
# **Predict.** The weights of a fresh `nn.Linear(1024, 512)` have some standard deviation. After
# `kaiming_normal_`, is it smaller, the same, or larger, and about how many times?

# %%
my_prediction = "..."

# %% tags=["only-shows"]
layer = nn.Linear(1024, 512, bias=False)
fresh = layer.weight.std().item()
nn.init.kaiming_normal_(layer.weight)
kaiming = layer.weight.std().item()
print(
    f"fresh {fresh:.4f}, kaiming {kaiming:.4f}: {kaiming / fresh:.2f} times.  You said: {my_prediction}"
)

# %% [markdown]
# <details><summary><b>Explain</b> (open it when the numbers are there)</summary>
#
# 0.0180 against 0.0442: about 2.45 = √6 times. PyTorch draws evenly from
# ±1/√n, whose spread is 1/√(3n); Kaiming wants √(2/n).
#
# </details>
#
# Three kinds of layers must **not** be touched:
#
# | layer | why not |
# |---|---|
# | normalisation layers | their weight starts at 1 on purpose: "change nothing yet" |
# | frozen layers | somebody froze them because they know something |
# | the body | it may be pretrained: that is the whole point |

# %% [markdown]
# ## Exercise 1: `apply_init` · 6 points
#
# **What.** Go through `m` and everything inside it. For each layer that has a `weight`: fill the weight
# with `func` and its bias (if it has one) with zeros. Leave normalisation layers (`nn.BatchNorm1d/2d/3d`,
# `nn.InstanceNorm1d/2d/3d`, `nn.LayerNorm`) and frozen layers alone. A layer is frozen when its weight does not
# require a gradient.
#
# **Why it matters.** In fastai it is one line of `add_head`: `if init is not None: apply_init(model[1], init)`.
# Note the `model[1]`.


# %% nbgrader={"grade": false, "grade_id": "apply_init", "locked": false, "schema_version": 3, "solution": true, "task": false}
def apply_init(m, func=nn.init.kaiming_normal_):
    """Initialise `m` in place: weights by `func`, biases zero.

    Normalisation layers and frozen layers (weight.requires_grad is False) stay as they are.
    """
    ### BEGIN SOLUTION
    norms = (
        nn.BatchNorm1d,
        nn.BatchNorm2d,
        nn.BatchNorm3d,
        nn.InstanceNorm1d,
        nn.InstanceNorm2d,
        nn.InstanceNorm3d,
        nn.LayerNorm,
    )
    for layer in m.modules():
        weight = getattr(layer, "weight", None)
        if weight is None or isinstance(layer, norms) or not weight.requires_grad:
            continue
        func(weight)
        # audit: equivalent [argument dropped]: a Linear and a convolution have this name, be it for None
        # audit: equivalent [copied]: a copy has a bias where the layer has one
        if getattr(layer, "bias", None) is not None:
            nn.init.zeros_(layer.bias)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1 (a nudge)</summary>
#
# `m.modules()` walks through everything, however deeply nested. Most of what it gives has no weight.
# </details>
# <details><summary>Hint 2 (stronger)</summary>
#
# `isinstance(layer, (nn.BatchNorm1d, ...))` takes a tuple of classes. A layer may have `bias=None`.
# `nn.init.zeros_` fills in place without recording gradients.
# </details>
# <details><summary>Hint 3 (nearly the line)</summary>
#
# `for layer in m.modules():` skip it unless it has a weight, is no norm, and
# `layer.weight.requires_grad`; then `func(layer.weight)`; then the bias.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_apply_init", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("apply_init", write_it_yourself=FINISHED, step="what is initialised"):
    net = nn.Sequential(
        nn.Linear(400, 300), nn.ReLU(), nn.Sequential(nn.Linear(300, 4, bias=False))
    )
    nn.init.ones_(net[0].bias)
    apply_init(net, all_halves)
    expect_weight(net[0])
    expect(
        touched(net[0].weight),
        "apply_init(net, func) fills the weight of a Linear with func",
        cause="func is not used, or not called on layer.weight",
        look="the docstring: weights by func",
    )
    expect(
        touched(net[2][0].weight),
        "apply_init reaches a Linear inside a nested Sequential",
        cause="m.children() looks one level deep",
        look="hint 1",
    )
    expect_equal(
        float(net[0].bias.abs().max()),
        0.0,
        "apply_init sets biases to zero (largest bias afterwards)",
        mistakes={1.0: "the bias was not touched", 0.5: "func was used on the bias as well"},
    )
    apply_init(net)
    spread = float(net[0].weight.std())
    expect(
        abs(spread - (2 / 400) ** 0.5) < 0.005,
        "apply_init(net) without func: spread of the weights",
        got=round(spread, 4),
        expected="about sqrt(2 / 400) = 0.0707",
        cause="the default func is nn.init.kaiming_normal_",
        look="section 2",
    )
    ### BEGIN HIDDEN TESTS
    rng = draw("apply_init")
    with hidden("convolutions, deeper nesting, a single layer"):
        deep = nn.Sequential(
            nn.Sequential(nn.Sequential(nn.Conv2d(2, 3, 3)), nn.Flatten()), nn.Linear(3, 2)
        )
        apply_init(deep, all_halves)
        expect(
            touched(deep[0][0][0].weight) and touched(deep[1].weight),
            "apply_init",
            cause="a convolution or a deeply nested layer was not reached",
            look="hint 1",
        )
        expect(
            not float(deep[0][0][0].bias.abs().max()),
            "apply_init",
            cause="a bias is not zero",
            look="the docstring",
        )
        for single in (
            *(nn.Linear(3, 2), nn.Bilinear(2, 3, 2), OwnLinear(3, 2)),
            *(nn.Conv1d(2, 3, 3), nn.ConvTranspose2d(2, 3, 3)),
            nn.Conv2d(2, 3, 3, bias=False),
        ):
            weight, bias = single.weight, single.bias
            apply_init(single, all_halves)
            expect(
                touched(single.weight),
                "apply_init",
                cause="the module itself is left out, or a kind of layer: each that has a weight counts",
                look="hint 1, and the exercise text",
            )
            expect(
                single.weight is weight and single.bias is bias,
                "apply_init",
                cause="the layer has a new parameter: an optimiser that knows the old one would go on "
                "training that",
                look="the docstring: in place. Fill what is there, put nothing in its place",
            )
    with hidden("a layer that has other parameters too, and a layer inside"):
        gated = Gated()
        apply_init(nn.Sequential(gated), all_halves)
        expect(
            touched(gated.weight) and touched(gated.inside.weight),
            "apply_init",
            cause="a layer with a weight and another layer inside: one of the two was not reached",
            look="the exercise text: m and everything inside it",
        )
        expect(
            bool((gated.gate_weight == 1).all()),
            "apply_init",
            cause="func is for the parameter called weight, not for others with a similar name",
            look="the exercise text: what is filled",
        )
    with hidden("two layers of one size"):
        pair = nn.Sequential(nn.Linear(30, 30), nn.Linear(30, 30))
        apply_init(pair)
        expect(
            not torch.equal(pair[0].weight, pair[1].weight),
            "apply_init",
            cause="layers of one size got the same numbers: func is to be called for each weight",
            look="the docstring: weights by func",
        )
    with hidden("the starting values without func"):
        for wide in (nn.Linear(300, 400), nn.Conv2d(20, 60, 3)):
            apply_init(wide)
            expect(
                from_kaiming(wide.weight),
                "apply_init without func",
                cause="the default func is nn.init.kaiming_normal_, as it is",
                look="the first line of the function",
            )
            before = copy_of(wide)
            apply_init(wide)
            expect(
                not same_weights(wide, before),
                "apply_init without func, twice",
                cause="the numbers are the same each time: a seed is set in the function, so layers of one "
                "size would begin alike",
                look="the docstring: weights by func, and nothing else",
            )
    with hidden("another function as func"):
        for value in (rng.uniform(2, 9), -rng.uniform(2, 9)):
            net = nn.Sequential(nn.Linear(3, 2), nn.Sequential(nn.Conv2d(2, 3, 3)))
            apply_init(net, partial(nn.init.constant_, val=value))
            expect(
                all(bool((layer.weight == value).all()) for layer in (net[0], net[1][0])),
                "apply_init with another func",
                cause="weights are filled by the func that was handed over, whatever it does",
                look="the docstring: weights by func",
            )
    ### END HIDDEN TESTS

# %% [markdown]
# What it has to leave alone, BatchNorm and frozen layers:

# %% nbgrader={"grade": true, "grade_id": "test_apply_init_spares", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("apply_init", write_it_yourself=FINISHED, step="what is spared"):
    net = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Linear(3, 2))
    net[0].requires_grad_(False)
    before = copy_of(net[0]), copy_of(net[1])
    apply_init(net, all_halves)
    expect_weight(net[2])
    expect(
        touched(net[2].weight),
        "apply_init fills a trainable Linear",
        cause="it was skipped",
        look="section 2, the table: only three kinds of layers are spared",
    )
    expect(
        same_weights(net[1], before[1]),
        "apply_init leaves BatchNorm alone",
        got="its weight or bias changed",
        expected="weight 1, bias 0, as they were",
        look="section 2, the table",
    )
    expect(
        same_weights(net[0], before[0]),
        "apply_init leaves a frozen layer alone",
        got="its weight or bias changed",
        expected="unchanged: its weight does not require a gradient",
        look="section 2, the table",
    )
    ### BEGIN HIDDEN TESTS
    with hidden("all normalisation layers, nested frozen layers"):
        norms = nn.Sequential(
            *(kind(3) for kind in (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.LayerNorm)),
            *(
                kind(3, affine=True)
                for kind in (nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d)
            ),
            nn.BatchNorm1d(3, affine=False),  # has a weight that is None
            nn.LayerNorm((2, 3), eps=0.01),  # has one of two dimensions
            OwnNorm(3, eps=0.01, momentum=0.3),
        )
        used(norms)
        before, as_set = copy_of(norms), str(norms)
        apply_init(norms, all_halves)
        expect(
            same_weights(norms, before) and str(norms) == as_set,
            "apply_init",
            cause="a normalisation layer was initialised, or set back to what a new one has; one of a class that "
            "is derived from the seven is one, too",
            look="the exercise text lists the seven classes: leave them alone",
        )
        mixed = nn.Sequential(
            nn.Sequential(nn.Conv2d(2, 2, 1), nn.Conv2d(2, 2, 1)), nn.Linear(2, 2)
        )
        mixed[0][0].requires_grad_(False)
        before = copy_of(mixed[0][0])
        apply_init(mixed, all_halves)
        expect(
            same_weights(mixed[0][0], before),
            "apply_init",
            cause="a frozen layer was initialised",
            look="weight.requires_grad",
        )
        expect(
            touched(mixed[0][1].weight) and touched(mixed[1].weight),
            "apply_init",
            cause="one frozen layer made its neighbours be skipped",
            look="decide for each layer on its own",
        )
    with hidden("layers of which only the weight is frozen, or only the bias"):
        half = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 2))
        half[0].weight.requires_grad_(False)
        half[1].bias.requires_grad_(False)
        nn.init.ones_(half[1].bias)
        before = copy_of(half[0])
        apply_init(half, all_halves)
        expect(
            same_weights(half[0], before)
            and touched(half[1].weight)
            and not float(half[1].bias.abs().max()),
            "apply_init",
            cause="the weight alone says whether a layer is frozen",
            look="the exercise text: when is a layer frozen?",
        )
    with hidden("what can learn and the mode of each layer stay as they were"):
        mixed = nn.Sequential(nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)), nn.Linear(2, 2))
        mixed[0][1].requires_grad_(False)
        mixed[0].eval()
        before = flags(mixed)
        apply_init(mixed, all_halves)
        expect(
            flags(mixed) == before and all(p.dtype == torch.float32 for p in mixed.parameters()),
            "apply_init",
            cause="a layer was frozen, eval() or train() was called, or the type of its numbers changed",
            look="the docstring: it changes weights and biases",
        )
    ### END HIDDEN TESTS

# %% [markdown]
# ## 3. Body and head together
#
# ## Exercise 2: `add_head` · 6 points
#
# **What.** Return `nn.Sequential(body, head)`. If no `head` is given, build one with fastai's `create_head`
# (all further options go there). Initialise **the head only**, with `init`; `init=None` means: leave all
# weights as they are.
#
# Use `fastai_apply_init` here (the first cell has imported it), so that a slip in exercise 1 doesn't follow you.
#
# **Why it matters.** Read this line of fastai again: `if init is not None: apply_init(model[1], init)`.
# It also runs when *you* bring the head: **a trained custom head is wiped** unless you say `init=None`.
# We show it below.


# %% nbgrader={"grade": false, "grade_id": "add_head", "locked": false, "schema_version": 3, "solution": true, "task": false}
def add_head(body, nf, n_out, init=nn.init.kaiming_normal_, head=None, **head_options):
    """nn.Sequential(body, head), the head initialised with `init` (None: not at all).

    `head=None` builds create_head(nf, n_out, **head_options).
    """
    ### BEGIN SOLUTION
    if head is None:
        head = create_head(nf, n_out, **head_options)
    # audit: equivalent: fastai_apply_init does nothing for None, either
    if init is not None:
        # audit: equivalent [dropout; softmax; log_softmax; squashed]: what is put around the head is gone again
        fastai_apply_init(head, init)
    return nn.Sequential(body, head)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1 (a nudge)</summary>
#
# Four lines: a head if there is none, an initialisation if wanted, the Sequential.
# </details>
# <details><summary>Hint 2 (stronger)</summary>
#
# `create_head(nf, n_out, **head_options)` hands all options on. What must `fastai_apply_init` be called on?
# </details>
# <details><summary>Hint 3 (nearly the line)</summary>
#
# `if init is not None: fastai_apply_init(head, init)`, then `return nn.Sequential(body, head)`.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_add_head", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking(
    "add_head", write_it_yourself=["fastai.vision.learner.add_head"], step="body and head"
):
    body = small_body()
    model = add_head(body, 8, 5)
    expect_two(model, "add_head returns nn.Sequential(body, head)")
    expect(
        model[0] is body,
        "add_head: model[0] is the body itself",
        cause="the head stands first, or the body was copied",
        look="the exercise text",
    )
    expect_head(model[1], nf=8, n_out=5, checked="the head of add_head(body, 8, 5)")
    expect_in_a_row(model, torch.randn(3, 3, 9, 9), "add_head(body, 8, 5): body, then head")
    ### BEGIN HIDDEN TESTS
    rng = draw("add_head")
    with hidden("head options and a custom head"):
        hidden_size, n_out = rng.randint(6, 12), rng.randint(2, 9)
        model = add_head(small_body(), 8, n_out, lin_ftrs=[hidden_size], ps=0.25, bn_final=True)
        expect_head(model[1], nf=8, n_out=n_out, lin_ftrs=[hidden_size], ps=0.25, bn_final=True)
        nf = rng.randint(9, 30)
        model = add_head(small_body(), nf, n_out)
        expect_head(model[1], nf=nf, n_out=n_out)
        model = add_head(small_body(), 8, n_out, concat_pool=False, y_range=(0, n_out))
        expect_head(model[1], nf=8, n_out=n_out, concat_pool=False, y_range=(0, n_out))
        expect_in_a_row(model, torch.randn(3, 3, 9, 9), "add_head")
        for options in (
            {"lin_first": True, "first_bn": False},
            {"pool": False, "lin_ftrs": [hidden_size, 6], "ps": [0.1, 0.2, 0.3]},
        ):
            model = add_head(small_body(), 8, n_out, **options)
            expect_head(model[1], nf=8, n_out=n_out, **options)
        options = {"lin_ftrs": [hidden_size], "concat_pool": False}
        model = add_head(small_body(), 8, n_out, init=None, **options)
        expect_head(model[1], nf=8, n_out=n_out, **options)
        # A head may be a single layer, and one that does nothing is a head, too (but false in an if).
        for mine in (small_head(n_out), nn.Conv2d(8, n_out, 1), nn.Sequential()):
            body = small_body()
            model = add_head(body, 8, n_out, head=mine)
            expect(
                model[1] is mine,
                "add_head",
                cause="a given head is not used; or an empty one is taken for none: ask `head is None`, not `not head`",
                look="the docstring",
            )
            expect(
                model[0] is body,
                "add_head",
                cause="beside a given head the body was copied, or something else stands there",
                look="the docstring",
            )
            expect_in_a_row(model, torch.randn(3, 3, 9, 9), "add_head")
    with hidden("two new heads with the same options"):
        two_heads = [add_head(small_body(), 8, n_out)[1] for _ in range(2)]
        expect_separate(two_heads, "the weights of two new heads")
    ### END HIDDEN TESTS

# %% [markdown]
# What `init` does to the head, and does not do to the body:

# %% nbgrader={"grade": true, "grade_id": "test_add_head_init", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking(
    "add_head",
    write_it_yourself=["fastai.vision.learner.add_head"],
    step="the new head alone is initialised",
):
    body = small_body()
    before = copy_of(body)
    model = add_head(body, 8, 5, init=all_halves)
    expect(
        same_weights(body, before),
        "add_head leaves the weights of the body alone",
        got="the body's weights changed",
        expected="the same weights: the body may be pretrained",
        cause="the whole model was initialised instead of the head",
        look="section 2, the table, last row",
    )
    linears = [m for m in model[1].modules() if isinstance(m, nn.Linear)]
    expect(
        linears and all(touched(m.weight) for m in linears),
        "add_head initialises the head with `init`",
        got="Linear layers of the head that init never saw"
        if linears
        else "no Linear in model[1], where the head belongs",
        expected="every Linear of the head filled by init",
        look="the exercise text",
    )
    ### BEGIN HIDDEN TESTS
    with hidden("init=None, and a trained custom head"):
        trained, body = trained_head(), small_body()
        body[0].requires_grad_(False)
        before_head, before = copy_of(trained), copy_of(body)
        as_set = flags(trained), flags(body)
        add_head(body, 8, 5, init=None, head=trained)
        expect(
            same_weights(trained, before_head) and flags(trained) == as_set[0],
            "add_head",
            cause="init=None has to leave a trained head as it is: its weights, its BatchNorm, what can learn, "
            "and its mode",
            look="the exercise text: what init=None means",
        )
        expect(
            same_weights(body, before) and flags(body) == as_set[1],
            "add_head",
            cause="the body was initialised, frozen, or switched to another mode",
            look="section 2, the table",
        )
    with hidden("a custom head that is initialised, and a new one that is not"):
        mine = trained_head().requires_grad_(True)
        before = flags(mine)
        expected = copy.deepcopy(mine)
        fastai_apply_init(expected, all_halves)
        body = small_body()
        before_body, as_set = copy_of(body), flags(body)
        add_head(body, 8, 5, init=all_halves, head=mine)
        expect(
            same_weights(mine, copy_of(expected)) and flags(mine) == before,
            "add_head",
            cause="a head that was given is initialised as well, unless init=None: "
            "weights and biases, and no normalisation layer",
            look="the exercise text: fastai_apply_init does it, and nothing else happens",
        )
        expect(
            same_weights(body, before_body) and flags(body) == as_set,
            "add_head",
            cause="with a head of one's own the body was initialised or frozen, too",
            look="the exercise text: the head only",
        )
        mine = small_head()
        before = copy_of(mine)
        add_head(small_body(), 8, 5, head=mine)
        expect(
            not same_weights(mine, before),
            "add_head",
            cause="a head that was given is initialised as well, unless init=None is said: "
            "without init it is nn.init.kaiming_normal_",
            look="the exercise text: why it matters",
        )
        model = add_head(small_body(), 8, 5, init=all_halves, lin_ftrs=[6], bn_final=True)
        linears = [m for m in model[1].modules() if isinstance(m, nn.Linear)]
        expect(
            linears and all(touched(m.weight) for m in linears),
            "add_head",
            cause="init is ignored beside options of the head",
            look="the exercise text: options go to create_head, init decides on the weights",
        )
        for options in ({}, {"lin_ftrs": [6], "first_bn": False}):
            model = add_head(small_body(), 8, 5, init=None, **options)
            expect(
                all(
                    float(m.weight.abs().max()) <= 1.001 / m.in_features**0.5
                    for m in model[1].modules()
                    if isinstance(m, nn.Linear)
                ),
                "add_head",
                cause="init=None leaves PyTorch's own weights in a new head",
                look="the exercise text: what init=None means",
            )
            if not options:
                expect_head(model[1], nf=8, n_out=5)
    with hidden("the starting values of a new head without init"):
        model = add_head(small_body(), 8, 5)
        first = next(m for m in model[1].modules() if isinstance(m, nn.Linear))
        expect(
            from_kaiming(first.weight),
            "add_head",
            cause="without init the head is initialised with nn.init.kaiming_normal_",
            look="the first line of the function",
        )
    with hidden("what can learn and the mode of each layer stay as they were"):
        body = small_body()
        body[0].requires_grad_(False)
        body[1].eval()
        before = flags(body)
        model = add_head(body, 8, 5)
        expect(
            flags(body) == before,
            "add_head",
            cause="the body was frozen, thawed, or eval() or train() was called",
            look="the exercise text: only the head is initialised, and nothing else happens",
        )
        expect(
            all(map(all, flags(model[1]))) and nothing_ran(model[1]),
            "add_head",
            cause="the new head is frozen, or in eval mode, or something ran through it: to try it out, make "
            "another one",
            look="the exercise text: only the head is initialised, and nothing else happens",
        )
    ### END HIDDEN TESTS

# %% [markdown]
# **The wiped head.** A head that somebody trained (here: all its weights are 0.25), handed to fastai:

# %% tags=["only-shows"]
trained = small_head()
nn.init.constant_(trained[2].weight, 0.25)
fastai_add_head(small_body(), 8, 5, head=trained)
print(
    "after add_head(head=trained):            ",
    [round(w, 2) for w in trained[2].weight[0, :4].tolist()],
)

nn.init.constant_(trained[2].weight, 0.25)
fastai_add_head(small_body(), 8, 5, head=trained, init=None)
print(
    "after add_head(head=trained, init=None): ",
    [round(w, 2) for w in trained[2].weight[0, :4].tolist()],
)

# %% [markdown]
# ## 4. The model
#
# ## Exercise 3: `create_cnn_model` · 12 points
#
# **What.** From an architecture (a function such as `resnet18`) to `nn.Sequential(body, head)`. Use fastai's
# `create_body`, `num_features_model` and `fastai_add_head`.
#
# **Why it matters.** This is the function that the forum told the questioner to trace. You write it here, and in section 5 you trace
# fastai's own. One detail: `num_features_model` switches the body to eval mode and leaves it there. fastai
# lives with that, so may you.
#
# `arch(pretrained=pretrained)` works for torchvision's and fastai's architectures. With a `custom_head`, nobody needs `nf`.


# %% nbgrader={"grade": false, "grade_id": "create_cnn_model", "locked": false, "schema_version": 3, "solution": true, "task": false}
def create_cnn_model(
    arch,
    n_out,
    pretrained=False,
    cut=None,
    n_in=3,
    init=nn.init.kaiming_normal_,
    custom_head=None,
    **head_options,
):
    """fastai's create_vision_model by hand: nn.Sequential(body, head).

    `cut` and `n_in` go to create_body, `head_options` to create_head.
    """
    ### BEGIN SOLUTION
    # audit: equivalent [eval]: the mode of the body is up to you, and nobody runs it here
    model = arch(pretrained=pretrained)
    # audit: equivalent [eval; train; copied]: see above, and the copy is the only one that goes on
    body = create_body(model, n_in, pretrained, cut)
    # audit: equivalent [eval; train; copied]: it only counts, and leaves eval mode behind in any case
    # audit: equivalent [dropout; softmax; log_softmax]: there are as many features as before
    # audit: equivalent [branch always taken; condition fixed; truth instead of None]: a number that nobody reads
    nf = num_features_model(body) if custom_head is None else None
    # audit: equivalent [eval; train; copied]: see above
    return fastai_add_head(body, nf, n_out, init=init, head=custom_head, **head_options)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1 (a nudge)</summary>
#
# The six lines of section 1, with the arguments passed on.
# </details>
# <details><summary>Hint 2 (stronger)</summary>
#
# `create_body(model, n_in, pretrained, cut)`. Which arguments does `fastai_add_head` want? `init=`, `head=`, and the rest.
# </details>
# <details><summary>Hint 3 (nearly the line)</summary>
#
# `return fastai_add_head(body, nf, n_out, init=init, head=custom_head, **head_options)`
# </details>

# %% [markdown]
# **How do you prove two models equal?** Not by printing them: two models can print the same and differ. Not by their
# outputs: both start with random weights. So: **same weights in, same numbers out.** Copy the weights of one model
# into the other, send the same images through both, compare every number. That is what the checks do.

# %% nbgrader={"grade": true, "grade_id": "test_create_cnn_model", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
reference = create_vision_model(squeezenet1_1, 7, pretrained=False)
images = torch.randn(2, 3, 64, 64)
### BEGIN HIDDEN TESTS
another = create_vision_model(narrow_xresnet, 3, pretrained=False)
### END HIDDEN TESTS
with checking(
    "create_cnn_model",
    write_it_yourself=["fastai.vision.learner.create_vision_model"],
    step="one architecture",
):
    model = create_cnn_model(squeezenet1_1, 7)
    expect_two(model, "create_cnn_model returns nn.Sequential(body, head)")
    expect_same_function(
        model, reference, [images], checked="create_cnn_model(squeezenet1_1, 7) against fastai's"
    )
    ### BEGIN HIDDEN TESTS
    with hidden("a resnet"):
        expect_same_function(
            create_cnn_model(narrow_xresnet, 3),
            another,
            [images],
            checked="create_cnn_model",
        )
    ### END HIDDEN TESTS

# %% [markdown]
# Other families:

# %% nbgrader={"grade": true, "grade_id": "test_create_cnn_model_families", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
reference = create_vision_model(narrow_densenet, 4, pretrained=False, cut=-1)
images = torch.randn(2, 3, 64, 64)
### BEGIN HIDDEN TESTS
rng = draw("create_cnn_model_families")
n_out = rng.randint(2, 12)
others = [
    (arch, cut, create_vision_model(arch, n_out, pretrained=False, cut=cut))
    for arch, cut in ((squeezenet1_0, -1), (narrow_xresnet, -4), (mobilenet_v3_small, None))
]
### END HIDDEN TESTS
with checking(
    "create_cnn_model",
    write_it_yourself=["fastai.vision.learner.create_vision_model"],
    step="other families",
):
    model = create_cnn_model(small_arch, 4, cut=1)
    expect_two(model, "create_cnn_model(small_arch, 4, cut=1)")
    expect_equal(
        len(model[0]),
        1,
        "create_cnn_model(small_arch, 4, cut=1): children in the body",
        mistakes={2: "cut is not passed on to create_body, which then follows its rule"},
        look="the docstring: where cut goes",
    )
    expect_same_function(
        create_cnn_model(narrow_densenet, 4, cut=-1),
        reference,
        [images],
        checked="create_cnn_model(narrow_densenet, 4, cut=-1) against fastai's",
    )
    ### BEGIN HIDDEN TESTS
    with hidden("three more families, one of them without a cut"):
        for arch, cut, expected in others:
            expect_same_function(
                create_cnn_model(arch, n_out, cut=cut),
                expected,
                [images],
                checked="create_cnn_model",
            )
    ### END HIDDEN TESTS

# %% [markdown]
# The options:

# %% nbgrader={"grade": true, "grade_id": "test_create_cnn_model_options", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking(
    "create_cnn_model",
    write_it_yourself=["fastai.vision.learner.create_vision_model"],
    step="options of the head",
):
    grey = create_cnn_model(squeezenet1_1, 2, n_in=1)
    first = next(m for m in grey.modules() if isinstance(m, nn.Conv2d))
    expect_equal(
        first.in_channels,
        1,
        "create_cnn_model(..., n_in=1): input channels of the first convolution",
        mistakes={3: "n_in is not passed on to create_body"},
    )
    model = create_cnn_model(squeezenet1_1, 2, lin_ftrs=[16])
    expect_head(
        model[1],
        nf=512,
        n_out=2,
        lin_ftrs=[16],
        checked="the head of create_cnn_model(squeezenet1_1, 2, lin_ftrs=[16])",
    )
    ### BEGIN HIDDEN TESTS
    rng = draw("create_cnn_model_options")
    with hidden("pretrained, with three channels and with one"):
        for n_in, value in ((3, 0.25), (1, 0.75)):  # one channel gets the sum of three
            mine = small_head(2)
            model = create_cnn_model(
                small_arch, 2, True, cut=1, n_in=n_in, init=all_halves, custom_head=mine
            )
            weight = next(m for m in model.modules() if isinstance(m, nn.Conv2d)).weight
            expect(
                weight.shape[1] == n_in and bool((weight == value).all()),
                "create_cnn_model",
                cause="pretrained goes to arch and to create_body, and the body keeps what it knows",
                look="section 1: the lines with arch and create_body",
            )
            expect(
                len(model[0]) == 1 and touched(mine[2].weight) and model[1] is mine,
                "create_cnn_model",
                cause="cut, init or custom_head is ignored when the model is pretrained",
                look="the docstring: where each of them goes",
            )
        for mine in (None, small_head(2)):
            before = copy_of(mine) if mine is not None else []
            model = create_cnn_model(small_arch, 2, True, custom_head=mine)
            expect(
                mine is None or not same_weights(mine, before),
                "create_cnn_model",
                cause="a custom head is initialised as well, unless init=None is said",
                look="exercise 2: why it matters",
            )
            expect(
                all(p.requires_grad for p in model.parameters())
                and all(m.training for m in model[1].modules()),
                "create_cnn_model",
                cause="with pretrained, or with a custom head, something was frozen, or the head is in "
                "eval mode",
                look="the recipe in section 1: nothing there freezes",
            )
            weight = next(m for m in model.modules() if isinstance(m, nn.Conv2d)).weight
            norm = next(m for m in model.modules() if isinstance(m, nn.BatchNorm2d))
            known = [weight, *norm.parameters(), norm.running_mean, norm.running_var]
            expect(
                all(bool((t == 0.25).all()) for t in known) and (mine is None or model[1] is mine),
                "create_cnn_model",
                cause="with pretrained alone, or with a custom head beside it: something was ignored, "
                "or the body was initialised, its BatchNorm for instance",
                look="the recipe in section 1: each option goes its own way, whatever the others are",
            )
        fresh = create_cnn_model(small_arch, 2, cut=2)
        expect(
            float(fresh[0][0].weight.std()) > 0,
            "create_cnn_model",
            cause="without pretrained=True nobody asks for a pretrained model",
            look="the first line of the function",
        )
        expect_separate(
            [fresh, create_cnn_model(small_arch, 2, cut=2)], "the weights of two new models"
        )
    with hidden("init beside options of the head, pretrained and not"):
        for pretrained in (False, True):
            options = {"lin_ftrs": [rng.randint(6, 9)], "concat_pool": False}
            for init in (all_halves, None):
                model = create_cnn_model(
                    small_arch, 2, pretrained=pretrained, cut=2, init=init, **options
                )
                expect_head(model[1], nf=8, n_out=2, **options)
                # What a new Linear has is small, and 0.5 in none of them.
                linears = [m for m in model[1].modules() if isinstance(m, nn.Linear)]
                small = [float(m.weight.abs().max()) <= 1.001 / m.in_features**0.5 for m in linears]
                expect(
                    all(small) if init is None else all(touched(m.weight) for m in linears),
                    "create_cnn_model",
                    cause="init is ignored: beside options of the head, when it is None, or when the model is "
                    "pretrained",
                    look="the docstring: each option goes its own way, whatever the others are",
                )
    with hidden("a new model that is ready to be trained"):
        model = create_cnn_model(small_arch, 2, cut=2)
        expect(
            all(p.requires_grad for p in model.parameters())
            and all(m.training for m in model[1].modules())
            and nothing_ran(model[1]),
            "create_cnn_model",
            cause="something was frozen, or the head is in eval mode, or something ran through it in train mode",
            look="the recipe in section 1: nothing there freezes, and nothing runs through the head",
        )
        expect(
            from_kaiming(next(m for m in model[1].modules() if isinstance(m, nn.Linear)).weight),
            "create_cnn_model",
            cause="without init the head is initialised with nn.init.kaiming_normal_",
            look="the first line of the function",
        )
    with hidden("cut, init, custom_head and options of the head"):
        shorter = create_cnn_model(narrow_xresnet, 2, cut=5)
        expect_equal(
            len(list(shorter[0].children())),
            5,
            "create_cnn_model",
            cause="cut is not passed on to create_body",
            look="the docstring",
        )
        model = create_cnn_model(small_arch, 2, cut=first_child, n_in=rng.randint(4, 9), pool=False)
        expect(
            len(model[0]) == 1 and model[0][0].in_channels > 3,
            "create_cnn_model",
            cause="n_in, or a cut that is a function, is not passed on to create_body as it is",
            look="the docstring",
        )
        expect_head(model[1], nf=8, n_out=2, pool=False)
        model = create_cnn_model(small_arch, 2, init=all_halves)
        linears = [m for m in model[1].modules() if isinstance(m, nn.Linear)]
        expect(
            linears and all(touched(m.weight) for m in linears),
            "create_cnn_model",
            cause="init is not passed on",
            look="the docstring",
        )
        expect(
            not any(touched(p) for p in model[0].parameters() if p.ndim == 4),
            "create_cnn_model",
            cause="the body was initialised too",
            look="section 2, the table",
        )
        mine = trained_head()
        before, (can_learn, _, as_set) = copy_of(mine), flags(mine)
        model = create_cnn_model(small_arch, 5, cut=2, init=None, custom_head=mine)
        expect(
            model[1] is mine
            and same_weights(mine, before)
            and flags(mine)[::2] == (can_learn, as_set),
            "create_cnn_model",
            cause="a custom_head is not used as it is when init=None",
            look="exercise 2: what init=None means",
        )
        expect(
            all(p.requires_grad for p in model[0].parameters()),
            "create_cnn_model",
            cause="beside a trained head the body was frozen",
            look="the recipe in section 1: nothing there freezes",
        )
        mine = nn.Sequential()
        expect(
            create_cnn_model(small_arch, 5, cut=2, custom_head=mine)[1] is mine,
            "create_cnn_model",
            cause="an empty head is taken for none: ask `custom_head is None`, not `not custom_head`",
            look="the docstring: where each option goes",
        )
        mine = small_head(3)
        model = create_cnn_model(
            narrow_xresnet, 3, cut=5, n_in=1, init=all_halves, custom_head=mine
        )
        first = next(m for m in model.modules() if isinstance(m, nn.Conv2d))
        expect(
            len(list(model[0].children())) == 5
            and first.in_channels == 1
            and isinstance(model[1], nn.Sequential)
            and touched(model[1][-1].weight),
            "create_cnn_model",
            cause="cut, n_in, init and custom_head, all given at once: one of them is ignored then",
            look="the docstring: where each of them goes",
        )
        n_out, width = rng.randint(2, 5), rng.randint(6, 9)
        for options in ({"bn_final": True, "lin_first": True}, {"concat_pool": False, "ps": 0.2}):
            options |= {"lin_ftrs": [width], "first_bn": False}
            model = create_cnn_model(small_arch, n_out, cut=2, **options)
            expect_head(model[1], nf=8, n_out=n_out, **options)
        options = {"y_range": (0, 3), "lin_ftrs": []}
        model = create_cnn_model(squeezenet1_1, n_out, **options)
        expect_head(model[1], nf=512, n_out=n_out, **options)
        expect_in_a_row(model, torch.randn(2, 3, 64, 64), "create_cnn_model")
    ### END HIDDEN TESTS

# %% [markdown]
# ## 5. Trace it
#
# "Trace `create_cnn_model`" was the advice in the forum: follow a call into the library and see what it calls, with what, and what comes back. It works for any
# function, and there are four ways.
#
# | what you type | what you see |
# |---|---|
# | `??create_vision_model`, in a cell of its own | its source, in JupyterLab |
# | `print(inspect.getsource(create_vision_model))` | the same, anywhere |
# | `%debug`, in the cell after an error | the place of the error; `u` and `d` go up and down the calls, `p name` prints, `q` leaves |
# | `breakpoint()` in your code, or `from IPython.core.debugger import set_trace; set_trace()` | stops there; `n` next line, `s` step into the call, `c` go on |
#
# First the source:

# %% tags=["only-shows"]
import inspect

print(inspect.getsource(create_vision_model))

# %% [markdown]
# Everything the forum talked about is in these lines. But a source says what *may* happen. A trace says what *did* happen. **Predict**, for `create_vision_model(resnet18, 10)`:
# which of fastai's functions are called, in which order? Which number comes back from `num_features_model`?

# %%
my_prediction = "create_vision_model, then ..."


# %% tags=["only-shows"]
def traced(function, *args, files=("vision/learner.py", "callback/hook.py"), **kwargs):
    """Call a function and print each call of fastai below it: arguments on the way in, result on the way out."""
    import sys

    depth, skip = 0, ("<", "_")

    def short(value):
        if isinstance(value, nn.Sequential):
            return f"Sequential of {len(value)}"
        if torch.is_tensor(value):
            return f"Tensor of {tuple(value.shape)}"
        if callable(value) and hasattr(value, "__name__"):
            return value.__name__
        return type(value).__name__ if isinstance(value, nn.Module) else str(value)[:40]

    def watch(frame, event, value):
        nonlocal depth
        code = frame.f_code
        if not code.co_filename.replace("\\", "/").endswith(files) or code.co_name.startswith(skip):
            return
        if event == "call" and depth < 4:
            names = [
                name for name in code.co_varnames[: code.co_argcount] if name in frame.f_locals
            ]
            given = ", ".join(f"{name}={short(frame.f_locals[name])}" for name in names[:4])
            print("    " * depth + f"{code.co_name}({given})")
        depth += {"call": 1, "return": -1}.get(event, 0)
        if event == "return" and depth < 4:
            print("    " * depth + f"→ {short(value)}")

    sys.setprofile(watch)
    try:
        return function(*args, **kwargs)
    finally:
        sys.setprofile(None)


model = traced(create_vision_model, resnet18, 10, pretrained=False)

# %% [markdown]
# <details><summary><b>Explain</b> (open it when the trace is there)</summary>
#
# The six lines of section 1, as they ran: the cut -2 went into `create_body`, a body of 8 children came back; `num_features_model` sent a probe through it and
# returned 512; `add_head` called `create_head` with it and got the nine entries of lesson 05. Nowhere was the "one layer" of the question decided. It was -2, in a table.
#
# </details>
#
# The thread's names, so that you can follow it today:
#
# | in the thread of 2020, and in the book | in fastai 2.8 |
# |---|---|
# | `cnn_learner(dls, arch)` | `vision_learner(dls, arch)`; the old name works, with a warning |
# | `create_cnn_model(arch, n_out, cut, pretrained)` | `create_vision_model(arch, n_out, pretrained, ...)` |
# | `create_body(arch, pretrained, cut)` takes the function | `create_body(model, n_in, pretrained, cut)` takes a model that exists |
# | `create_head(nf * 2, n_out)`: you double | `create_head(nf, n_out)`: it doubles |
# | `num_features_model(nn.Sequential(*body.children()))` | the same |
# | inside `create_cnn_model` | `add_head(body, nf, n_out)`, a function of its own |
#
# **Try it.** Trace `create_vision_model(mobilenet_v3_small, 10, pretrained=False)`: what is its cut, and who finds it? Then `traced(fastai_add_head, small_body(), 8, 5)`.

# %% [markdown]
# ## 6. Twenty-one models without their numbers
#
# fastai types in the cut of 21 architectures (`model_meta`). The largest weigh over half a gigabyte. Can you look at
# all of them on a laptop?
#
# On the **meta device** a tensor has a shape and a type, but no numbers. Models are built in no time, and shapes flow
# through them as always.
#
# **Predict.** Which family keeps the smallest share of its parameters in the body, once fastai's head is on?

# %%
my_prediction = "..."

# %% tags=["only-shows"]
with torch.device("meta"):
    for arch in model_meta:
        model = create_vision_model(arch, 10, pretrained=False)
        kept = sum(p.numel() for p in model[0].parameters())
        total = sum(p.numel() for p in model.parameters())
        print(f"{arch.__name__:14} {total / 1e6:6.2f} M parameters, body {kept / total:5.1%}")
print("you said:", my_prediction)

# %% [markdown]
# <details><summary><b>Explain</b> (open it when the numbers are there)</summary>
#
# In squeezenet two fifths of all parameters now sit in the head: a body of 0.7 million gets the
# same head as everybody with 512 channels. vgg lost 123 million parameters at the cut: its old classifier was nine
# tenths of the model. The head fastai adds has the same *shape* for all of them; only `nf` differs.
#
# </details>

# %% [markdown]
# ---
# ## You can now
# - write `create_vision_model` from memory, and say what each of its lines is for;
# - initialise what is new and spare what is known;
# - prove that two models are the same function;
# - trace a call through a library that you did not write.
#
# **Exit questions** (answer in your head)
# 1. Two models print the same text. Name two differences that could hide behind it.
# 2. Your custom head was trained for a day. Which argument do you add, and to which call?
# 3. Why can the meta device tell you `nf` but not the accuracy?
#
# **Before you hand in** Kernel > Restart Kernel and Run All Cells, then save, and run the last cell: it says what is missing, or which file to hand in. Unanswered exercises do not stop it.
#
# **Previous** [05 · create_head](../05-create-head/05-create-head.ipynb) · **Next** [07 · Split, freeze, train](../07-split-freeze-train/07-split-freeze-train.ipynb): does the old body really help?
#
# Words: [glossary](../../docs/glossary.md). [Answers to the exit questions](../../docs/exit-questions.md).

# %% tags=["only-shows"]
# What is done, and may it be handed in? Save the notebook first, then run this cell.
from headcheck import progress

progress()
