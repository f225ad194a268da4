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
# # 03 · Counting features
#
# **The question.** The head needs to know one number about the body: how many features come out.
# Nobody tells it. How does fastai find out, for any body, and how could that go wrong?
#
# **You will be able to**
# - watch a model from the inside with forward hooks;
# - find `nf` with one probe, and look without leaving a trace;
# - write your own small `summary`.
#
# **Time** 65 minutes (about 10 of them reading) · **Difficulty** ●●○○ · **Before this** [01 · Look before you cut](../01-look-before-you-cut/01-look-before-you-cut.ipynb) and [02 · The cut](../02-the-cut/02-the-cut.ipynb): the ideas, not your code.
#
# Words you do not know are in the [glossary](../../docs/glossary.md): [nf](../../docs/glossary.md#nf), [feature map](../../docs/glossary.md#feature-map), [hook](../../docs/glossary.md#hook), [BatchNorm statistics](../../docs/glossary.md#batchnorm-statistics).

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
import warnings

warnings.filterwarnings("ignore", category=FutureWarning)

import torch
from fastai.vision.learner import create_body
from torch import nn
from torchvision.models import alexnet, resnet18, squeezenet1_1

from headcheck import (
    anatomy,
    call_each,
    checking,
    draw,
    expect,
    expect_equal,
    expect_error,
    expect_state_unchanged,
    hidden,
    once_answered,
    state_of,
)

torch.manual_seed(0)

# Writing it is the exercise, so fastai's own raise while an answer is checked.
FINISHED = [
    "fastai.callback.hook.num_features_model",
    "fastai.callback.hook.model_sizes",
    "fastai.callback.hook.dummy_eval",
]


class Twice(nn.Module):
    """Runs its second layer before the first, and the first one twice."""

    def __init__(self, width=4):
        super().__init__()
        self.late = nn.Linear(width, width)
        self.early = nn.Linear(3, width)

    def forward(self, x):
        return self.late(torch.relu(self.late(self.early(x))))


class Broken(nn.Module):
    """Fails in forward, as a layer with a wrong size does."""

    def forward(self, x):
        raise RuntimeError("this layer always fails")


class OneSize(nn.Module):
    """Lets images of one size through, and refuses all others."""

    def __init__(self, size):
        super().__init__()
        self.size = size

    def forward(self, x):
        if x.shape[-1] != self.size or x.shape[-2] != self.size:
            raise ValueError(f"these images are not {self.size} x {self.size}")
        return x[..., :8, :8]


class Watched(nn.Module):
    """Layers in a row, the first of which somebody watches: with a hook that is there from the first run on."""

    def __init__(self, *layers):
        super().__init__()
        self.layers = nn.Sequential(*layers)
        self.is_watched = False
        self.runs = self.seen = 0  # how often it ran, and how often somebody saw it

    def notice(self, layer, inputs, output):
        self.seen += 1

    def forward(self, x):
        self.runs += 1
        if not self.is_watched:
            self.layers[0].register_forward_hook(self.notice)
            self.is_watched = True
        return self.layers(x)


class OwnConv(nn.Conv2d):
    """A convolution of somebody's own: it standardises its weights."""

    def forward(self, x):
        weight = self.weight - self.weight.mean((1, 2, 3), keepdim=True)
        return self._conv_forward(x, weight, self.bias)


class Asked(nn.Sequential):
    """Notes, whenever it is told its mode or asked for its modules, whether gradients are on."""

    def __init__(self, *layers):
        super().__init__(*layers)
        self.notes = []

    def train(self, mode=True):
        self.notes.append(torch.is_grad_enabled())
        return super().train(mode)

    def modules(self):
        self.notes.append(torch.is_grad_enabled())
        return super().modules()


def trace_left(body):
    """What a careless look leaves behind: BatchNorm statistics, and the number of hooks."""
    statistics = [b.clone() for m in body.modules() for b in m.buffers(recurse=False)]
    return statistics, sum(
        len(m._forward_hooks) + len(m._forward_pre_hooks) for m in body.modules()
    )


print("ready")

# %% [markdown]
# ## 1. The number nobody writes down
#
# fastai builds a head like this (`fastai/vision/learner.py`):
#
# ```python
# nf = num_features_model(nn.Sequential(*body.children()))
# head = create_head(nf, n_out, ...)
# ```
#
# `nf` is the number of **channels** in the last feature map of the body. A picture first. Every box
# below gets *smaller* (fewer pixels) and *deeper* (more channels) from left to right.

