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
# # 08 · Many heads
#
# **The question.** *Can a model have several heads?* It was the last question of the forum thread this course began
# with. The answer there was "if you want several outputs, yes". How?
#
# **You will be able to**
# - give one body two heads, and train both at once;
# - add two losses without one drowning the other;
# - say what `y_range` is for, with numbers.
#
# **Time** 75 minutes (about 15 of them reading) · **Difficulty** ●●●○ · **Before this** [02 · The cut](../02-the-cut/02-the-cut.ipynb) and [05 · create_head](../05-create-head/05-create-head.ipynb): the ideas, not your code. Body and head come from fastai here.
#
# Words you do not know are in the [glossary](../../docs/glossary.md): [head](../../docs/glossary.md#head), [body](../../docs/glossary.md#body), [y_range](../../docs/glossary.md#y_range), [parameter](../../docs/glossary.md#parameter).

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

warnings.filterwarnings("ignore", category=FutureWarning)

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from fastai.vision.learner import create_head
from sklearn.datasets import load_digits
from torch import nn

from headcheck import (
    CheckFailed,
    anatomy,
    checking,
    draw,
    expect,
    expect_close,
    expect_equal,
    expect_gradients,
    expect_same_function,
    expect_separate,
    expect_shape,
    hidden,
    once_answered,
    reached_by_gradient,
    show_figure,
)
from headcheck.lesson.measure import Request, measure

torch.manual_seed(0)


def parameters_in(*modules):
    """How many numbers the given modules can learn."""
    return sum(p.numel() for m in modules for p in m.parameters())


def tiny_body(width=6):
    """(N, 3, H, W) -> (N, width, H, W). Its BatchNorm counts how often the body ran in train mode."""
    return nn.Sequential(nn.Conv2d(3, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU())


class MirroredBody(nn.Module):
    """A body with a forward of its own: what `layers` say, and the same with the sign turned."""

    def __init__(self, layers):
        super().__init__()
        self.layers = layers

    def forward(self, x):
        features = self.layers(x)
        return torch.cat([features, -features], dim=1)


def times_run(body):
    return int(body[1].num_batches_tracked)


torch.set_num_threads(1)  # for models as small as these, more threads wait for each other
print("ready")

# %% [markdown]
# ## 1. Two questions about one picture
#
# Here are real scans of handwritten digits (scikit-learn's), each drawn at a random place and in a random **size** from
# 8 to 18 pixels on a noisy canvas. So every picture has two right answers: *which digit?* (a class) and *how large?* (a number).

# %% tags=["only-shows"]
CANVAS, SMALLEST, LARGEST = 24, 8, 18


def digits_of_all_sizes(seed=0):
    """Images (1797, 1, 24, 24), digits (1797,), sizes in pixels (1797,)."""
    g = torch.Generator().manual_seed(seed)
    scans = load_digits()
    images = torch.randn(len(scans.images), 1, CANVAS, CANVAS, generator=g) * 0.1
    sizes = torch.randint(SMALLEST, LARGEST + 1, (len(images),), generator=g)
    for i, size in enumerate(sizes.tolist()):
        row, column = torch.randint(0, CANVAS - size + 1, (2,), generator=g).tolist()
        scan = torch.tensor(scans.images[i] / 16, dtype=torch.float32)[None, None]
        images[i, 0, row : row + size, column : column + size] += F.interpolate(
            scan, size=(size, size), mode="bilinear"
        )[0, 0]
    return images, torch.tensor(scans.target), sizes.float()


images, digits, sizes = digits_of_all_sizes()
order = torch.randperm(len(images), generator=torch.Generator().manual_seed(1))
train, test = order[:1400], order[1400:]

fig, axes = plt.subplots(1, 6, figsize=(10, 2))
for ax, i in zip(axes, train[:6], strict=True):
    ax.imshow(images[i, 0], cmap="gray")
    ax.set_title(f"{digits[i].item()}, {sizes[i].item():.0f} px", fontsize=9)
    ax.axis("off")
show_figure(
    "Six pictures of digits of different sizes on a noisy canvas, each with its digit and its size in pixels."
)

# %% [markdown]
# You could train two models. But both would first have to learn what strokes and curves look like: the **body's** work.
# One body can do it for both, and each question gets a **head** of its own:
#
# ```
#                          ┌─ head a ── (N, 10)  which digit
#    image ── body ── map ─┤
#                          └─ head b ── (N, 1)   how large
# ```
#
# `create_vision_model` does not offer that. A class of your own does, in a dozen lines.

# %% [markdown]
# ## 2. First, a regression that goes wrong
#
# Before the two heads, one lesson on head b alone. It predicts a number of pixels, so the loss is the mean squared error.
# Here is a helper that trains any model, and a small body.


# %% tags=["only-shows"]
def block(n_in, n_out, stride):
    return nn.Sequential(
        nn.Conv2d(n_in, n_out, 3, stride, 1, bias=False), nn.BatchNorm2d(n_out), nn.ReLU()
    )


def new_body():
    return nn.Sequential(block(1, 16, 2), block(16, 32, 1), block(32, 64, 2))


def fit(model, loss_of, epochs=4, lr=5e-3):
    """Train on the training images; `loss_of(model, indices)` gives the loss of one batch."""
    batches = len(train.split(64))
    optimiser = torch.optim.AdamW(model.parameters(), lr)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, lr, total_steps=epochs * batches)
    history = []
    for _ in range(epochs):
        model.train()
        for batch in train[torch.randperm(len(train))].split(64):
            loss = loss_of(model, batch)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            history.append(loss.item())
    model.eval()
    return history


