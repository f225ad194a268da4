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
# # 04 · Bricks
#
# **The question.** A body ends in feature maps: a block of numbers, 512 channels of 7 by 7, or of 10 by 10 for a larger picture. A classifier needs a short
# vector, always of the same length. **What stands between them, and why these parts?** The answer fits into three bricks, and fastai builds every head
# from them.
#
# **You will be able to**
# - turn feature maps of any size into a vector of one size, and say what is lost on the way;
# - build the block *BatchNorm, Dropout, Linear* in both of its orders;
# - say what each part does in training and what it does in evaluation.
#
# **Time** 65 minutes (about 12 of them reading) · **Difficulty** ●●○○ · **Before this** [03 · Counting features](../03-counting-features/03-counting-features.ipynb): the ideas, not your code.
#
# Words you do not know are in the [glossary](../../docs/glossary.md): [feature map](../../docs/glossary.md#feature-map), [concat pool](../../docs/glossary.md#concat-pool), [BatchNorm](../../docs/glossary.md#batchnorm), [dropout](../../docs/glossary.md#dropout).
#
# **How this lesson is built.** One brick after the other, from the body's maps to one score per class:
#
# ```
#   body ──▶ (N, 512, 7, 7)
#               │  brick 1   AdaptiveConcatPool2d
#            (N, 1024, 1, 1)
#               │  brick 2   Flatten
#            (N, 1024)
#               │  brick 3   lin_bn_drop(1024, 512)
#            (N, 512)
#               │  brick 3   lin_bn_drop(512, 10)
#            (N, 10)          one score per class
# ```

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

warnings.filterwarnings("ignore", "`torch.jit.script` is deprecated")  # fastai 2.8 still uses it
import fastai.layers
import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from torch import nn

from headcheck import (
    anatomy,
    checking,
    draw,
    expect,
    expect_close,
    expect_same_function,
    expect_separate,
    expect_shape,
    hidden,
    once_answered,
    show_figure,
)