# %% tags=["only-shows"]
body = create_body(squeezenet1_1(weights=None), pretrained=False, cut=-1)
anatomy(body, (1, 3, 128, 128))

# %% [markdown]
# **Predict.** Which number is `nf` for this body? It would be easy if it were "the `out_channels`
# of the last convolution". Write down what you expect the next cell to print, then run it.

# %%
my_prediction = None  # your number

# %% tags=["only-shows"]
convolutions = [m for m in body.modules() if isinstance(m, nn.Conv2d)]
with torch.no_grad():
    feature_map = body(torch.zeros(1, 3, 128, 128))
print("out_channels of the last convolution:", convolutions[-1].out_channels)
print("shape of the feature map:            ", tuple(feature_map.shape))
print("you said:                            ", my_prediction)

# %% [markdown]
# <details><summary><b>Explain</b> (open it when the output is there)</summary>
#
# The last block of squeezenet runs *two* convolutions side by side and glues their
# outputs together with `torch.cat`: 256 + 256 = 512. No list of layers shows the gluing, because
# `torch.cat` is a function call in `forward`, not a layer. So `nf` can't be read off the parts. You
# have to **send something through and look**: a probe.
#
# </details>
#
# A probe needs three things:
#
# 1. an image with the right number of channels (not always 3),
# 2. of a size that the body can digest (not always 32 pixels),
# 3. and care: **the body must be the same afterwards**.

# %% [markdown]
# ## 2. A probe that leaves traces
#
# Here is a careless probe. It only *looks* at a resnet, doesn't it?
#
# **Predict.** Are the BatchNorm statistics before and after the same? (The weights are: nobody
# called an optimiser.)

# %% tags=["only-shows"]
rude = create_body(resnet18(weights=None), pretrained=False, cut=-2)
before = rude[1].running_mean[:4].clone()
rude(torch.randn(1, 3, 64, 64))  # "just looking"
after = rude[1].running_mean[:4].clone()
print("running_mean of the first BatchNorm before:", before.tolist())
print("                                     after:", [round(v, 4) for v in after.tolist()])

# %% [markdown]
# <details><summary><b>Explain</b> (open it when the output is there)</summary>
#
# In **train mode** a BatchNorm layer updates its running mean and variance at *every*
# forward pass, gradient or no gradient. `torch.no_grad()` does not stop that, only `eval()` does.
# So one look at a pretrained body with random noise already spoils a little of what it knew.
#
# </details>
#
# | you want | you say |
# |---|---|
# | no memory spent on gradients | `with torch.no_grad():` |
# | BatchNorm statistics left alone, Dropout off | `model.eval()` |
# | the mode as it was before | remember `model.training`, and `model.train(was_training)` at the end |
#
# fastai's own `num_features_model` says `eval()` and **leaves the body in eval mode** (measured on
# fastai 2.8.12: after `create_vision_model` the model says `training=True`, and every BatchNorm in
# its body is in eval). You are allowed to do the same. Putting the mode back is better manners.

# %% [markdown]
# ## Exercise 1: `num_features_model` · 9 points
#
# **What.** Return the number of channels that `body` gives, found with a probe.
#
# **Why it matters.** It is the joint between body and head. fastai's version
# (`fastai/callback/hook.py`) starts with 32 × 32 pixels and doubles the size whenever the body
# raises, up to 2048: alexnet needs 64.
#
# It has to work for any body and any number of input channels, and to leave the body as it found
# it: BatchNorm statistics and hooks. (The train/eval mode is up to you.)