MIDDLE, SPREAD = sizes[train].mean(), sizes[train].std()


def learn_sizes(y_range=None, standardised=False):
    """Train on sizes alone. First loss in pixels squared, and the answers to the test pictures in pixels."""
    torch.manual_seed(0)
    model = nn.Sequential(new_body(), create_head(64, 1, [32], y_range=y_range))
    unit, zero = (
        (SPREAD, MIDDLE) if standardised else (1.0, 0.0)
    )  # what the model's 1 and 0 stand for
    history = fit(
        model,
        lambda model, batch: F.mse_loss(model(images[batch])[:, 0], (sizes[batch] - zero) / unit),
    )
    with torch.no_grad():
        return history[0] * unit**2, model(images[test])[:, 0] * unit + zero


# %% [markdown]
# **Predict.** Sizes lie between 8 and 18 pixels. We train the same model three times, for four epochs.
# 1. As it is.
# 2. On **standardised** sizes: mean 0, spread 1. Its answers are scaled back to pixels.
# 3. With `y_range=(7, 19)`, which adds a last layer `sigmoid(x) * (19 - 7) + 7`.
#
# How many pixels will each be off on average? And will any answer lie below 8 or above 18, where no true size is? Below 7 or above 19?

# %%
my_prediction = (
    "as it is: ... pixels off, standardised: ... pixels off, with y_range: ... pixels off"
)

# %% tags=["only-shows"]
answers = {}
ways = {
    "as it is": {},
    "standardised": {"standardised": True},
    "y_range=(7, 19)": {"y_range": (7, 19)},
}
for name, options in ways.items():
    first_loss, answers[name] = learn_sizes(**options)
    off = (answers[name] - sizes[test]).abs().mean()
    beyond = [
        ((answers[name] < low) | (answers[name] > high)).float().mean()
        for low, high in [(SMALLEST, LARGEST), (7, 19)]
    ]
    print(
        f"{name:16} first loss {first_loss:6.1f}   {off:5.2f} pixels off   "
        f"{beyond[0]:4.0%} outside 8 to 18   {beyond[1]:4.0%} outside 7 to 19"
    )
print("you said:", my_prediction)

# %% tags=["only-shows"]
fig, axes = plt.subplots(1, 3, figsize=(10, 3.4), sharey=True)
for ax, (name, said) in zip(axes, answers.items(), strict=True):
    ax.scatter(
        sizes[test] + torch.rand(len(test)) * 0.6 - 0.3, said, s=8, alpha=0.6, color="tab:blue"
    )
    ax.plot([8, 18], [8, 18], color="gray", linewidth=1, linestyle="--", label="right")
    ax.axhspan(SMALLEST, LARGEST, color="tab:orange", alpha=0.15, label="possible answers")
    ax.set(title=name, xlabel="true size (pixels)")
axes[0].set_ylabel("the model says")
axes[0].legend(loc="upper left")
show_figure(
    "Three scatter plots of predicted against true size: as it is, far too small; standardised and with y_range, near the diagonal."
)