def batch(rng, *shape):
    """Random numbers of this shape, drawn with rng."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(rng.randrange(2**31)))


def has_empty_dropout(block):
    """Whether there is a Dropout layer in it that drops nothing."""
    return any(isinstance(layer, nn.Dropout) and layer.p == 0 for layer in block.modules())


def why_not_new(block, another):
    """What a block has that no new one has, in words, or None. `another` was made by the same call."""
    weights = [*block.parameters()]
    if not all(m.training for m in block.modules()) or not all(p.requires_grad for p in weights):
        return "a layer of the new block is frozen or in eval mode"
    for layer in block.modules():
        if isinstance(layer, nn.BatchNorm1d) and layer.affine and layer.track_running_stats:
            statistics = layer.running_mean, layer.running_var - 1, layer.num_batches_tracked
            if any(bool(t.any()) for t in statistics):
                return (
                    "BatchNorm's statistics are not those of a new layer: something ran through the "
                    "block in train mode (to try it out, make another one), or they were set"
                )
            # (The BatchNorm of fastai begins with a bias of 0.001.)
            if bool((layer.weight != 1).any()) or float(layer.bias.detach().abs().max()) > 0.01:
                return "the weight of a new BatchNorm is 1 and its bias 0: they were set to other numbers"
    tables = [p for p in weights if p.dim() > 1 and p.numel() > 1]
    if any(len(p.unique()) == 1 for p in tables):
        return "all weights of the Linear were set to one number: what is equal stays equal in training"
    if any(float(p.detach().abs().max()) > 10 for p in weights):
        return "weights or biases were set to what no new layer has"
    others = [p for p in another.parameters() if p.dim() > 1 and p.numel() > 1]
    if any(a is not b and torch.equal(a, b) for a, b in zip(tables, others, strict=False)):
        return "two new blocks have the same weights: a seed is set in the function"
    return None


def expect_new_block(block, another, checked):
    """That a block is new: it can be trained, and nobody has done so."""
    cause = why_not_new(block, another)
    expect(cause is None, checked, cause=cause, look="what the docstring asks for, and no more")


def expect_nothing_to_learn(module, checked):
    """That there is no weight in it."""
    expect(
        not any(p.requires_grad for p in module.parameters()),
        f"{checked} has no weights",
        cause="a number in it can be learned: after training it would compute something else",
        look="the drawing of this brick: there is nothing to learn in it",
    )


def expect_way_back(module, right, x, checked):
    """That the gradient flows through the module as through `right`, a function."""
    ours, theirs = x.clone().requires_grad_(), x.clone().requires_grad_()
    wanted = right(ours)
    weights = torch.linspace(1, 2, wanted.numel()).reshape(wanted.shape)
    (wanted * weights).sum().backward()
    y = module(theirs)
    expect(
        y.dtype == x.dtype and y.requires_grad,
        f"{checked}: the way back, from the output to the input",
        cause="detach(), no_grad(), .data or another type of number cuts it",
        look="nothing but pools, cat and reshape is needed",
    )
    (y * weights).sum().backward()
    expect(
        theirs.grad is not None,
        f"{checked}: the way back, from the output to the input",
        cause="detach(), no_grad() or .data cuts it",
        look="nothing but pools, cat and reshape is needed",
    )
    expect_close(
        theirs.grad,
        ours.grad,
        f"{checked}: the gradient that arrives at the input",
        cause="detach(), no_grad() or .data cuts it for a part",
        look="nothing but pools, cat and reshape is needed",
    )


torch.manual_seed(0)
print("ready")

# %% [markdown]
# ## 1. Predict, run, explain: one number out of a map
#
# A feature map says *where* in the picture something was found. Below are two maps of 7 by 7. In the first, something small was found once, and clearly. In the second, a
# little of it is everywhere, like grass.
#
# **Predict.** Which of the two has the larger maximum? Which has the larger average? Would a classifier that sees only the average find the small thing?

# %% tags=["only-shows"]
small_thing = torch.zeros(7, 7)
small_thing[2, 4] = 8
grass = 0.25 + 0.1 * torch.rand(7, 7)
fig, axes = plt.subplots(1, 2, figsize=(6, 2.6))
for ax, name, feature_map in zip(
    axes, ("a small thing", "grass"), (small_thing, grass), strict=True
):
    ax.imshow(feature_map, vmin=0, vmax=1.5, cmap="Blues")
    ax.set_title(
        f"{name}\nmaximum {feature_map.max():.2f}, average {feature_map.mean():.2f}", fontsize=9
    )
    ax.set_xticks([])
    ax.set_yticks([])
plt.tight_layout()
show_figure(
    "Two maps of 7 by 7: a small thing, one dark square on an empty map, and grass, evenly pale. The first has the larger maximum, the second the larger average."
)

# %% [markdown]
# <details><summary><b>Explain</b> (open it when the output is there)</summary>
#
# The maximum answers "was it anywhere?", the average "how much of it was there?". Here the average even ranks the grass *above* the small thing. Both questions are good ones,
# so fastai asks both: its head begins with a **concat pool**, maximum and average side by side. That is why the head takes `2 * nf` numbers and not `nf`.
#
# </details>
#
# "Adaptive" means: you say the size that comes *out* (1 by 1), whatever comes in. **Predict** the shapes, then run:

# %% tags=["only-shows"]
pool = nn.AdaptiveAvgPool2d(1)
for height, width in [(7, 7), (10, 10), (3, 5), (1, 1)]:
    print((2, 512, height, width), "->", tuple(pool(torch.randn(2, 512, height, width)).shape))

# %% [markdown]
# One head for pictures of every size: this is the layer that makes it possible. (The 1 by 1 stays as two dimensions of length one. Brick 2 removes them.)
#
# ## 2. Brick 1: `AdaptiveConcatPool2d(size=1)` · 6 points
#
# **What.** A module that pools each map to `size` by `size`, once by maximum, once by average, and puts the two results side by side in the channels: **maximum first, then average.**
#
# ```
#                 ┌─ AdaptiveMaxPool2d(size) ─▶ (N, C, size, size) ─┐
#   (N, C, H, W) ─┤                                                 ├─▶ (N, 2C, size, size)
#                 └─ AdaptiveAvgPool2d(size) ─▶ (N, C, size, size) ─┘
# ```
#
# **Why the order matters.** Average first would be the same kind of function: a Linear after it could learn just as well. But weights saved by fastai expect the maximum in the first C places. Load them
# into a head with the other order and there is no error, but the numbers are wrong. And fastai's own print-out misleads: look at it, **predict** which comes first, then ask the numbers.

# %% tags=["only-shows"]
theirs = fastai.layers.AdaptiveConcatPool2d()
print(theirs, "\n")
x = small_thing[None, None]  # one picture, one channel
print(
    "output:",
    theirs(x).flatten().tolist(),
    "  maximum:",
    x.max().item(),
    "  average:",
    round(x.mean().item(), 4),
)

# %% [markdown]
# <details><summary><b>Explain</b> (open it when the output is there)</summary>
#
# `ap` is printed first because it was *registered* first in `__init__`. What runs is `forward`, and there it says `torch.cat([self.mp(x), self.ap(x)], 1)`. A print-out lists what there is, not what
# happens (you met this in lesson 01).
#
# </details>
#
# You may use everything in `torch` and `torch.nn`, but not fastai's finished `AdaptiveConcatPool2d`.


# %% nbgrader={"grade": false, "grade_id": "AdaptiveConcatPool2d", "locked": false, "schema_version": 3, "solution": true, "task": false}
class AdaptiveConcatPool2d(nn.Module):
    """(N, C, H, W) -> (N, 2C, size, size): the maximum of every channel, then its average."""

    def __init__(self, size=1):
        super().__init__()
        ### BEGIN SOLUTION
        self.mp = nn.AdaptiveMaxPool2d(size)
        self.ap = nn.AdaptiveAvgPool2d(size)
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        return torch.cat([self.mp(x), self.ap(x)], dim=1)
        ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1 (a nudge)</summary>PyTorch has both halves ready: an adaptive pool for the maximum, one for the average. Make them in <code>__init__</code>, use them in <code>forward</code>.</details>
# <details><summary>Hint 2 (stronger)</summary>The dimensions of <code>(N, C, H, W)</code> are numbered 0, 1, 2, 3. Which one shall become twice as long? <code>torch.cat</code> wants a list of tensors and that number.</details>
# <details><summary>Hint 3 (nearly the line)</summary><code>self.mp, self.ap = nn.AdaptiveMaxPool2d(size), nn.AdaptiveAvgPool2d(size)</code> and
# <code>torch.cat([…, …], dim=1)</code> with the maximum first.</details>

# %% nbgrader={"grade": true, "grade_id": "test_AdaptiveConcatPool2d", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking(
    "AdaptiveConcatPool2d", write_it_yourself=["fastai.layers.AdaptiveConcatPool2d"], step="size 1"
):
    pool = AdaptiveConcatPool2d()
    expect(
        isinstance(pool, nn.Module),
        "AdaptiveConcatPool2d() is a module",
        got=pool if pool is not None else "None",
        cause="a class becomes a module by what stands in its brackets: class AdaptiveConcatPool2d(nn.Module)",
    )
    x = torch.arange(3 * 5 * 4 * 4).float().remainder(17).reshape(3, 5, 4, 4)
    y = pool(x)
    expect_shape(
        y,
        (3, 10, 1, 1),
        "the output for an input of shape (3, 5, 4, 4)",
        mistakes={
            (
                6,
                5,
                1,
                1,
            ): "concatenated along the batch (dimension 0), not along the channels (dimension 1)",
            (
                3,
                5,
                2,
                1,
            ): "concatenated along the height (dimension 2), not along the channels (dimension 1)",
            (
                3,
                5,
                1,
                2,
            ): "concatenated along the width (dimension 3), not along the channels (dimension 1)",
            (
                3,
                5,
                1,
                1,
            ): "one value per channel: both the maximum and the average are wanted, side by side",
            (
                2,
                3,
                5,
                1,
                1,
            ): "torch.stack makes a new dimension; torch.cat makes an existing one longer",
            (
                3,
                2,
                5,
                1,
                1,
            ): "torch.stack makes a new dimension; torch.cat makes an existing one longer",
            (
                3,
                10,
                4,
                4,
            ): "nothing was pooled: for nn.MaxPool2d size is the window, for nn.AdaptiveMaxPool2d what comes out",
            (3, 10): "the pool keeps its two dimensions of length one; Flatten removes them later",
        },
        look="the drawing above: which dimension becomes longer?",
    )
    averages_first = torch.allclose(y[:, :5].flatten(), x.mean((2, 3)).flatten())
    expect_close(
        y[:, :5].flatten(1),
        x.amax((2, 3)),
        "the first half of the channels is the maximum of each map",
        cause="average first: fastai's pool gives the maximum first, although it prints the average first"
        if averages_first
        else None,
    )
    expect_close(
        y[:, 5:].flatten(1),
        x.mean((2, 3)),
        "the second half of the channels is the average of each map",
    )
    ### BEGIN HIDDEN TESTS
    rng = draw("AdaptiveConcatPool2d")
    look = "the drawing: nothing in it depends on the size of the picture"
    large = rng.randint(14, 40), rng.randint(14, 40)
    for height, width in [(1, 1), (3, 5), (7, 7), (10, 10), large]:
        with hidden("maps of another size, another number of channels, a batch of one"):
            # The same pool for all of them (it has seen maps of 4 x 4), in either mode.
            several = rng.randint(2, 5)
            for n in (1, 1, several, several):
                pool.train(n > 1)
                x = batch(rng, n, rng.randint(1, 9), height, width) - 3
                wanted = torch.cat([x.amax((2, 3)), x.mean((2, 3))], 1)[:, :, None, None]
                expect_close(pool(x), wanted, "another size", tolerance=1e-4, look=look)
    with hidden("large numbers"):
        x = batch(rng, 2, 3, 4, 5) * 5000
        wanted = torch.cat([x.amax((2, 3)), x.mean((2, 3))], 1)[:, :, None, None]
        expect_close(AdaptiveConcatPool2d()(x), wanted, "large numbers", tolerance=0.1, look=look)
    with hidden("numbers of another type: float64"):
        expect(
            pool(x.double()).dtype == torch.float64,
            "float64",
            cause="what comes out has another type than what went in: torch.zeros(...) makes float32, "
            "whatever x is",
            look="nothing but pools, cat and reshape is needed",
        )
    with hidden("the way back: a gradient through both halves, in train and in eval mode"):
        for train in (True, False):
            expect_way_back(
                AdaptiveConcatPool2d().train(train),
                lambda x: torch.cat([x.amax((2, 3)), x.mean((2, 3))], 1)[:, :, None, None],
                batch(rng, 2, 3, 4, 5),
                "AdaptiveConcatPool2d",
            )
        expect_nothing_to_learn(pool, "AdaptiveConcatPool2d")
    ### END HIDDEN TESTS

# %% [markdown]
# The other sizes:

# %% nbgrader={"grade": true, "grade_id": "test_AdaptiveConcatPool2d_size", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking(
    "AdaptiveConcatPool2d",
    write_it_yourself=["fastai.layers.AdaptiveConcatPool2d"],
    step="other sizes",
):
    expect_shape(
        AdaptiveConcatPool2d(2)(torch.randn(3, 5, 6, 6)),
        (3, 10, 2, 2),
        "the output of AdaptiveConcatPool2d(2) for an input of shape (3, 5, 6, 6)",
        mistakes={
            (3, 10, 1, 1): "size is ignored",
            (
                3,
                10,
                3,
                3,
            ): "for nn.MaxPool2d size is the window, for nn.AdaptiveMaxPool2d what comes out",
            **dict.fromkeys(
                [(6, 5, 2, 2), (3, 5, 2, 2), (3, 2, 5, 2, 2), (2, 3, 5, 2, 2)],
                "it is not the size: the check above says what it is",
            ),
        },
        look="where __init__ uses its argument size",
    )
    ### BEGIN HIDDEN TESTS
    rng = draw("AdaptiveConcatPool2d size")
    with hidden("other values of size, on maps it does not divide evenly, or that are smaller"):

        def both(x, size):
            return torch.cat([F.adaptive_max_pool2d(x, size), F.adaptive_avg_pool2d(x, size)], 1)

        # All of them are there before the first one runs.
        sizes = (1, 3, rng.randint(4, 6), 9)
        pools = [AdaptiveConcatPool2d(size=size) for size in sizes]
        for size, pool in zip(sizes, pools, strict=True):
            x = batch(rng, 2, rng.randint(2, 6), 7, 8)
            expect_close(
                pool(x),
                both(x, size),
                "another size",
                cause="size is lost, or does not belong to the object: self.size, or layers made in "
                "__init__",
                tolerance=1e-4,
                look="how adaptive pools of PyTorch use their argument",
            )
    with hidden("the way back, for another size"):
        x = batch(rng, 2, 3, 4, 5)
        expect_way_back(pools[1], lambda x: both(x, 3), x, "AdaptiveConcatPool2d(3)")
    ### END HIDDEN TESTS

# %% tags=["only-shows", "raises-exception"]
once_answered(
    lambda: anatomy(
        nn.Sequential(AdaptiveConcatPool2d(), nn.Flatten(), nn.Linear(1024, 10)), (2, 512, 7, 7)
    )
)

# %% [markdown]
# ## 3. Brick 2: `Flatten()` · 3 points
#
# **What.** A module that keeps the batch and puts everything else into one row: (N, 1024, 1, 1) becomes (N, 1024), and (N, 3, 4, 5) becomes (N, 60).
#
# ```
#   (N, 1024, 1, 1)  ─▶  (N, 1024)
#   (N, 3, 4, 5)     ─▶  (N, 60)
#   (1, 1024, 1, 1)  ─▶  (1, 1024)     a batch of one is still a batch
# ```
#
# **Why it matters.** `x.squeeze()` looks as if it does the same, and passes every quick test. **Predict** the two shapes:

# %% tags=["only-shows"]
for n in (4, 1):
    x = torch.randn(n, 1024, 1, 1)
    print(tuple(x.shape), "squeeze ->", tuple(x.squeeze().shape))

# %% [markdown]
# <details><summary><b>Explain</b> (open it when the output is there)</summary>
#
# `squeeze` removes *every* dimension of length one, the batch too if it holds one picture. The model then works in training, and on the test set, until the last batch has one
# picture in it, or somebody predicts a single photo.
#
# </details>
#
# Use what `torch` offers for tensors, but not the finished layers `nn.Flatten` and fastai's `Flatten`.


# %% nbgrader={"grade": false, "grade_id": "Flatten", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Flatten(nn.Module):
    """(N, ...) -> (N, features): everything but the batch in one row."""

    def forward(self, x):
        ### BEGIN SOLUTION
        return x.reshape(x.shape[0], -1)
        ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1 (a nudge)</summary>Say what stays (the first dimension) rather than what goes.</details>
# <details><summary>Hint 2 (stronger)</summary><code>reshape</code> takes the new lengths; one of them may be -1, which means "whatever is left". Or <code>flatten</code>, told where to start.</details>
# <details><summary>Hint 3 (nearly the line)</summary><code>x.reshape(x.shape[0], …)</code>, or <code>x.flatten(…)</code> with the number of the first dimension that goes.</details>

# %% nbgrader={"grade": true, "grade_id": "test_Flatten", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("Flatten", write_it_yourself=["fastai.layers.Flatten", "torch.nn.Flatten"]):
    flatten = Flatten()
    expect(
        isinstance(flatten, nn.Module),
        "Flatten() is a module",
        got=flatten if flatten is not None else "None",
        cause="a class becomes a module by what stands in its brackets: class Flatten(nn.Module)",
    )
    x = torch.arange(2.0 * 3 * 4 * 5).reshape(2, 3, 4, 5)
    expect_shape(
        flatten(x),
        (2, 60),
        "the output for an input of shape (2, 3, 4, 5)",
        mistakes={
            (120,): "the batch must stay: the pictures may not be mixed",
            (2, 3, 4, 5): "nothing has length one here, so squeeze removes nothing",
            (2, 3, 20): "everything but the batch goes into one row, the channels too",
            (6, 20): "only the first dimension stays",
            (3, 40): "the batch is dimension 0, dimension 1 are the channels",
            (2, 3): "nothing may be lost: there are 60 numbers for each picture",
        },
        look="the three lines of the drawing",
    )
    expect_close(flatten(x), torch.arange(120.0).reshape(2, 60), "the numbers stay in their order")
    ### BEGIN HIDDEN TESTS
    rng = draw("Flatten")
    with hidden("a batch of one, in eval mode and in train mode"):
        for train in (False, True):
            flatten.train(train)
            for shape in [(1, rng.randint(2, 9), 1, 1), (1, 1, 1, 1), (1, 2, 3, 1)]:
                x = batch(rng, *shape)
                expect_close(
                    flatten(x),
                    x.reshape(1, -1),
                    "a batch of one",
                    cause="a batch of one picture loses its batch dimension",
                    look="the third line of the drawing",
                )
    with hidden("inputs with more or fewer dimensions"):
        n = rng.randint(2, 5)
        for x in (batch(rng, n, 7), batch(rng, n, 2, 3), batch(rng, n, 2, 3, 2, 2)):
            expect_close(
                Flatten()(x),
                x.reshape(n, -1),
                "another number of dimensions",
                look="(N, ...) in the docstring",
            )
    with hidden("the way back, in train and in eval mode, for float32 and float64"):
        for train in (True, False):
            x = batch(rng, n, 2, 3)
            expect_way_back(
                Flatten().train(train),
                lambda x: x.reshape(n, -1),
                x if train else x.double(),
                "Flatten",
            )
        expect_nothing_to_learn(flatten, "Flatten")
    ### END HIDDEN TESTS

# %% [markdown]
# ## 4. Predict, run, explain: BatchNorm and Dropout, in training and in use
#
# Two layers of the next brick behave differently in training (`train()`) and in evaluation (`eval()`). **Predict** for each of the four lines: are the printed numbers 0, are they 1, or something else?

# %% tags=["only-shows"]
torch.manual_seed(0)
drop, norm = nn.Dropout(0.25), nn.BatchNorm1d(4)
ones, x = torch.ones(1, 8), 5 + 2 * torch.randn(16, 4)
print("Dropout   train:", [round(v, 2) for v in drop.train()(ones)[0].tolist()])
print("Dropout   eval: ", drop.eval()(ones)[0].tolist())
with torch.no_grad():
    print("BatchNorm train: mean", [abs(round(v, 2)) for v in norm.train()(x).mean(0).tolist()])
    print("BatchNorm eval:  mean", [round(v, 2) for v in norm.eval()(x).mean(0).tolist()])

# %% [markdown]
# <details><summary><b>Explain</b> (open it when the output is there)</summary>
#
# Dropout in training puts a quarter of the numbers to 0 and makes the others larger by 1/0.75, so that the sum stays the same on average. In evaluation it does nothing.
# BatchNorm in training uses mean and spread of *this batch*, so what comes out has mean 0. In evaluation it uses the running mean and variance it has gathered so far
# ([its statistics](../../docs/glossary.md#batchnorm-statistics)). After a single batch these have moved only a tenth of the way from their start (0 and 1), so the mean is still far from 0.
#
# </details>
#
# ## 5. Brick 3: `lin_bn_drop` · 11 points
#
# **What.** A function that makes one block of a head, in one of two orders:
#
# ```
#   lin_first=False (default)                  lin_first=True
#
#   (N, n_in)                                  (N, n_in)
#      │ BatchNorm1d(n_in)   if bn                │ Linear(n_in -> n_out)
#      │ Dropout(p)          if p is not 0        │ act                 if given
#      │ Linear(n_in -> n_out)                    │ BatchNorm1d(n_out)  if bn
#      │ act                 if given             │ Dropout(p)          if p is not 0
#   (N, n_out)                                 (N, n_out)
# ```
#
# - The Linear has a bias **only if there is no BatchNorm**: `bias = not bn`. (The shift of the BatchNorm does that job already. Lesson 05 shows it with numbers.)
# - `p == 0` means no Dropout layer at all, not a `Dropout(0)`.
# - `act` is a module such as `nn.ReLU()`, or None.
#
# **Why it matters.** In fastai this brick is the class `LinBnDrop`, and both the vision heads and the models for tables are made of it: the first in the left order, the second in the right one.
# Width and place of the BatchNorm are what people get wrong: before the Linear it is `n_in` wide, after it `n_out`.
#
# Use `nn.Linear`, `nn.BatchNorm1d`, `nn.Dropout`; not fastai's finished `LinBnDrop`.


# %% nbgrader={"grade": false, "grade_id": "lin_bn_drop", "locked": false, "schema_version": 3, "solution": true, "task": false}
def lin_bn_drop(n_in, n_out, bn=True, p=0.0, act=None, lin_first=False):
    """One block of a head, (N, n_in) -> (N, n_out), as an nn.Sequential."""
    ### BEGIN SOLUTION
    before = [nn.BatchNorm1d(n_out if lin_first else n_in)] if bn else []
    if p != 0:  # audit: equivalent [comparison]: no dropout is negative
        before.append(nn.Dropout(p))
    linear = [nn.Linear(n_in, n_out, bias=not bn)]
    if act is not None:  # audit: equivalent [truth instead of None]: a false module is an empty one
        linear.append(act)
    return nn.Sequential(*linear, *before) if lin_first else nn.Sequential(*before, *linear)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1 (a nudge)</summary>Both orders are made of the same two pairs: BatchNorm with Dropout, and Linear with act. Only the pairs change places.</details>
# <details><summary>Hint 2 (stronger)</summary>Make two lists, <code>norm_drop</code> and <code>lin_act</code>, filled with <code>if</code>s. At the end join them in one order or the other. How wide is the BatchNorm in each?</details>
# <details><summary>Hint 3 (nearly the line)</summary><code>norm_drop = [nn.BatchNorm1d(n_out if lin_first else n_in)] if bn else []</code>; <code>if p != 0: …</code>;
# <code>lin_act = [nn.Linear(n_in, n_out, bias=not bn)]</code>; <code>if act is not None: …</code>; <code>return nn.Sequential(*…, *…)</code></details>

# %% nbgrader={"grade": true, "grade_id": "test_lin_bn_drop", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking(
    "lin_bn_drop", write_it_yourself=["fastai.layers.LinBnDrop"], step="the default block"
):
    wanted = nn.Sequential(
        nn.BatchNorm1d(8), nn.Dropout(0.25), nn.Linear(8, 4, bias=False), nn.ReLU()
    )
    expect_same_function(
        lin_bn_drop(8, 4, p=0.25, act=nn.ReLU()),
        wanted,
        [torch.randn(6, 8)],
        checked="lin_bn_drop(8, 4, p=0.25, act=nn.ReLU())",
    )
    ### BEGIN HIDDEN TESTS
    rng = draw("lin_bn_drop")
    with hidden("other widths and dropouts"):
        wide, narrow = rng.randint(5, 12), rng.randint(2, 4)
        for n_in, n_out, p in ((wide, narrow, 0.85), (narrow, wide, 0.03)):
            wanted = nn.Sequential(
                nn.BatchNorm1d(n_in), nn.Dropout(p), nn.Linear(n_in, n_out, bias=False), nn.ReLU()
            )
            block, another = (lin_bn_drop(n_in, n_out, True, p, nn.ReLU()) for _ in range(2))
            expect_new_block(block, another, "other widths")
            # (In small numbers another eps of BatchNorm shows.)
            small = 0.02 * batch(rng, 6, n_in)
            expect_same_function(block, wanted, [small, 50 * small], checked="other widths")
    with hidden("two blocks of the same widths"):
        expect_separate(
            [lin_bn_drop(wide, narrow) for _ in range(2)], "the weights of two new blocks"
        )
    ### END HIDDEN TESTS

# %% [markdown]
# The options `bn`, `p` and `act`:

# %% nbgrader={"grade": true, "grade_id": "test_lin_bn_drop_options", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("lin_bn_drop", write_it_yourself=["fastai.layers.LinBnDrop"], step="bn, p, act"):
    expect_same_function(
        lin_bn_drop(8, 4, bn=False, p=0.25),
        nn.Sequential(nn.Dropout(0.25), nn.Linear(8, 4)),
        [torch.randn(6, 8)],
        checked="lin_bn_drop(8, 4, bn=False, p=0.25)",
    )
    zeros = [layer for layer in lin_bn_drop(8, 4).modules() if isinstance(layer, nn.Dropout)]
    expect(
        not zeros,
        "lin_bn_drop(8, 4): no Dropout layer when p is 0",
        got=", ".join(str(layer) for layer in zeros),
        expected="BatchNorm1d, Linear",
        look="the second rule under the drawing",
    )
    ### BEGIN HIDDEN TESTS
    rng = draw("lin_bn_drop options")
    n_in, n_out = rng.randint(5, 12), rng.randint(2, 4)
    small, slope = 0.02 * batch(rng, 6, n_in), rng.uniform(0.2, 0.7)
    tries = [
        ("no BatchNorm", dict(bn=False), [nn.Linear(n_in, n_out)]),
        (
            "no BatchNorm, with act",
            dict(bn=False, act=nn.ReLU()),
            [nn.Linear(n_in, n_out), nn.ReLU()],
        ),
        (
            "no BatchNorm, with Dropout and act",
            dict(bn=False, p=0.3, act=nn.ReLU()),
            [nn.Dropout(0.3), nn.Linear(n_in, n_out), nn.ReLU()],
        ),
        (
            "no act",
            dict(p=0.3),
            [nn.BatchNorm1d(n_in), nn.Dropout(0.3), nn.Linear(n_in, n_out, bias=False)],
        ),
        (
            "neither Dropout nor act",
            dict(),
            [nn.BatchNorm1d(n_in), nn.Linear(n_in, n_out, bias=False)],
        ),
        (
            "an act with a setting of its own",
            dict(act=nn.LeakyReLU(slope)),
            [nn.BatchNorm1d(n_in), nn.Linear(n_in, n_out, bias=False), nn.LeakyReLU(slope)],
        ),
        (
            "another act",
            dict(act=nn.Tanh()),
            [nn.BatchNorm1d(n_in), nn.Linear(n_in, n_out, bias=False), nn.Tanh()],
        ),
    ]
    for what, options, layers in tries:
        with hidden(f"options alone and together: {what}"):
            block, another = (lin_bn_drop(n_in, n_out, **options) for _ in range(2))
            expect_new_block(block, another, what)
            x = [small, 50 * small]
            expect_same_function(block, nn.Sequential(*layers), x, checked=what)
            expect(
                not has_empty_dropout(block),
                what,
                cause="where p is 0 there is a Dropout(0), beside some of the other options",
                look="the second rule under the drawing",
            )
    with hidden("two blocks without BatchNorm, of the same widths"):
        expect_separate(
            [lin_bn_drop(n_in, n_out, bn=False) for _ in range(2)], "the weights of two new blocks"
        )
    ### END HIDDEN TESTS

# %% [markdown]
# And `lin_first`:

# %% nbgrader={"grade": true, "grade_id": "test_lin_bn_drop_lin_first", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("lin_bn_drop", write_it_yourself=["fastai.layers.LinBnDrop"], step="lin_first"):
    expect_same_function(
        lin_bn_drop(8, 4, p=0.25, act=nn.ReLU(), lin_first=True),
        nn.Sequential(nn.Linear(8, 4, bias=False), nn.ReLU(), nn.BatchNorm1d(4), nn.Dropout(0.25)),
        [torch.randn(6, 8)],
        checked="lin_bn_drop(8, 4, p=0.25, act=nn.ReLU(), lin_first=True)",
    )
    ### BEGIN HIDDEN TESTS
    rng = draw("lin_bn_drop lin_first")

    def lin_first_block(n_in, n_out, bn, p, act):
        layers = [nn.Linear(n_in, n_out, bias=not bn)]
        layers += [act] if act is not None else []
        layers += [nn.BatchNorm1d(n_out)] if bn else []
        layers += [nn.Dropout(p)] if p else []
        return nn.Sequential(*layers)

    for bn, p, acts, wider in [
        (True, 0.3, 1, 0),
        (True, 0, 1, 1),
        (False, 0.3, 1, 0),
        (True, 0.3, 0, 1),
        (True, 0, 0, 0),
        (False, 0, 1, 1),
        (False, 0.3, 0, 1),
        (False, 0, 0, 0),
    ]:
        with hidden("lin_first together with the other options"):
            n_in, n_out = rng.randint(5, 12), rng.randint(2, 4)
            if wider:
                n_in, n_out = n_out, n_in
            act = nn.ReLU() if acts else None
            block, another = (
                lin_bn_drop(n_in, n_out, bn=bn, p=p, act=act, lin_first=True) for _ in range(2)
            )
            expect_new_block(block, another, "lin_first with options")
            wanted, small = lin_first_block(n_in, n_out, bn, p, act), 0.02 * batch(rng, 6, n_in)
            expect_same_function(
                block, wanted, [small, 50 * small], checked="lin_first with options"
            )
            expect(
                not has_empty_dropout(block),
                "lin_first with options",
                cause="where p is 0 there is a Dropout(0)",
                look="the second rule under the drawing: it holds for both orders",
            )
    with hidden("two blocks with lin_first, of the same widths"):
        for bn in (True, False):
            expect_separate(
                [lin_bn_drop(7, 3, bn=bn, lin_first=True) for _ in range(2)],
                "the weights of two new blocks",
            )
    ### END HIDDEN TESTS

# %% [markdown]
# Green? Then your three bricks make a head. This is the one that `vision_learner` puts on a resnet18 for 10 classes, and lesson 05 is about it:


# %% tags=["only-shows", "raises-exception"]
def my_head():
    return nn.Sequential(
        AdaptiveConcatPool2d(),
        Flatten(),
        lin_bn_drop(1024, 512, p=0.25, act=nn.ReLU()),
        lin_bn_drop(512, 10, p=0.5),
    )


once_answered(lambda: anatomy(my_head(), (2, 512, 7, 7)))

# %% [markdown]
# **One last prediction.** Give it maps of 3 by 5 instead of 7 by 7. Which of its shapes change?

# %% tags=["only-shows", "raises-exception"]
once_answered(lambda: anatomy(my_head(), (2, 512, 3, 5)))

# %% [markdown]
# ---
# ## You can now
# - make one vector out of maps of any size, with maximum and average, in fastai's order;
# - flatten without losing a batch of one;
# - build the block every fastai head is made of, in both orders, and say when its Linear has a bias.
#
# **Exit questions** (answer in your head)
# 1. A body delivers 256 channels. How many numbers does the first Linear of the head take, with concat pool and with average pool?
# 2. A block is `Linear(8 -> 4), ReLU, BatchNorm1d(4), Dropout(0.5)`. Which call of `lin_bn_drop` made it? Has the Linear a bias?
# 3. Why does a head give different answers for the same picture as long as nobody has called `eval()`?
#
# **Before you hand in** Kernel > Restart Kernel and Run All Cells, then save, and run the last cell: it says what is missing, or which file to hand in. Unanswered exercises do not stop it.
#
# **Previous** [03 · Counting features](../03-counting-features/03-counting-features.ipynb) · **Next** [05 · create_head](../05-create-head/05-create-head.ipynb): the bricks become the function that answers "how many layers get added?"
#
# Words: [glossary](../../docs/glossary.md). [Answers to the exit questions](../../docs/exit-questions.md).

# %% tags=["only-shows"]
# What is done, and may it be handed in? Save the notebook first, then run this cell.
from headcheck import progress

progress()