# %% nbgrader={"grade": false, "grade_id": "num_features_model", "locked": false, "schema_version": 3, "solution": true, "task": false}
def num_features_model(body):
    """Number of channels in the feature map that `body` returns.

    Sends a black image through: 32 x 32 pixels, and twice the size (up to 2048) as long as
    the body raises. The number of input channels is that of the body's first convolution.
    """
    ### BEGIN SOLUTION
    # audit: equivalent [body.train()]: the next line says eval, and it stays so, as with fastai
    # audit: equivalent [body.eval()]: once more changes nothing
    body.eval()
    # audit: equivalent [eval; train; copied]: the mode is up to you, and only in_channels is read
    # audit: equivalent [list(body.modules())[1:]]: a body is a box, and no convolution itself
    first = next(m for m in body.modules() if isinstance(m, nn.Conv2d))
    size = 32
    while True:
        try:
            # audit: equivalent [with dropped]: it saves memory, and changes no number
            with torch.no_grad():
                # audit: equivalent [eval; copied]: it is in eval mode, and a copy of it has as many channels
                # audit: equivalent [other function]: a white image is as good as a black one
                # audit: equivalent [torch.zeros(2]: so are two
                return body(torch.zeros(1, first.in_channels, size, size)).shape[1]
        except Exception:
            size *= 2
            # audit: equivalent [2049]: no size lies between
            if size > 2048:
                raise
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1 (a nudge)</summary>
#
# The answer is one entry of `output.shape`. Which one: `(batch, channels, height, width)`?
# </details>
# <details><summary>Hint 2 (stronger)</summary>
#
# Find the first `nn.Conv2d` among `body.modules()`: it knows `in_channels`. Then loop: try a size,
# `except Exception: size *= 2`. Before the loop: `body.eval()`, and around the call `torch.no_grad()`.
# </details>
# <details><summary>Hint 3 (nearly the line)</summary>
#
# `return body(torch.zeros(1, first.in_channels, size, size)).shape[1]` inside `try`, inside
# `while True`. Don't forget to give up (`raise`) when the size passes 2048.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_num_features_model", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("num_features_model", write_it_yourself=FINISHED, step="the number"):
    probe_me = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
    expect_equal(
        num_features_model(probe_me),
        8,
        "num_features_model of a small body with 8 channels at the end",
        mistakes={
            3: "3 is what goes in, not what comes out",
            16: "16 is the height of the feature map of a 32 pixel image: channels are shape[1]",
            1: "1 is the batch size: channels are shape[1]",
        },
        look="the shape of the feature map in section 1: which entry is the number of channels?",
    )
    expect_equal(
        num_features_model(create_body(squeezenet1_1(weights=None), pretrained=False, cut=-1)),
        512,
        "num_features_model of squeezenet's body",
        mistakes={
            256: "256 is the out_channels of the last convolution; squeezenet glues two of them together",
            1000: "1000 is the number of classes: that convolution is not part of the body",
        },
        look="section 1: send an image through instead of reading the last layer",
    )
    ### BEGIN HIDDEN TESTS
    rng = draw("num_features_model")
    with hidden("a body whose last layers are not convolutions"):
        width = rng.randint(5, 20)
        glued = nn.Sequential(
            nn.Conv2d(3, width, 3), nn.BatchNorm2d(width), nn.ReLU(), nn.PixelUnshuffle(2)
        )
        expect_equal(
            num_features_model(glued),
            4 * width,
            "num_features_model",
            cause="the number was read off a layer instead of off the feature map",
            look="section 1: the last convolution does not decide alone",
        )
    ### END HIDDEN TESTS

# %% [markdown]
# Other inputs: grey images, more channels, and bodies for which 32 pixels are too few.