# %% [markdown]
# <details><summary><b>Explain</b> (open it when the numbers are there)</summary>
#
# A fresh head says numbers near 0. The truth is near 13, so the first loss is near 13² = 169, and most of the
# training goes into climbing up there. Standardised, "0" already means the middle, and the second model starts close to the truth. With
# `y_range` the head starts in the middle as well (sigmoid of 0 is one half).
#
# So **most of the gain is the scale**, and there are two ways to it. What the range adds is a promise: no answer outside 7 to 19, in training or later, whatever
# the picture. (Answers between 7 and 8 are allowed. They are in the column "outside 8 to 18".)
#
# </details>
#
# Why 7 to 19 and not 8 to 18? A sigmoid comes close to its ends but never reaches them. Leave a little room, or the smallest and the
# largest digits can never be predicted exactly. ([Chapter 8 of fastai's book](https://github.com/fastai/fastbook/blob/master/08_collab.ipynb) does the same with film ratings: 0 to 5.5 for five stars.)
#
# Keep the first loss in mind. In a moment a second loss joins, and cross entropy starts near log 10 = 2.3. Which of the two will the body listen to?

# %% [markdown]
# ## Exercise 1: `TwoHeadedModel` · 10 points
#
# **What.** A module with one body and two heads. `forward(x)` returns the pair `(a, b)`. The heads are
# `create_head(nf, n_a)` and `create_head(nf, n_b, y_range=(0, 1))`. The body runs **once** per forward; the heads share no
# parameters.
#
# **Why it matters.** It is the forum's last question. And there is a trap that everybody steps into once: PyTorch only knows
# parameters of modules that are **registered**. A module in a plain Python list is invisible: not trained and not saved,
# without a word. (On a GPU you would notice: it stays behind on the CPU, and torch raises an error about two devices.)


# %% nbgrader={"grade": false, "grade_id": "TwoHeadedModel", "locked": false, "schema_version": 3, "solution": true, "task": false}
class TwoHeadedModel(nn.Module):
    """One body, two heads: forward(x) -> (a, b), shapes (N, n_a) and (N, n_b).

    Head a is create_head(nf, n_a), head b is create_head(nf, n_b, y_range=(0, 1)).
    """

    def __init__(self, body, nf, n_a, n_b):
        super().__init__()
        ### BEGIN SOLUTION
        self.body = body
        self.head_a = create_head(nf, n_a)
        self.head_b = create_head(nf, n_b, y_range=(0, 1))
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        features = self.body(x)
        return self.head_a(features), self.head_b(features)
        ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1 (a nudge)</summary>