# %% nbgrader={"grade": true, "grade_id": "test_num_features_model_any_input", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking(
    "num_features_model", write_it_yourself=FINISHED, step="any number of input channels"
):
    needs_64 = nn.Sequential(
        nn.Conv2d(3, 6, 11, stride=4), nn.MaxPool2d(3, 2), nn.Conv2d(6, 9, 5), nn.ReLU()
    )
    expect_equal(
        num_features_model(needs_64),
        9,
        "num_features_model of a body that needs more than 32 pixels",
        look="what alexnet does with a 32 pixel image, and the word 'twice' in the docstring",
    )
    ### BEGIN HIDDEN TESTS
    rng = draw("num_features_model_any_input")
    with hidden("grey images, satellite images, and bodies that need large images"):
        width = rng.randint(8, 12)
        for channels in (1, 2, 4, 5, 7):
            expect_equal(
                num_features_model(nn.Sequential(nn.Conv2d(channels, width, 3), nn.ReLU())),
                width,
                "num_features_model",
                cause="the probe always has three channels",
                look="in_channels of the first convolution",
            )
        grouped = nn.Sequential(nn.Conv2d(4, 2 * width, 3, groups=2), nn.ReLU())
        expect_equal(
            num_features_model(grouped),
            2 * width,
            "num_features_model",
            cause="weight.shape[1] is not the number of input channels when a convolution has groups",
            look="in_channels of the first convolution",
        )
        expect_equal(
            num_features_model(nn.Sequential(OwnConv(2, width, 3), nn.ReLU())),
            width,
            "num_features_model",
            cause="a class that is derived from nn.Conv2d is a convolution, too: ask isinstance, not type(...) is",
            look="the docstring: the body's first convolution",
        )
        expect_equal(
            num_features_model(nn.Sequential(nn.ReLU(), nn.Conv2d(5, width, 3))),
            width,
            "num_features_model",
            cause="the first convolution of a body need not be its first layer, nor stand before others",
            look="the docstring: the number of input channels is that of the body's first convolution",
        )
        pools = [nn.MaxPool2d(4) for _ in range(4)]
        expect_equal(
            num_features_model(nn.Sequential(nn.Conv2d(rng.randint(1, 7), width, 1), *pools)),
            width,
            "num_features_model",
            cause="the probe gives up too early: it has to try larger and larger images",
            look="the docstring: how far does the size grow?",
        )
    with hidden("bodies that take images of one size only"):
        for size in (32, 64, 512, 2048):
            expect_equal(
                num_features_model(nn.Sequential(OneSize(size), nn.Conv2d(1, width, 3))),
                width,
                "num_features_model",
                cause="32 x 32 pixels come first, then twice the size each time, up to 2048; "
                "and whatever the body raises, the next size is tried",
                look="the docstring: which sizes are sent through?",
            )
        for size in (48, 96, 4096):
            expect_error(
                num_features_model,
                nn.Sequential(OneSize(size), nn.Conv2d(1, width, 3)),
                checked="num_features_model tries 32, 64, 128 and so on up to 2048, and no other size",
            )
    with hidden("a body that fails whatever the size"):
        expect_error(
            num_features_model,
            nn.Sequential(nn.Conv2d(3, 4, 1), nn.MaxPool2d(64), Broken()),
            checked="num_features_model lets the error through in the end",
        )
    ### END HIDDEN TESTS

# %% [markdown]
# Is the body afterwards as it was before?

# %% nbgrader={"grade": true, "grade_id": "test_num_features_model_untouched", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("num_features_model", write_it_yourself=FINISHED, step="the body is left as it was"):
    shy = nn.Sequential(nn.Conv2d(3, 5, 3), nn.BatchNorm2d(5), nn.ReLU())
    statistics, hooks = trace_left(shy)
    found = num_features_model(shy)
    statistics_after, hooks_after = trace_left(shy)
    twin = nn.Sequential(nn.Conv2d(3, 5, 3), nn.BatchNorm2d(5), nn.ReLU())
    other = nn.Sequential(nn.Conv2d(3, 6, 3, stride=2), nn.ReLU())
    expect(
        found == num_features_model(twin) and found != num_features_model(other),
        "num_features_model looks at the body that it is given",
        got="None"
        if found is None
        else "the same number for a body of 5 channels and one of 6, or two for two bodies that are alike",
        expected="a number that the body decides",
        cause="is a return missing?"
        if found is None
        else "a function that does not look leaves every body as it was: first make it find the number",
        look="the first check of this exercise",
    )
    expect(
        all(torch.equal(a, b) for a, b in zip(statistics, statistics_after, strict=True)),
        "num_features_model leaves the BatchNorm statistics alone",
        got="running statistics that moved",
        expected="the same statistics as before",
        cause="the probe ran in train mode; torch.no_grad() does not stop BatchNorm",
        look="section 2, the little table",
    )
    expect_equal(
        hooks_after,
        hooks,
        "num_features_model leaves no hooks behind (hooks counted before and after)",
        look="handle.remove()",
    )
    ### BEGIN HIDDEN TESTS
    from contextlib import suppress

    with hidden("nested blocks, and a body that raises at first"):
        shy = nn.Sequential(
            nn.Sequential(nn.Conv2d(2, 5, 3), nn.BatchNorm2d(5)),
            nn.MaxPool2d(4),
            nn.MaxPool2d(4),
            nn.MaxPool2d(4),
            nn.BatchNorm2d(5),
        )
        statistics, hooks = trace_left(shy)
        num_features_model(shy)
        statistics_after, hooks_after = trace_left(shy)
        expect(
            all(torch.equal(a, b) for a, b in zip(statistics, statistics_after, strict=True))
            and hooks == hooks_after,
            "num_features_model leaves the body as it found it",
            cause="the probe ran in train mode, or a hook stayed behind",
            look="section 2, the little table",
        )
    with hidden("weights, statistics, and what can learn, stay as they were"):
        norm = nn.BatchNorm2d(4, eps=0.01, momentum=0.3)
        body = nn.Sequential(nn.Conv2d(3, 4, 3), norm, nn.Conv2d(4, 5, 3))
        body(torch.randn(2, 3, 9, 9) + 1)  # what it knows is not what a new layer knows
        body[2].requires_grad_(False)
        before = state_of(body)
        num_features_model(body)
        expect_state_unchanged(before, body, checked="num_features_model only looks")
    with hidden("a body that fails whatever the size is left as it was, too"):
        # (The pool first: whoever tries many sizes is not to run into the time limit.)
        body = nn.Sequential(nn.AvgPool2d(8), nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), Broken())
        before = state_of(body)
        with suppress(Exception):  # whether it raises is asked above
            num_features_model(body)
        expect_state_unchanged(before, body, checked="num_features_model only looks")
    with hidden("a body with a hook of somebody else's"):
        body = Watched(nn.Conv2d(3, 4, 3), nn.ReLU())
        for _ in range(3):
            before = body.seen, body.runs
            num_features_model(body)
        expect(
            trace_left(body)[1] == int(body.is_watched),
            "num_features_model leaves the body as it found it",
            cause="hooks were cleared that somebody else had put there, or one stayed behind",
            look="handle.remove() takes away one hook and leaves all others",
        )
        expect(
            body.seen > before[0] or body.runs == before[1],
            "num_features_model leaves the body as it found it",
            cause="a hook was removed that is not yours, and one of yours is still there",
            look="handle.remove() takes away the hook that it stands for",
        )
    with hidden("gradients are on afterwards, as they were before"):
        bodies = [Asked(nn.Conv2d(3, 4, 3), nn.ReLU()) for _ in range(2)]
        with torch.enable_grad():
            call_each(num_features_model, [dict(body=body) for body in bodies])
        expect(
            bodies[0].notes == bodies[1].notes,
            "num_features_model",
            cause="gradients were switched off for good: torch.set_grad_enabled(False) holds until somebody "
            "says otherwise",
            look="section 2, the little table: with torch.no_grad(): ends by itself",
        )
    ### END HIDDEN TESTS

# %% [markdown]
# The real thing, on real bodies (this cell works once yours does):


# %% tags=["only-shows", "raises-exception"]
def real_bodies():
    for arch, cut in [(resnet18, -2), (squeezenet1_1, -1), (alexnet, -2)]:
        found = num_features_model(create_body(arch(weights=None), pretrained=False, cut=cut))
        print(f"{arch.__name__:15}", found)


once_answered(real_bodies)

# %% [markdown]
# ## 3. Watching from the inside: hooks
#
# A **forward hook** is a function that PyTorch calls right after a layer ran, with the layer, its
# input and its output:
#
# ```python
# handle = layer.register_forward_hook(lambda layer, inputs, output: print(output.shape))
# model(x)          # prints
# handle.remove()   # or it will print for ever
# ```
#
# `learn.summary()` is made of nothing else: hooks on all leaf layers, one forward pass, hooks off.
#
# **Predict.** The model below registers `late` first and `early` second. Its `forward` says
# `late(relu(late(early(x))))`. How many lines will be printed, and in which order?

# %% tags=["only-shows"]
model = Twice()
print("registered:", [name for name, _ in model.named_children()])
handles = [
    m.register_forward_hook(lambda m, i, o, name=name: print(f"  ran {name}: {tuple(o.shape)}"))
    for name, m in model.named_children()
]
model(torch.zeros(2, 3))
for handle in handles:
    handle.remove()

# %% [markdown]
# <details><summary><b>Explain</b> (open it when the output is there)</summary>
#
# Three lines: `early`, `late`, `late`. Hooks follow what **runs**, not what is
# registered: another order, one layer twice, and the `torch.relu` between them is not seen at all,
# because it isn't a layer. Keep this picture: *a listing shows what a model has, a hook shows what it
# does, and functional steps show in neither.*
#
# </details>