#
# `__init__` keeps three things as attributes; `forward` uses each of them once.
# </details>
# <details><summary>Hint 2 (stronger)</summary>
#
# `self.body = body` registers it. Give the feature map a name, so that both heads can read it.
# </details>
# <details><summary>Hint 3 (nearly the line)</summary>
#
# `features = self.body(x)`, then `return self.head_a(features), self.head_b(features)`.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_TwoHeadedModel", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("TwoHeadedModel", step="two answers"):
    model = TwoHeadedModel(tiny_body(), 6, 10, 5)
    model.eval()
    outputs = model(torch.randn(8, 3, 8, 8))
    expect(
        isinstance(outputs, (tuple, list)) and len(outputs) == 2,
        "TwoHeadedModel: forward returns the pair (a, b)",
        got=f"one tensor of shape {tuple(outputs.shape)}"
        if isinstance(outputs, torch.Tensor)
        else type(outputs).__name__ + (f" of {len(outputs)}" if hasattr(outputs, "__len__") else "")
        if outputs is not None
        else "None",
        expected="a tuple of two tensors",
        cause="the two were joined into one tensor, or only one of them is returned"
        if isinstance(outputs, torch.Tensor)
        else "is a return missing in forward?"
        if outputs is None
        else "a pair is a tuple: return a, b (no dict, and no class of its own)",
        look="the exercise text",
    )
    expect_shape(
        outputs[0],
        (8, 10),
        "TwoHeadedModel: shape of a for 8 images and n_a=10",
        mistakes={(8, 5): "a and b are in the wrong order"},
    )
    expect_shape(
        outputs[1],
        (8, 5),
        "TwoHeadedModel: shape of b for 8 images and n_b=5",
        mistakes={(8, 10): "b has the size of a: head a answers both, or both were made alike"},
    )
    expect(
        bool(((outputs[1] > 0) & (outputs[1] < 1)).all()),
        "TwoHeadedModel: b stays inside its y_range",
        got="values outside of 0 to 1",
        expected="values between 0 and 1",
        cause="head b has no y_range",
        look="section 2",
    )
    many = TwoHeadedModel(tiny_body(), 6, 100, 5)  # of ten scores, all may be positive by chance
    many.eval()
    expect(
        bool((many(torch.randn(8, 3, 8, 8))[0] < 0).any()),
        "TwoHeadedModel: a is free to be negative",
        got="no negative number in 800",
        expected="plain scores, some of them negative",
        cause="head a has a y_range, a softmax or a ReLU at its end",
        look="the docstring: only head b has a y_range",
    )
    ### BEGIN HIDDEN TESTS
    rng = draw("TwoHeadedModel")
    with hidden("other widths, other numbers of outputs, other image sizes"):
        nf, n_a, n_b = rng.randint(3, 12), rng.randint(3, 9), rng.randint(2, 5)
        # One output is a column, too, and either head may be the wider one.
        for of_a, of_b, height, width in [(n_a, 1, 1, 1), (1, n_b, 5, 7)]:
            model = TwoHeadedModel(tiny_body(nf), nf, of_a, of_b)
            model.eval()
            a, b = model(torch.randn(2, 3, height, width))
            expect(
                tuple(a.shape) == (2, of_a) and tuple(b.shape) == (2, of_b),
                "TwoHeadedModel",
                cause="the sizes of the heads do not follow n_a and n_b, or squeeze() takes a dimension away "
                "where a head has one output",
                look="the docstring: the shapes of a and b",
            )

    with hidden("a body that knows something already"):
        body = tiny_body()
        for t in (*body[1].parameters(), body[1].running_mean, body[1].running_var):
            nn.init.uniform_(t, 0.5, 1.5)
        body[0].requires_grad_(False)
        body[1].eval()
        before = [t.detach().clone() for t in body.state_dict().values()]
        modes = [m.training for m in body.modules()]
        TwoHeadedModel(body, 6, 3, 2)
        expect(
            all(map(torch.equal, before, body.state_dict().values())),
            "TwoHeadedModel",
            cause="the body got other weights: it is taken as it is, and may be pretrained",
            look="the exercise text: what is new are the two heads",
        )
        expect(
            not any(p.requires_grad for p in body[0].parameters())
            and [m.training for m in body.modules()] == modes,
            "TwoHeadedModel",
            cause="eval() or train() was called on the body, or what was frozen in it can learn now: it is taken "
            "as it is",
            look="the exercise text: what is new are the two heads",
        )

    def spreads(body, x):
        """How far the answers to the pictures lie apart, of a and of b, as means over 40 runs."""
        model = TwoHeadedModel(body, nf, n_a, n_b)
        model.eval()
        with torch.no_grad():
            runs = [model(x.clone()) for _ in range(40)]
        means = [torch.stack(list(each)).mean(0) for each in zip(*runs, strict=True)]
        return [float((mean.amax(0) - mean.amin(0)).mean()) for mean in means]

    with hidden("other answers for other pictures, by what the body sees in them"):
        # (Heads that nobody has put to sleep answer by chance, too: that costs its points below.)
        x, blind = torch.randn(6, 3, 5, 4), tiny_body(nf)
        nn.init.zeros_(blind[0].weight)
        for apart, past_the_body in zip(spreads(tiny_body(nf), x), spreads(blind, x), strict=True):
            expect(
                past_the_body < 0.5 * apart,
                "TwoHeadedModel",
                cause="the answers do not come from what the body makes of the pictures",
                look="the drawing in section 1",
            )

    class Reference(nn.Module):
        """What the exercise asks for; the order of the two heads is free."""

        def __init__(self, body, nf, n_a, n_b, b_first):
            super().__init__()
            self.body, self.b_first = body, b_first
            self.head_a = create_head(nf, n_a)
            self.head_b = create_head(nf, n_b, y_range=(0, 1))

        def forward(self, x):
            features = self.body(x)
            if self.b_first:
                b = self.head_b(features)
                return self.head_a(features), b
            return self.head_a(features), self.head_b(features)

    def sound(nf, n_a, n_b):
        """Whether the two checks below are content; if not, that costs its points there."""
        body = tiny_body(nf)
        heads = create_head(nf, n_a), create_head(nf, n_b)
        wanted = parameters_in(body, *heads)
        model = TwoHeadedModel(body, nf, n_a, n_b)
        model.train()
        model(torch.randn(4, 3, 6, 6))
        reached = reached_by_gradient(model, torch.randn(4, 3, 6, 6))
        return (
            parameters_in(model) == wanted
            and times_run(body) == 1
            and reached == {name for name, _ in model.named_parameters()}
        )

    with hidden("the numbers of both heads, with the same weights, in eval and in train mode"):
        nf, n_a, n_b = 2 * rng.randint(2, 6), rng.randint(6, 9), rng.randint(2, 5)
        # No Sequential, and features may be negative: what a head does to them first is seen.
        body = MirroredBody(tiny_body(nf // 2))
        ours = copy.deepcopy(body)
        model = TwoHeadedModel(body, nf, n_a, n_b)
        # Drawn here, before the answer runs: nothing that it does changes them.
        many, high, wide = rng.randint(9, 20), rng.randint(9, 20), rng.randint(9, 20)
        inputs = [
            torch.randn(5, 3, 7, 6),
            torch.randn(3, 3, 4, 4),
            torch.randn(many, 3, high, wide) * 100,  # a limit of features or scores is seen
        ]
        failed = []
        for b_first in (False, True) if sound(nf, n_a, n_b) else ():
            try:
                expect_same_function(
                    model,
                    Reference(copy.deepcopy(ours), nf, n_a, n_b, b_first),
                    inputs,
                    checked="TwoHeadedModel",
                )
                failed.clear()
                break
            except CheckFailed as problem:
                failed.append(problem)
        if failed:
            raise failed[0]
    ### END HIDDEN TESTS

# %% [markdown]
# How often does the body run?

# %% nbgrader={"grade": true, "grade_id": "test_TwoHeadedModel_body_once", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("TwoHeadedModel", step="the body runs once", more=False):
    body = tiny_body()
    model = TwoHeadedModel(body, 6, 3, 2)
    model.train()
    model(torch.randn(4, 3, 8, 8))
    expect_equal(
        times_run(body),
        1,
        "TwoHeadedModel: how often the body ran in one forward",
        mistakes={
            2: "self.body(x) stands twice, once for each head",
            0: "the given body was not used (or it was copied)",
        },
        cause="self.body(x) stands more than once",
        look="the drawing in section 1: where does the line fork?",
    )
    x = torch.randn(4, 3, 8, 8)
    for mode, request in (("train", Request(train_inputs=[x])), ("eval", Request([x]))):
        model.train(mode == "train")
        model(x)
        ran = measure(model, request)
        expect_equal(
            sum(op.name == "conv2d" for op in ran.eval_ops + ran.train_ops),
            1,
            f"TwoHeadedModel: how often the convolution of the body ran in one forward, in {mode} mode",
            mistakes={2: "a second run of the body, or of a copy of it, for the second head"},
            cause="the body runs for each picture alone: all pictures of a batch go through it together",
            look="the drawing in section 1: where does the line fork?",
        )

# %% [markdown]
# Does PyTorch know of all parameters?

# %% nbgrader={"grade": true, "grade_id": "test_TwoHeadedModel_registered", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("TwoHeadedModel", step="both heads learn"):
    # Counted on a body that the answer never gets.
    body, head_a, head_b = tiny_body(), create_head(6, 3), create_head(6, 2, y_range=(0, 1))
    model = TwoHeadedModel(tiny_body(), 6, 3, 2)
    expect_equal(
        parameters_in(model),
        parameters_in(body, head_a, head_b),
        "TwoHeadedModel: number of parameters that an optimiser would see",
        mistakes={
            parameters_in(
                body
            ): "only the body is registered: are the heads in a plain list, tuple or dict?",
            parameters_in(head_a, head_b): "only the heads are registered: is the body?",
            parameters_in(body, head_a): "head b is not registered",
            parameters_in(body, head_b): "head a is not registered",
        },
        cause="the heads are not the two of the docstring, or they share layers",
        look="the exercise text: what PyTorch knows of",
    )
    ### BEGIN HIDDEN TESTS
    rng = draw("TwoHeadedModel_registered")
    with hidden("a gradient reaches body and both heads, and the heads share nothing"):
        # Two heads of one size are two heads all the same.
        nf, n_a = rng.randint(4, 10), rng.randint(3, 9)
        body = tiny_body(nf)
        wanted = parameters_in(body, create_head(nf, n_a), create_head(nf, n_a))
        model = TwoHeadedModel(body, nf, n_a, n_a)
        expect(
            parameters_in(model) == wanted,
            "TwoHeadedModel",
            cause="a head is missing from the registered modules, or layers are shared",
            look="the exercise text",
        )
        expect_gradients(model, torch.randn(4, 3, 6, 6))
    with hidden("a second model of the same sizes, beside the first"):
        expect_separate(
            [model, TwoHeadedModel(tiny_body(nf), nf, n_a, n_a)],
            "TwoHeadedModel: a new model has new heads",
        )
    ### END HIDDEN TESTS

# %% tags=["only-shows", "raises-exception"]
once_answered(lambda: anatomy(TwoHeadedModel(new_body(), 64, 10, 1), (2, 1, 24, 24)))

# %% [markdown]
# ## 3. Two losses, one number
#
# An optimiser follows **one** number. So the two losses are added, with a weight:
#
# ```
#    loss = w · cross entropy(a) + (1 - w) · mean squared error(b)
# ```
#
# What the body learns is decided by the **gradients** of the two losses. We measure them: one batch, a fresh body, two fresh heads, and the size of each loss's
# gradient with respect to the body's weights.
#
# **Predict.** With `w = 0.5`: what share of the two gradients belongs to the digits if b is in pixels? And if b lies between 0 and 1?

# %%
my_prediction = "in pixels: ... percent, between 0 and 1: ... percent"


# %% tags=["only-shows"]
def first_steps(y_range, targets):
    """Both losses of the first batch, and the size of each gradient on the body: [digits, size]."""
    torch.manual_seed(0)
    body, head_a = new_body(), create_head(64, 10)
    head_b, batch = create_head(64, 1, y_range=y_range), train[:256]
    features = body(images[batch])
    losses = [
        F.cross_entropy(head_a(features), digits[batch]),
        F.mse_loss(head_b(features)[:, 0], targets[batch]),
    ]
    sizes_of = []
    for loss in losses:
        gradients = torch.autograd.grad(loss, list(body.parameters()), retain_graph=True)
        sizes_of.append(torch.cat([g.flatten() for g in gradients]).norm().item())
    return [loss.item() for loss in losses], sizes_of


for name, y_range, targets in [
    ("in pixels, no y_range", None, sizes),
    ("in pixels, y_range=(7, 19)", (7, 19), sizes),
    ("b between 0 and 1", (0, 1), (sizes - 7) / (19 - 7)),
]:
    losses, gradients = first_steps(y_range, targets)
    shares = [pair[0] / sum(pair) for pair in (losses, gradients)]
    print(
        f"{name:27} losses {losses[0]:.1f} and {losses[1]:6.2f}: digits have {shares[0]:4.0%} of the loss,"
        f" {shares[1]:4.0%} of the gradient"
    )
print("you said:", my_prediction)

# %% [markdown]
# <details><summary><b>Explain</b> (open it when the numbers are there)</summary>
#
# In pixels the body hears almost nothing but the size. Between 0 and 1 it is the other way round: now the digits are louder. So a range does not make two losses
# equal. It makes the sizes known: cross entropy near 2.3, a squared error below 1. From there the weight can say what *you* mean, and whether you got it is measured, not
# computed: look at the gradients, or at the results. (Compare the two columns: a share of the loss is not a share of the gradient.)
#
# </details>

# %% [markdown]
# ## Exercise 2: `two_headed_loss` · 4 points
#
# **What.** `outputs` is the pair `(a, b)` of the model; `targets` is the pair of class numbers `(N,)` and values `(N, n_b)`. Return
# `weight` × cross entropy + (1 − `weight`) × mean squared error, as a tensor that can be trained on.
#
# **Why it matters.** Any multi-task model needs this line: fastai hands your loss function the tuple that your model returned.


# %% nbgrader={"grade": false, "grade_id": "two_headed_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def two_headed_loss(outputs, targets, weight=0.5):
    """weight * cross entropy of a + (1 - weight) * mean squared error of b. A tensor without dimensions.

    outputs: (a, b) of shapes (N, n_a) and (N, n_b).
    targets: (classes, values) of shapes (N,) and (N, n_b).
    """
    ### BEGIN SOLUTION
    (a, b), (classes, values) = outputs, targets
    # audit: equivalent [log_softmax]: cross entropy applies it, and twice is the same as once
    # audit: equivalent [shifted]: softmax does not see what all scores have in common
    # audit: equivalent [mse_loss(values, b)]: a square has no direction
    return weight * F.cross_entropy(a, classes) + (1 - weight) * F.mse_loss(b, values)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1 (a nudge)</summary>
#
# Unpack both pairs first. `torch.nn.functional` is imported as `F`.
# </details>
# <details><summary>Hint 2 (stronger)</summary>
#
# `F.cross_entropy` wants raw scores: it applies the softmax itself. `F.mse_loss` takes two tensors of the *same* shape.
# </details>
# <details><summary>Hint 3 (nearly the line)</summary>
#
# `weight * F.cross_entropy(a, classes) + (1 - weight) * F.mse_loss(b, values)`
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_two_headed_loss", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("two_headed_loss"):
    a = torch.tensor([[2.0, 0.0, -1.0], [0.5, 1.0, 0.0]])
    b, classes, values = (
        torch.tensor([[0.2], [0.9]]),
        torch.tensor([0, 2]),
        torch.tensor([[0.5], [0.4]]),
    )
    cross, square = F.cross_entropy(a, classes), F.mse_loss(b, values)
    loss = two_headed_loss((a.clone(), b.clone()), (classes.clone(), values.clone()))
    expect(
        isinstance(loss, torch.Tensor),
        "two_headed_loss returns a tensor",
        got=type(loss).__name__,
        expected="Tensor",
        cause=".item() or float() makes a number that nobody can train on"
        if isinstance(loss, float)
        else "is a return missing? print shows a number and gives nothing back"
        if loss is None
        else "one number is asked for: the weighted sum of the two losses",
        look="the docstring",
    )
    expect_close(
        loss,
        0.5 * cross + 0.5 * square,
        "two_headed_loss with the default weight of 0.5",
        mistakes=[
            (
                cross + square,
                "the losses are added without the weight, or summed over the pictures (reduction='sum')",
            ),
            (
                0.5 * cross + square,
                "the weight is missing before the mean squared error: it is 1 - weight",
            ),
            (cross, "only the cross entropy is there"),
            (square, "only the mean squared error is there"),
            (
                0.5 * F.cross_entropy(a.softmax(1), classes) + 0.5 * square,
                "a softmax before F.cross_entropy: it applies its own",
            ),
            (
                0.5 * cross + 0.5 * F.l1_loss(b, values),
                "the absolute error instead of the squared one",
            ),
            (
                0.5 * cross + 0.5 * (b[:, 0] - values).square().mean(),
                "(N,) against (N, 1): every value was compared with every other. Keep b as it is",
            ),
        ],
        look="the formula in section 3",
    )
    expect_close(
        two_headed_loss((a.clone(), b.clone()), (classes, values), weight=1.0),
        cross,
        "two_headed_loss with weight=1 is the cross entropy alone",
        mistakes=[
            (square, "the weight belongs to the cross entropy, 1 - weight to the squared error")
        ],
        look="the formula in section 3",
    )
    ### BEGIN HIDDEN TESTS
    rng = draw("two_headed_loss")
    with hidden("other sizes and other weights"):
        torch.manual_seed(rng.randint(0, 10**6))
        n, n_a, n_b, weight = (
            rng.randint(3, 9),
            rng.randint(2, 6),
            rng.randint(2, 5),
            rng.uniform(0.1, 0.45),
        )
        a, b = torch.randn(n, n_a), torch.randn(n, n_b)
        classes, values = torch.randint(0, n_a, (n,)), torch.randn(n, n_b)
        # Computed before the answer runs.
        right = {
            w: w * F.cross_entropy(a, classes) + (1 - w) * F.mse_loss(b, values)
            for w in (0.0, weight, 1 - weight, 1.0)
        }
        for w, wanted in right.items():
            expect_close(
                two_headed_loss((a.clone(), b.clone()), (classes.clone(), values.clone()), w),
                wanted,
                "two_headed_loss",
                cause="the weight is not used as in the formula, or the error is not averaged over all values",
                look="the formula in section 3",
            )
    with hidden("one picture alone"):
        one = [t[:1].clone() for t in (a, b, classes, values)]
        wanted = 0.5 * F.cross_entropy(*one[::2]) + 0.5 * F.mse_loss(*one[1::2])
        expect_close(
            two_headed_loss(tuple(one[:2]), tuple(one[2:])),
            wanted,
            "two_headed_loss",
            cause="squeeze() takes the dimension of the pictures away where there is one",
            look="the docstring: the shapes of outputs and targets",
        )
    with hidden("many pictures, scores and values far from zero, a class that no picture has"):
        n, n_a = rng.randint(70, 90), rng.randint(11, 15)
        scores = torch.randn(n, n_a) * 60 + torch.randn(n, 1).sign() * 250
        far, true = torch.randn(2, n, n_b) * 60
        # Every class but the last.
        known = torch.arange(n)[torch.randperm(n)] % (n_a - 1)
        wanted = {
            w: w * F.cross_entropy(scores, known) + (1 - w) * F.mse_loss(far, true)
            for w in (1.0, weight)
        }
        for w, right in wanted.items():
            expect_close(
                two_headed_loss((scores.clone(), far.clone()), (known.clone(), true.clone()), w),
                right,
                "two_headed_loss",
                cause="a logarithm of a softmax is -inf where a probability rounds to 0 (F.cross_entropy and "
                "log_softmax know how to avoid it); or something is cut off, or as many classes are "
                "expected as the targets show",
                look="the formula in section 3, and hint 2: raw scores, of any size",
            )
    with hidden("a loss that can be trained on: the gradients of a and b"):
        for w in (weight, 1 - weight):
            ours = [t.clone().requires_grad_() for t in (a, b)]
            loss = w * F.cross_entropy(ours[0], classes) + (1 - w) * F.mse_loss(ours[1], values)
            wanted = torch.autograd.grad(loss, ours)
            theirs = [t.clone().requires_grad_() for t in (a, b)]
            loss = two_headed_loss(tuple(theirs), (classes.clone(), values.clone()), w)
            expect(
                loss.requires_grad,
                "two_headed_loss: the way back, from the loss to a and b",
                cause="detach(), .item(), float(), torch.tensor(...) or no_grad cuts it",
                look="the last words of the exercise: a tensor that can be trained on",
            )
            expect(
                loss.dtype == a.dtype,
                "two_headed_loss: the type of its number",
                cause="double() or half() makes another type than that of a and b",
                look="the formula in section 3: nothing else is needed",
            )
            found = torch.autograd.grad(loss, theirs, allow_unused=True)
            for name, mine, right in zip("ab", found, wanted, strict=True):
                expect(
                    mine is not None,
                    f"two_headed_loss: the way back, from the loss to {name}",
                    cause="detach(), .data or a new tensor cuts it for one of the two",
                    look="the last words of the exercise: a tensor that can be trained on",
                )
                expect_close(
                    mine,
                    right,
                    f"two_headed_loss: the gradient of {name}",
                    cause="a part of the loss is detached, or counted twice",
                    look="the formula in section 3",
                )
    ### END HIDDEN TESTS

# %% [markdown]
# ## 4. Train it
#
# One body, two heads, both questions at once. The size is brought into 0 to 1 with a little room at both ends, as above.

# %% tags=["only-shows", "raises-exception"]
scaled = (sizes - 7) / (19 - 7)


def both(model, batch):
    return two_headed_loss(
        model(images[batch]), (digits[batch], scaled[batch][:, None]), weight=0.5
    )


def train_both():
    """Train a new model; its answers to the test pictures: (a, b)."""
    torch.manual_seed(0)
    two = TwoHeadedModel(new_body(), 64, 10, 1)
    fit(two, both, epochs=8)
    with torch.no_grad():
        a, b = two(images[test])
    right = (a.argmax(1) == digits[test]).float().mean()
    off = (b[:, 0] * (19 - 7) + 7 - sizes[test]).abs().mean()
    print(f"which digit: {right:.1%} right (guessing: 10%)    how large: {off:.2f} pixels off")
    return a, b


answers = once_answered(train_both)

# %% tags=["only-shows", "raises-exception"]
if answers:
    a, b = answers
    fig, axes = plt.subplots(1, 8, figsize=(11, 2))
    for k, ax in enumerate(axes):
        i = test[k]
        ax.imshow(images[i, 0], cmap="gray")
        mark = "" if a[k].argmax() == digits[i] else " ✗"
        ax.set_title(
            f"{a[k].argmax().item()}{mark}\n{b[k, 0] * 12 + 7:.1f} / {sizes[i]:.0f} px", fontsize=9
        )
        ax.axis("off")
    fig.suptitle("says: digit, size / true size")
    plt.tight_layout()
    show_figure(
        "Eight test pictures with the digit and the size that the two-headed model says, and the true size."
    )

# %% [markdown]
# **Try it.** Change `weight` to 0.05 and to 0.95 and train again. Which of the two answers gets better, which worse? Is the difference
# larger than between two runs with different seeds?

# %% [markdown]
# ---
# ## You can now
# - answer the forum's question: yes, a model can have several heads, and here is one;
# - give each output a range, and add losses so that each is heard;
# - spot modules that PyTorch doesn't know of.
#
# **Exit questions** (answer in your head)
# 1. Your two-headed model trains, but one head's answers never change. Where do you look first?
# 2. Film ratings go from 0.5 to 5. Which `y_range` do you choose, and why not exactly that?
# 3. The body runs twice per forward. The result is the same in eval mode. Name two things that are worse.
#
# **Before you hand in** Kernel > Restart Kernel and Run All Cells, then save, and run the last cell: it says what is missing, or which file to hand in. Unanswered exercises do not stop it.
#
# **Previous** [07 · Split, freeze, train](../07-split-freeze-train/07-split-freeze-train.ipynb) · **Next** [09 · Capstone](../09-capstone/09-capstone.ipynb): a head that nobody has designed before you.
#
# Words: [glossary](../../docs/glossary.md). [Answers to the exit questions](../../docs/exit-questions.md).

# %% tags=["only-shows"]
# What is done, and may it be handed in? Save the notebook first, then run this cell.
from headcheck import progress

progress()