# %% [markdown]
# ## Exercise 2: `layer_shapes` · 7 points
#
# **What.** A small `summary`: for each call of a leaf layer, in running order, its class name and the
# shape of its output. A leaf layer is a module without children. All hooks of yours are gone afterwards,
# **also when forward fails**. Hooks that somebody else put on the model stay. (The train/eval mode is up to you here, too.)
#
# **Why it matters.** A hook that stays behind keeps running, keeps memory, and is called in every
# training step to come. It is a common leak: the exception in the middle skips `remove()`.


# %% nbgrader={"grade": false, "grade_id": "layer_shapes", "locked": false, "schema_version": 3, "solution": true, "task": false}
def layer_shapes(model, x):
    """[(class name, output shape), ...] of each leaf layer call, in the order they run.

    Shapes are plain tuples. Removes its own hooks and no others, whether forward succeeds or raises.
    """
    ### BEGIN SOLUTION
    # audit: equivalent [model.eval()]: the mode is up to you
    # audit: equivalent [model.train()]: the mode is up to you
    rows = []

    def note(module, inputs, output):
        # audit: equivalent [module.eval()]: the mode is up to you
        # audit: equivalent [module.train()]: the mode is up to you
        # audit: equivalent [call dropped]: a torch.Size is a tuple, and equal to a plain one
        rows.append((type(module).__name__, tuple(output.shape)))

    # audit: equivalent [twice]: to remove a hook once more does nothing, and twice no child is none
    # audit: equivalent [[::-1]]: the rows follow what runs, not the order of the hooks
    handles = [m.register_forward_hook(note) for m in model.modules() if not list(m.children())]
    try:
        # audit: equivalent [with dropped]: it saves memory, and changes no shape
        with torch.no_grad():
            # audit: equivalent [eval; train]: the mode is up to you
            # audit: equivalent [copied]: a copy has the hooks, too
            # audit: equivalent [scaled; shifted; normed; pictures mixed up; other axis]: other numbers, the same shapes
            model(x)
    finally:
        for handle in handles:
            handle.remove()
    return rows
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1 (a nudge)</summary>
#
# One list, one hook function that appends to it, the hook on every leaf of `model.modules()`.
# </details>
# <details><summary>Hint 2 (stronger)</summary>
#
# `type(module).__name__` is the class name, `tuple(output.shape)` the shape. A leaf has an empty
# `list(m.children())`. Something in Python runs *whatever happens*: `try: ... finally: ...`.
# </details>
# <details><summary>Hint 3 (nearly the line)</summary>
#
# `handles = [m.register_forward_hook(note) for m in model.modules() if not list(m.children())]`, then
# `try: model(x)` and `finally: [h.remove() for h in handles]`, then `return rows`.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_layer_shapes", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("layer_shapes", step="the rows"):
    small = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.Sequential(nn.ReLU(), nn.MaxPool2d(2)), nn.Flatten()
    )
    rows = layer_shapes(small, torch.zeros(2, 3, 8, 8))
    shapes = [
        ("Conv2d", (2, 4, 6, 6)),
        ("ReLU", (2, 4, 6, 6)),
        ("MaxPool2d", (2, 4, 3, 3)),
        ("Flatten", (2, 36)),
    ]
    went_in = [
        ("Conv2d", (2, 3, 8, 8)),
        ("ReLU", (2, 4, 6, 6)),
        ("MaxPool2d", (2, 4, 6, 6)),
        ("Flatten", (2, 4, 3, 3)),
    ]
    expect(
        isinstance(rows, (list, dict)),
        "layer_shapes returns a list of rows",
        got="None" if rows is None else rows,
        expected="[(class name, output shape), ...]",
        cause="is a return missing?" if rows is None else None,
        look="the docstring",
    )
    expect_equal(
        len(rows),
        4,
        "layer_shapes: number of rows for a model with four leaf layers",
        mistakes={
            6: "containers are counted too: the two Sequentials are not leaf layers",
            5: "a container is counted too: a Sequential is not a leaf layer",
            3: "only the children are looked at: go through model.modules()",
            0: "no hook ran: are they registered before model(x)?",
        },
        look="section 3",
    )
    expect_equal(
        rows,
        shapes,
        "layer_shapes: (class name, output shape) of each layer",
        mistakes=[
            (
                went_in,
                "those are the shapes that went in; what came out is the third argument of the hook",
            )
        ],
        cause="a row is a tuple of the class name and the output's shape as a plain tuple",
        look="the docstring, and type(module).__name__",
    )
    expect_equal(
        layer_shapes(Twice(), torch.zeros(2, 3)),
        [("Linear", (2, 4))] * 3,
        "layer_shapes of a model that runs one layer twice (three calls, three rows)",
        cause="a dictionary keeps one row per layer, or the rows follow the listing",
        look="section 3: hooks follow what runs",
    )
    ### BEGIN HIDDEN TESTS
    rng = draw("layer_shapes")
    with hidden(
        "other models, and a model that runs its layers in another order than it lists them"
    ):
        width, batch = rng.randint(5, 12), rng.randint(2, 5)
        deep = nn.Sequential(
            nn.Sequential(Twice(width), nn.LayerNorm(width)), nn.Sequential(nn.Linear(width, 2))
        )
        expect_equal(
            layer_shapes(deep, torch.zeros(batch, 3)),
            [("Linear", (batch, width))] * 3
            + [("LayerNorm", (batch, width)), ("Linear", (batch, 2))],
            "layer_shapes",
            cause="the rows follow the listing instead of the order in which layers run",
            look="section 3: hooks follow what runs",
        )
        idle = [nn.Dropout(0.5), nn.Identity(), nn.Softmax(1), nn.Unflatten(1, (width, 1))]
        idle = rng.sample(idle[:3], 3) + idle[3:]
        expect_equal(
            layer_shapes(nn.Sequential(*idle), torch.zeros(batch, width)),
            [(type(layer).__name__, (batch, width)) for layer in idle[:3]]
            + [("Unflatten", (batch, width, 1))],
            "layer_shapes",
            cause="a layer is left out that computes next to nothing: it is a leaf layer all the same",
            look="the exercise text: a leaf layer is a module without children",
        )
        expect_equal(
            layer_shapes(OneSize(9), torch.zeros(batch, width, 9, 9)),
            [("OneSize", (batch, width, 8, 8))],
            "layer_shapes",
            cause="a model may be a single leaf layer itself, of any class",
            look="the exercise text: a leaf layer is a module without children",
        )
        expect_equal(
            layer_shapes(
                nn.Sequential(nn.Embedding(9, width), nn.Flatten()), torch.arange(batch)[:, None]
            ),
            [("Embedding", (batch, 1, width)), ("Flatten", (batch, width))],
            "layer_shapes",
            cause="the model is to run on x as it is, here whole numbers",
            look="the exercise text: one forward of this model on this x",
        )
        boxed = Watched(nn.Linear(3, width), nn.ReLU())
        boxed.scale = nn.Parameter(torch.ones(1))
        expect_equal(
            layer_shapes(boxed, torch.zeros(batch, 3)),
            [("Linear", (batch, width)), ("ReLU", (batch, width))],
            "layer_shapes",
            cause="a box with a parameter of its own is still a box: whether there are children decides",
            look="the exercise text: a leaf layer is a module without children",
        )
        calls = [dict(model=nn.Linear(3, n), x=torch.zeros(batch, 3)) for n in (width, width + 1)]
        expect_equal(
            call_each(layer_shapes, calls),
            [[("Linear", (batch, n))] for n in (width, width + 1)],
            "layer_shapes, called twice",
            cause="both calls give the same list: the second one has changed what the first one gave",
            look="make a new list in each call",
        )
        shared = nn.ReLU()
        again = nn.Sequential(nn.Conv2d(1, width, 3), shared, nn.Conv2d(width, 2, 3), shared)
        expect_equal(
            layer_shapes(again, torch.zeros(batch, 1, 9, 9)),
            [
                ("Conv2d", (batch, width, 7, 7)),
                ("ReLU", (batch, width, 7, 7)),
                ("Conv2d", (batch, 2, 5, 5)),
                ("ReLU", (batch, 2, 5, 5)),
            ],
            "layer_shapes",
            cause="a layer that stands twice in the model has to give one row for each time it runs",
            look="section 3: one hook per layer is enough, it is called each time",
        )
    ### END HIDDEN TESTS

# %% [markdown]
# Is any hook left behind, also when `forward` fails?

# %% nbgrader={"grade": true, "grade_id": "test_layer_shapes_hooks", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("layer_shapes", step="no hook is left behind"):
    watched = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU())
    rows = layer_shapes(watched, torch.zeros(1, 1, 5, 5))
    expect(rows is not None, "layer_shapes returns rows", got="None", cause="is a return missing?")
    expect_equal(
        len(rows),
        2,
        "layer_shapes: rows of a two-layer model",
    )
    expect_equal(
        trace_left(watched)[1],
        0,
        "layer_shapes: hooks left on the model afterwards",
        look="handle.remove()",
    )
    failing = nn.Sequential(nn.Conv2d(1, 2, 3), Broken(), nn.ReLU())
    expect_error(
        layer_shapes,
        failing,
        torch.zeros(1, 1, 5, 5),
        checked="layer_shapes of a model whose forward fails lets the error through",
    )
    expect_equal(
        trace_left(failing)[1],
        0,
        "layer_shapes: hooks left on a model whose forward failed",
        cause="the exception jumped over the lines that remove the hooks",
        look="try: ... finally: ...",
    )
    shared = Watched(nn.Linear(3, 4), nn.ReLU())
    for _ in range(3):  # from the second time on somebody else's hook is there from the beginning
        before = shared.seen, shared.runs
        layer_shapes(shared, torch.zeros(2, 3))
    expect_equal(
        trace_left(shared)[1],
        int(shared.is_watched),
        "layer_shapes: hooks on a model with a hook of somebody else's, which is to stay",
        cause="all hooks of the layers were cleared, not only those that you put there"
        if shared.is_watched
        else None,
        look="what register_forward_hook returns: handle.remove() takes away this one hook",
    )
    expect(
        shared.seen > before[0] or shared.runs == before[1],
        "layer_shapes: a hook of somebody else's goes on to be called",
        got="as many hooks as before, but that one is gone",
        expected="that one there, and yours removed",
        cause="a hook was removed that is not yours, and one of yours is still there",
        look="what register_forward_hook returns: handle.remove() takes away this one hook",
    )
    ### BEGIN HIDDEN TESTS
    with hidden("a box inside whose forward fails, with an error of either kind"):
        for failing in (Broken(), OneSize(1)):  # a RuntimeError, a ValueError
            mine = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Sequential(nn.ReLU(), failing))
            expect_error(
                layer_shapes,
                mine,
                torch.zeros(1, 1, 5, 5),
                checked="the error of a failing forward is let through",
            )
            expect_equal(
                trace_left(mine)[1],
                0,
                "layer_shapes leaves no hooks",
                cause="the exception jumped over the lines that remove the hooks",
                look="try: ... finally: ... goes with every kind of error",
            )
    with hidden("weights, and what can learn, stay as they were"):
        body = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 2))
        body[2].requires_grad_(False)
        before = state_of(body)
        layer_shapes(body, torch.zeros(4, 2))
        expect_state_unchanged(before, body, checked="layer_shapes only looks")
    ### END HIDDEN TESTS

# %% [markdown]
# Your `summary` on a real body. Read down the last column: where does the picture shrink, where does
# it get deeper?


# %% tags=["only-shows", "raises-exception"]
def summary():
    alexnet_body = create_body(alexnet(weights=None), pretrained=False, cut=-2).eval()
    for name, shape in layer_shapes(alexnet_body, torch.zeros(1, 3, 64, 64)):
        print(f"{name:12} {shape}")


once_answered(summary)

# %% [markdown]
# ---
# ## You can now
# - find the number of features of any body, with one probe that leaves no trace;
# - say what `eval()` stops and what `no_grad()` stops;
# - watch what a model *does* with hooks, and clean up after yourself.
#
# **Exit questions** (answer in your head)
# 1. A friend wraps the probe in `torch.no_grad()` only. What changed in the body afterwards?
# 2. `nf` of densenet121's body is 1024, yet no convolution in it has 1024 output channels. How?
# 3. Why does fastai begin with a 32 pixel image and not with 224?
#
# **Before you hand in** Kernel > Restart Kernel and Run All Cells, then save, and run the last cell: it says what is missing, or which file to hand in. Unanswered exercises do not stop it.
#
# **Previous** [02 · The cut](../02-the-cut/02-the-cut.ipynb) · **Next** [04 · Bricks](../04-bricks/04-bricks.ipynb): from feature maps of any size to one score per class, in three bricks.
#
# Words: [glossary](../../docs/glossary.md). [Answers to the exit questions](../../docs/exit-questions.md).

# %% tags=["only-shows"]
# What is done, and may it be handed in? Save the notebook first, then run this cell.
from headcheck import progress

progress()
