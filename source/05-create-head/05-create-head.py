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
# # 05 · create_head
#
# **The question.** The beginner of lesson 01 asked: fastai "adds one or more layers to the end. **How do we know how many
# layers get added**, and is that even an important question?" Today you answer both: you write the function
# that adds them, and then a formula that says how many there are, for any options.
#
# **You will be able to**
# - write `create_head`, the function that makes the head of every `vision_learner`, with all its options;
# - say for every layer of it what it is for, and what goes wrong without it;
# - predict the number of layers and of parameters of any head, before it exists.
#
# **Time** 2 to 2½ hours (about 25 minutes of them reading), a good place for a break is after step 4 · **Difficulty** ●●●○ · **Before this** [04 · Bricks](../04-bricks/04-bricks.ipynb): the ideas, not your code. The bricks come from fastai here.
#
# Words you do not know are in the [glossary](../../docs/glossary.md): [head](../../docs/glossary.md#head), [nf](../../docs/glossary.md#nf), [leaf layer](../../docs/glossary.md#leaf-layer).
#
# **How this lesson is built.** Two halves. In the first you write the default head and its usual options (steps 1 to 4), in the second the rarer options (steps 5 to 8), then two
# formulas. One function, eight small steps. You write the default head literally, then a loop, then one option at a
# time. After each step you go *back to the same cell*, add a line or two, run it, and come back to the next check. A step you skip
# costs its own points and those of the last check ("everything together"), and step 6 also tries the `bn_final` of step 4. Step 1 is in every head: make it green first.

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
from itertools import cycle, product, zip_longest

warnings.filterwarnings("ignore", "`torch.jit.script` is deprecated")  # fastai 2.8 still uses it

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from fastai.layers import AdaptiveConcatPool2d, Flatten, LinBnDrop, SigmoidRange
from fastai.vision.learner import create_head as fastai_head
from fastai.vision.learner import create_vision_model
from sklearn.datasets import load_digits
from torch import nn
from torchvision.models import resnet18

from headcheck import (
    anatomy,
    call_each,
    checking,
    draw,
    expect,
    expect_equal,
    expect_head,
    expect_output,
    expect_separate,
    hidden,
    once_answered,
    show_figure,
)

# Writing this function is the exercise, so it raises while an answer is checked.
FINISHED = ["fastai.vision.learner.create_head"]
# A number of layers is asked from a formula: building the head and counting is not one.
BUILDING = [
    *FINISHED,
    "torch.nn.Linear",
    "torch.nn.Dropout",
    "torch.nn.BatchNorm1d",
    "torch.nn.ReLU",
]
A_HEAD_WAS_BUILT = (
    "the answer built a head (or a layer of one) to look at it: here the number comes from a formula, "
    "from the arguments alone"
)


def names(head):
    """The layers of a head as short texts, in order."""
    texts = []
    for layer in head:
        if isinstance(layer, nn.Linear):
            bias = "" if layer.bias is not None else ", no bias"
            texts.append(f"Linear({layer.in_features} -> {layer.out_features}{bias})")
        elif isinstance(layer, nn.BatchNorm1d):
            texts.append(f"BatchNorm1d({layer.num_features})")
        elif isinstance(layer, nn.Dropout):
            texts.append(f"Dropout({layer.p:g})")
        else:
            texts.append(type(layer).__name__)
    return texts


def fresh(options):
    """The same options with copies of the lists, so that a change of one call is not seen by the next."""
    return {
        name: list(value) if isinstance(value, list) else value for name, value in options.items()
    }


def one_switched():
    """The options that are on or off, as usual but for one: each in turn, in the signature's order."""
    usual = dict(pool=True, concat_pool=True, first_bn=True, bn_final=False, lin_first=False)
    for name, value in usual.items():
        yield usual | {name: not value}


def expect_as_made(head):
    """That a head can be trained, and that its layers are as they are when they are made."""
    look = "step 1: the head is new"
    expect(
        all(m.training for m in head.modules()) and all(p.requires_grad for p in head.parameters()),
        "create_head",
        cause="a layer of the new head is frozen, or in eval mode",
        look=look,
    )
    expect(
        all(len(p.unique()) > 1 for p in head.parameters() if p.dim() > 1 and p.numel() > 1),
        "create_head",
        cause="all weights of a Linear were set to one number: what is equal stays equal in training",
        look=look,
    )
    counters = [b for name, b in head.named_buffers() if name.endswith("num_batches_tracked")]
    expect(
        not any(int(count) for count in counters),
        "create_head",
        cause="something ran through the head in train mode, and BatchNorm's statistics have moved: "
        "to try it out, make another one",
        look=look,
    )
    new = {"running_mean": 0, "running_var": 1}
    expect(
        all(
            bool((b == new[name.rpartition(".")[2]]).all())
            for name, b in head.named_buffers()
            if name.rpartition(".")[2] in new
        ),
        "create_head",
        cause="BatchNorm's statistics are not those of a new layer, mean 0 and variance 1",
        look=look,
    )
    norms = [m for m in head.modules() if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d))]
    expect(
        not any(  # fastai's own begins with a bias of 0.001
            bool((m.weight != 1).any()) or float(m.bias.detach().abs().max()) > 0.01
            for m in norms
            if m.affine
        ),
        "create_head",
        cause="the weight of a new BatchNorm is 1 and its bias 0: they were set to other numbers",
        look=look,
    )


def expect_new(head, another, *shape):
    """That a head is as its layers are when they are made, and what it says at first is nothing special.

    `another` is one more of the same options, `shape` that of the features which both take.
    """
    look = "step 1: the head is new"
    expect_as_made(head)
    weights = zip(head.parameters(), another.parameters(), strict=False)
    expect(
        not any(
            one is not other and torch.equal(one, other) for one, other in weights if one.dim() > 1
        ),
        "create_head",
        cause="two new heads have the same weights: a seed is set in the function",
        look=look,
    )
    head.eval()
    scores = head(torch.randn(16, *shape))
    head.train()  # heads may share a ReLU, and the next one is new
    expect(
        scores.requires_grad,
        "create_head",
        cause="in eval mode no gradient arrives: no_grad() or detach() in forward. Whether gradients are "
        "wanted is for the caller to say",
        look="the drawing: no step of it cuts the way back",
    )
    expect(
        bool((scores.amax(0) > scores.amin(0)).all()) and float(scores.detach().abs().max()) < 1000,
        "create_head",
        cause="a new head says the same of every picture, or numbers in the thousands: its weights "
        "were set to what no new layer has",
        look=look,
    )


def side_by_side(**heads):
    """Print heads next to each other, one column each."""
    columns = [[title, "-" * len(title), *names(head)] for title, head in heads.items()]
    for row in zip_longest(*columns, fillvalue=""):
        print("".join(text.ljust(36) for text in row).rstrip())


torch.manual_seed(0)
print("ready")

# %% [markdown]
# ## 1. Predict, run, explain: what is added?
#
# **Predict.** fastai takes a resnet18, cuts it, and puts a new head on for 10 classes. The old head of the resnet was one pool and one
# `Linear`. Write down (on paper, it is only for you): how many entries will the new head have? How many of them have weights?
# How many parameters, roughly: 5 thousand, 50 thousand, 500 thousand?

# %% tags=["only-shows"]
model = create_vision_model(resnet18, n_out=10, pretrained=False)
anatomy(model, (1, 3, 224, 224))

# %% tags=["only-shows"]
body, head = model
print(f"{len(head)} entries, {sum(p.numel() for p in head.parameters()):,} parameters\n")
print("\n".join(names(head)))

# %% [markdown]
# <details><summary><b>Explain</b> (open it when the output is there)</summary>
#
# Nine entries, 532,480 parameters, for a job that *one* `Linear(512 -> 10)` with 5,130 parameters could do.
#
# </details>
#
# Every body gets this
# design. Only the width changes. Here it is with the shape of the data after every step, for a batch of N images:
#
# ```
#                                    (N, 512, 7, 7)   from the body: nf = 512 maps
#   AdaptiveConcatPool2d             (N, 1024, 1, 1)  maximum and average of each map
#   Flatten                          (N, 1024)        a plain vector per image
#  ┌ BatchNorm1d(1024)               (N, 1024)        all features on one scale
#  │ Dropout(0.25)                   (N, 1024)        in training: forget a quarter
#  │ Linear(1024 -> 512, no bias)    (N, 512)         mix them
#  └ ReLU                            (N, 512)         keep the positive
#  ┌ BatchNorm1d(512)                (N, 512)
#  │ Dropout(0.5)                    (N, 512)         in training: forget half
#  └ Linear(512 -> 10, no bias)      (N, 10)          one score per class
# ```
#
# Two **blocks** with the same pattern, *BatchNorm, Dropout, Linear*, and a ReLU between them (without it, two Linears are no more than one). Lesson 04 called such a block `LinBnDrop`. Everything
# that follows is this pattern, repeated and varied.
#
# Why two `Linear` and not one? fastai's authors say so in their book ([chapter 15 of *fastbook*](https://github.com/fastai/fastbook/blob/master/15_arch_details.ipynb)): one linear layer is often not enough when the
# new pictures are far from the old ones, and two have worked well in many cases. It is a choice made by people from experience, not a law: in
# section 6 you train heads with one, two and three of them and see what it changes.
# And there is **no softmax** at the end: the scores go to the loss function as they are, and `CrossEntropyLoss` has the softmax inside.

# %% [markdown]
# <a id="the-cell"></a>
# ## 2. Your cell
#
# **Step 1 (3 points): the default head, literally.** Make `create_head(nf, n_out)` return the nine layers above, with `nf` and `n_out` in the right
# places. Ignore all other options for now: they come one at a time, and you will return to this cell for each.
#
# You may use `nn.Sequential`, `nn.Linear`, `nn.Dropout`, `nn.ReLU`, `nn.BatchNorm1d`, and the bricks `AdaptiveConcatPool2d`, `Flatten`, `LinBnDrop`,
# `SigmoidRange` of fastai. Any style is right: flat, nested, a class of your own with a `forward`, your own bricks. Use `nn.Linear` and `nn.Dropout` for what they
# do, rather than your own matrix product or your own random numbers. What you may not use is fastai's finished `create_head`.
# The head is **new**: its weights are random, in train mode it can learn, and nothing has run through it.
#
# **Why it matters.** The fastai line you are about to replace ([learner.py](https://github.com/fastai/fastai/blob/main/fastai/vision/learner.py)) is
# `if pool and concat_pool: nf *= 2`. In 2020 it was not there: whoever called `create_head` had to double `nf` first, and who did not know
# it met an error deep inside BatchNorm ([fastai#3113](https://github.com/fastai/fastai/issues/3113)). Then it was added, and programs that still doubled
# did it twice: *"running_mean should contain 2816 elements not 5632"* ([fastai#3134](https://github.com/fastai/fastai/issues/3134)). One line, two issues, and a
# [correction in the book](https://github.com/fastai/fastbook/pull/383).
#
# The signature is final and has all options of fastai. Keep it.


# %% nbgrader={"grade": false, "grade_id": "create_head", "locked": false, "schema_version": 3, "solution": true, "task": false}
def create_head(
    nf,  # feature maps the body delivers
    n_out,  # numbers the head delivers, one per class
    lin_ftrs=None,  # widths of the hidden layers; None: one of 512; []: none
    ps=0.5,  # dropout: one number, or one per Linear
    pool=True,  # start with a pool and Flatten
    concat_pool=True,  # the pool takes maximum and average, not the average alone
    first_bn=True,  # BatchNorm before (lin_first: after) the first Linear
    bn_final=False,  # BatchNorm after the last Linear
    lin_first=False,  # order within a block: Linear, ReLU, BatchNorm, Dropout
    y_range=None,  # (low, high): squeeze the outputs into this range
):
    """The head fastai puts on a body: (N, nf, H, W) -> (N, n_out), as an nn.Module."""
    ### BEGIN SOLUTION
    # audit: equivalent [concat_pool = True]: without a pool, concat_pool has nothing to say
    # audit: equivalent [call dropped]: the list is read, and nothing is added to it
    hidden_widths = [512] if lin_ftrs is None else list(lin_ftrs)
    # audit: equivalent [twice]: it is read from its beginning, and its last number stays the last
    widths = [nf * 2 if pool and concat_pool else nf, *hidden_widths]

    # audit: equivalent [call dropped]: what is added to it below makes a new list
    ps = [ps] if isinstance(ps, int | float) else list(ps)
    # audit: equivalent [comparison]: a list of no dropouts means nothing, and nobody asks for it
    if len(ps) == 1:
        # audit: equivalent [ps[-1]]: there is one number
        # audit: equivalent [* len(hidden_widths))[::-1]]: they are equal
        # audit: equivalent [twice]: it is read from its beginning, and its last number stays the last
        ps = [ps[0] / 2] * len(hidden_widths) + ps

    layers = []
    if pool:
        # audit: equivalent [assigned instead of added]: there is nothing in it yet
        layers += [AdaptiveConcatPool2d() if concat_pool else nn.AdaptiveAvgPool2d(1), Flatten()]
    if lin_first:
        layers.append(nn.Dropout(ps[0]))
    for i, width in enumerate(hidden_widths):
        bn, p = first_bn or i > 0, ps[i + 1] if lin_first else ps[i]
        layers += LinBnDrop(widths[i], width, bn, p, nn.ReLU(), lin_first)
    if lin_first:
        layers.append(nn.Linear(widths[-1], n_out))
    else:
        layers += LinBnDrop(widths[-1], n_out, first_bn or len(hidden_widths) > 0, ps[-1])
    if bn_final:
        layers.append(nn.BatchNorm1d(n_out, momentum=0.01))
    # audit: equivalent [truth instead of None]: a range is two numbers, and so it counts as true
    if y_range is not None:
        layers.append(SigmoidRange(*y_range))
    return nn.Sequential(*layers)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1 (a nudge)</summary>Write the nine lines of the drawing as nine arguments of <code>nn.Sequential</code>. Two numbers of the
# drawing depend on <code>nf</code>, one on <code>n_out</code>, the others stay.</details>
# <details><summary>Hint 2 (stronger)</summary>512 stands for two different things in the drawing. For a resnet18 <code>nf</code> happens to be 512 as well: the
# BatchNorm and the first Linear take <code>2 * nf</code> numbers, but the hidden width is 512 for every body. And look at the words "no bias".</details>
# <details><summary>Hint 3 (nearly the line)</summary><code>nn.Sequential(AdaptiveConcatPool2d(), Flatten(), nn.BatchNorm1d(2 * nf), nn.Dropout(0.25),
# nn.Linear(2 * nf, 512, bias=False), nn.ReLU(), …)</code>, and three more for the second block. Or two <code>LinBnDrop(…)</code>.</details>
#
# Later you come back here from every step. The way on: step [2](#step-2) · [3](#step-3) · [4](#step-4) · [5](#step-5) ·
# [6](#step-6) · [7](#step-7) · [8](#step-8)

# %% nbgrader={"grade": true, "grade_id": "test_create_head", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("create_head", write_it_yourself=FINISHED, step="step 1: the default head"):
    expect_head(create_head(16, 3), nf=16, n_out=3)
    ### BEGIN HIDDEN TESTS
    rng = draw("create_head")
    with hidden("the default head for other bodies and other numbers of classes"):
        for n_out in (rng.randint(2, 9), 1):
            nf = rng.randint(3, 40)
            expect_head(create_head(nf, n_out), nf=nf, n_out=n_out)
    with hidden("feature maps of other sizes, and a batch of one"):
        nf, n_out = rng.randint(3, 40), rng.randint(2, 9)
        head = create_head(nf, n_out)
        for shape in [(1, nf, 7, 7), (2, nf, 1, 1), (1, nf, 3, 5), (2, nf, 10, 10)]:
            expect_output(head, shape, (shape[0], n_out))
    with hidden("a new head that is ready to be trained"):
        expect_new(create_head(8, n_out), create_head(8, n_out), 8, 5, 5)
    with hidden("a body with more features than 512, for more classes than that"):
        nf, n_out = rng.randint(520, 600), rng.randint(1300, 1400)
        expect_head(create_head(nf, n_out), nf=nf, n_out=n_out)
    ### END HIDDEN TESTS

# %% [markdown]
# Look at yours, on the body of section 1.

# %% tags=["only-shows", "raises-exception"]
once_answered(lambda: anatomy(nn.Sequential(body, create_head(512, 10)), (1, 3, 224, 224)))

# %% [markdown]
# ## 3. Predict, run, explain: why no bias?
#
# A `Linear` normally computes `W·x + b`. In this head the `b` is missing, in both of them. **Predict**: what can the head *not* learn any more?
#
# The cell below takes a BatchNorm followed by a Linear without bias. It wants the outputs shifted by some random `b`, and it may only touch
# the BatchNorm's own shift, usually called β. How close will it get?

# %% tags=["only-shows"]
torch.manual_seed(1)
pair = nn.Sequential(nn.BatchNorm1d(64), nn.Linear(64, 10, bias=False)).eval()
features, wish = torch.randn(32, 64), torch.randn(10)
with torch.no_grad():
    with_bias = pair(features) + wish
    pair[0].bias += torch.linalg.pinv(pair[1].weight) @ wish  # solve: weight @ shift = wish
    print("largest difference:", (pair(features) - with_bias).abs().max().item())

# %% [markdown]
# <details><summary><b>Explain</b> (open it when the output is there)</summary>
#
# It gets there up to rounding. BatchNorm ends with "times γ plus β", and the Linear carries β along:
# `W·(γ·x + β) = W·γ·x + W·β`. The term `W·β` acts as a bias.
#
# </details>
#
# **For which Linear?** With 64 numbers of β one can reach any 10 shifts, but not any 1000. And between BatchNorm and Linear there is a Dropout, which
# in training drops a part of β, too. **Predict** both before you run: a Linear from 64 to 1000, and the ten outputs again, with a Dropout(0.5) at work.

# %% tags=["only-shows"]
torch.manual_seed(1)


def closest(n_in, n_out):
    """How far `W·β` stays away from a random bias, relative to the size of that bias."""
    weight, bias = nn.Linear(n_in, n_out, bias=False).weight.detach(), torch.randn(n_out)
    return ((weight @ (torch.linalg.pinv(weight) @ bias) - bias).norm() / bias.norm()).item()


for n_in, n_out in [(64, 10), (64, 1000), (1024, 512), (512, 10), (512, 1000)]:
    print(f"Linear({n_in:4} -> {n_out:4}): {closest(n_in, n_out):4.0%} of the bias is out of reach")

shift = nn.Dropout(0.5)(pair[0].bias.detach().expand(1000, -1)) @ pair[1].weight.detach().T
print(f"\nwith Dropout(0.5) the shift moves by ±{shift.std(0).mean():.2f} from picture to picture")
print(f"the shift itself has the size           {shift.mean(0).abs().mean():.2f}")

# %% [markdown]
# <details><summary><b>Explain</b> (open it when the output is there)</summary>
#
# As long as a Linear has no more outputs than inputs, β can do the work of a bias, and a bias beside it would say
# nothing new. Both Linears of the default head are of this kind, up to 512 classes. With 1000 classes the last one is not: there the head can shift
# its scores only in 512 directions. And in training, Dropout makes this bias noisy; when the model is used (eval mode), it is exact.
#
# </details>
#
# fastai has one rule for every block, whatever the widths: **`bias = not bn`**. A Linear with a BatchNorm in its block has no bias, a Linear without one has.
#
# Remember the rule as a rule. It comes back in steps 4 and 5, where some blocks lose their BatchNorm.

# %% [markdown]
# <a id="step-2"></a>
# ## Step 2: hidden layers and dropout (`lin_ftrs`, `ps`) · 3 points
#
# **What.** Go [back to your cell](#the-cell) and make two numbers into lists.
#
# - `lin_ftrs` are the widths of the hidden layers. `None` means `[512]`. `[256, 128]` means two hidden layers, so three blocks.
#   **`[]` means no hidden layer**: one block only, and it goes straight to `n_out`.
# - `ps` is the dropout. One number `p` (or a list with one number) means: **`p` before the last Linear, `p/2` before all others**. A longer list
#   gives every Linear its own, in order. The list then has one number more than `lin_ftrs`.
# - Where the dropout is 0 there is no Dropout layer (not even a `Dropout(0)`).
#
# ```
#   lin_ftrs=[256, 128], ps=0.5
#
#   2nf ──▶ BatchNorm · Dropout 0.25 · Linear ──▶ 256 · ReLU
#   256 ──▶ BatchNorm · Dropout 0.25 · Linear ──▶ 128 · ReLU
#   128 ──▶ BatchNorm · Dropout 0.5  · Linear ──▶ n_out   (no ReLU: scores may be negative)
# ```
#
# **Why it matters.** "How do I change the dropout, the layer size and the number of layers?" is a question of the book's own
# questionnaire ([chapter 15](https://github.com/fastai/fastbook/blob/master/15_arch_details.ipynb) again). In fastai it is `vision_learner(dls, resnet18, lin_ftrs=[256, 128], ps=0.3)`, and what you pass arrives here.
#
# Why half at first? Again a choice by people. Dropout works like noise: what is kept is multiplied by `1/(1 - p)`, so that the sum stays the same on
# average, and the noise grows quickly with `p`:

# %% tags=["only-shows"]
torch.manual_seed(0)
fig, axes = plt.subplots(1, 2, figsize=(9, 2.2), sharey=True)
for ax, p in zip(axes, (0.25, 0.5), strict=True):
    kept = nn.Dropout(p).train()(torch.ones(40))
    ax.bar(range(40), kept, color="tab:blue")
    ax.axhline(1, color="gray", linestyle="--", linewidth=1)
    ax.set_title(
        f"40 features, all 1, after Dropout({p}): noise ±{(p / (1 - p)) ** 0.5:.2f}", fontsize=9
    )
plt.tight_layout()
show_figure(
    "Two bar charts of 40 equal features after dropout: with 0.25 a quarter is zero and the others are a little above 1, with 0.5 half are zero and the others are 2."
)

# %% [markdown]
# The first block gets what a trained body worked for, the last one gets what the head made of it just now. So the early blocks get the gentle
# noise, and the strong one sits right before the decision.
#
# <details><summary>Hint 1 (a nudge)</summary>Put all widths into one list, <code>[2 * nf, 256, 128, n_out]</code>. How do you get the pairs (in, out) from it? And how
# many pairs are there for <code>lin_ftrs=[]</code>?</details>
# <details><summary>Hint 2 (stronger)</summary>Loop over the blocks with their number <code>i</code>: the block goes from <code>sizes[i]</code> to <code>sizes[i + 1]</code>
# with dropout <code>ps[i]</code>. A ReLU follows unless it is the last. Make <code>ps</code> a list <em>first</em>. <code>lin_ftrs or [512]</code> is a trap:
# an empty list counts as false.</details>
# <details><summary>Hint 3 (nearly the line)</summary><code>widths = [512] if lin_ftrs is None else list(lin_ftrs)</code>;
# <code>ps = list(ps) if isinstance(ps, (list, tuple)) else [ps]</code>; <code>if len(ps) == 1: ps = [ps[0] / 2] * len(widths) + ps</code>;
# <code>for i in range(len(sizes) - 1): …</code></details>

# %% nbgrader={"grade": true, "grade_id": "test_create_head_lin_ftrs", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("create_head", write_it_yourself=FINISHED, step="step 2: lin_ftrs and ps"):
    expect_head(create_head(8, 3, lin_ftrs=[6, 4], ps=0.3), nf=8, n_out=3, lin_ftrs=[6, 4], ps=0.3)
    expect_head(
        create_head(8, 3, lin_ftrs=[6], ps=[0.1, 0.4]), nf=8, n_out=3, lin_ftrs=[6], ps=[0.1, 0.4]
    )
    ### BEGIN HIDDEN TESTS
    rng = draw("create_head lin_ftrs")
    nf, n_out = rng.randint(3, 12), rng.randint(2, 6)
    a, b, c = rng.sample(range(3, 13), 3)
    tries = {
        "another width of the hidden layer": [
            dict(lin_ftrs=[a]),
            dict(lin_ftrs=[rng.randint(600, 900)]),
        ],
        "three hidden layers, and more": [
            dict(lin_ftrs=[a, c, b, a, c, b]),
            dict(lin_ftrs=[a, b, c]),
            dict(lin_ftrs=[c, b, a], ps=0.2),
        ],
        "a hidden layer that is narrower than the output": [dict(lin_ftrs=[a, n_out - 1])],
        "hidden layers of the same width": [dict(lin_ftrs=[a, a, a])],
        "lin_ftrs=[], no hidden layer at all": [
            dict(lin_ftrs=[]),
            dict(lin_ftrs=[], ps=0.2),
            dict(lin_ftrs=[], ps=[0.3]),
        ],
        "a list ps with one number": [dict(ps=[0.4]), dict(lin_ftrs=[a, b], ps=[0.4])],
        "a list ps with a number for each Linear": [
            dict(lin_ftrs=[a, b], ps=[0.03, 0.85, 0.37]),
            dict(ps=[0.6, 0.2]),
        ],
        "no dropout, or none in some blocks": [
            dict(ps=0),
            dict(ps=0.0, lin_ftrs=[a, b]),
            dict(lin_ftrs=[a, b], ps=[0.1, 0.0, 0.3]),
            dict(ps=[0.2, 0.0]),
            dict(lin_ftrs=[a, b], ps=[0.0]),
        ],
    }
    for what, options_to_try in tries.items():
        with hidden(what):
            for options in options_to_try:
                head = create_head(nf, n_out, **fresh(options))
                expect_head(head, nf=nf, n_out=n_out, **options)
    with hidden("dropouts of 0: no Dropout layer"):
        for options in (
            dict(ps=0),
            dict(lin_ftrs=[a], ps=[0.0]),
            dict(lin_ftrs=[a, b], ps=[0.1, 0.0, 0.3]),
        ):
            head = create_head(nf, n_out, **fresh(options))
            expect(
                all(layer.p != 0 for layer in head.modules() if isinstance(layer, nn.Dropout)),
                "no Dropout(0) in the head",
                cause="a Dropout layer is added even where its dropout is zero",
                look="the last rule of step 2",
            )
    ### END HIDDEN TESTS

# %% tags=["only-shows", "raises-exception"]
once_answered(
    lambda: anatomy(
        nn.Sequential(body, create_head(512, 10, lin_ftrs=[256, 128])), (1, 3, 224, 224)
    )
)

# %% [markdown]
# <a id="step-3"></a>
# ## Step 3: the pool (`pool`, `concat_pool`) · 3 points
#
# **What.** Two switches, three cases:
#
# | `pool` | `concat_pool` | the head starts with | first width |
# |---|---|---|---|
# | True | True | `AdaptiveConcatPool2d()`, `Flatten()` | 2·nf |
# | True | False | `nn.AdaptiveAvgPool2d(1)`, `Flatten()` | nf |
# | False | either | neither pool nor Flatten: the body already gives (N, nf) | nf |
#
# ```
#   one feature map        concat pool           average pool
#   ┌───────────┐
#   │ 0  0  0  9│          max  9.0              avg  1.0
#   │ 0  0  0  0│   ──▶    avg  1.0       or
#   │ 0  3  0  0│
#   └───────────┘          "was it anywhere?"    "how much of it
#                          and "how much?"        was there?"
# ```
#
# **Why it matters.** Exactly this went wrong in fastai once: the width was doubled although `concat_pool=False`
# ([fastai#1841](https://github.com/fastai/fastai/pull/1841)). And `pool=False` is what fastai uses for bodies that pool themselves, like the vision
# transformers of timm. (`pool=False, concat_pool=True` is not an error. The second switch just has nothing to say.)
#
# <details><summary>Hint 1 (a nudge)</summary>Which of the four combinations double? Write it as one condition.</details>
# <details><summary>Hint 2 (stronger)</summary>Start with <code>layers = []</code> and add to it. The pool and Flatten come and go together.</details>
# <details><summary>Hint 3 (nearly the line)</summary><code>if pool and concat_pool: nf = nf * 2</code>, and
# <code>if pool: layers += [AdaptiveConcatPool2d() if concat_pool else nn.AdaptiveAvgPool2d(1), Flatten()]</code></details>

# %% nbgrader={"grade": true, "grade_id": "test_create_head_pool", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("create_head", write_it_yourself=FINISHED, step="step 3: the pool"):
    expect_head(create_head(8, 3, concat_pool=False), nf=8, n_out=3, concat_pool=False)
    expect_head(
        create_head(8, 3, pool=False, concat_pool=False),
        nf=8,
        n_out=3,
        pool=False,
        concat_pool=False,
    )
    ### BEGIN HIDDEN TESTS
    rng = draw("create_head pool")
    for pool, concat_pool in product([True, False], repeat=2):
        with hidden("the four combinations of pool and concat_pool"):
            nf, n_out = rng.randint(3, 20), rng.randint(2, 9)
            head = create_head(nf, n_out, pool=pool, concat_pool=concat_pool)
            expect_head(head, nf=nf, n_out=n_out, pool=pool, concat_pool=concat_pool)
    with hidden("feature maps of other sizes, average pool"):
        nf = rng.randint(3, 20)
        head = create_head(nf, 2, concat_pool=False)
        for shape in [(1, nf, 1, 1), (2, nf, 3, 5), (2, nf, 10, 10)]:
            expect_output(head, shape, (shape[0], 2))
    ### END HIDDEN TESTS

# %% [markdown]
# <a id="step-4"></a>
# ## Step 4: BatchNorm at both ends (`first_bn`, `bn_final`) · 2 points
#
# **What.**
# - `first_bn=False` takes the BatchNorm out of **the first block only**. Dropout and Linear stay. Then remember the rule of section 3: `bias = not bn`.
# - `bn_final=True` puts one more BatchNorm *after* the last Linear, over the `n_out` outputs. It is a plain `nn.BatchNorm1d(n_out, momentum=0.01)`:
#   its statistics move ten times more slowly than those of the others (their momentum is 0.1). The last Linear stays as it was.
#
# **Why it matters.** The body of a densenet *ends* with a BatchNorm, and then the head starts with another one. Somebody looked at a
# picture of it and wrote [fastai#3012](https://github.com/fastai/fastai/issues/3012), "Redundant BatchNorm in create_head". The answer was the
# option `first_bn` ([#3015](https://github.com/fastai/fastai/pull/3015)). It was a person's idea, after looking at a picture like yours.
# BatchNorm also explains a message you will meet one day: a batch of **one** image in training mode has no spread, and PyTorch refuses
# ([fastai#2199](https://github.com/fastai/fastai/issues/2199), "create_head fails for batch size 1").
#
# <details><summary>Hint 1 (a nudge)</summary>Only the block with number 0 asks <code>first_bn</code>. All others always have their BatchNorm.</details>
# <details><summary>Hint 2 (stronger)</summary>In the loop: does block <code>i</code> have a BatchNorm? Make that a variable, and use it twice: for the
# BatchNorm and for the bias. What if the first block is also the last (<code>lin_ftrs=[]</code>)?</details>
# <details><summary>Hint 3 (nearly the line)</summary><code>bn = first_bn or i > 0</code>, <code>nn.Linear(…, bias=not bn)</code>. After the loop:
# <code>if bn_final: layers.append(nn.BatchNorm1d(n_out, momentum=0.01))</code></details>

# %% nbgrader={"grade": true, "grade_id": "test_create_head_batchnorm", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("create_head", write_it_yourself=FINISHED, step="step 4: first_bn and bn_final"):
    expect_head(create_head(8, 3, first_bn=False), nf=8, n_out=3, first_bn=False)
    expect_head(create_head(8, 3, bn_final=True), nf=8, n_out=3, bn_final=True)
    ### BEGIN HIDDEN TESTS
    rng = draw("create_head batchnorm")
    for first_bn, bn_final in [(False, False), (True, True), (False, True)]:
        with hidden("first_bn and bn_final, alone and together"):
            nf, n_out = rng.randint(3, 20), rng.randint(2, 9)
            head = create_head(nf, n_out, first_bn=first_bn, bn_final=bn_final)
            expect_head(head, nf=nf, n_out=n_out, first_bn=first_bn, bn_final=bn_final)
    ### END HIDDEN TESTS

# %% [markdown]
# ---
# **Half way.** Your function makes the head of every `vision_learner` that people build without special wishes. What you have is yours: the points of steps 1 to 4 do not depend on
# what comes now. It is a good place for a break of an hour or a day. The second half has the rarer options (steps 5 to 8), the two formulas and the experiment. The formulas (7 points)
# need nothing of steps 5 to 8, so you may also do them first.

# %% [markdown]
# <a id="step-5"></a>
# ## Step 5: the other order (`lin_first`) · 3 points
#
# **What.** With `lin_first=True` every block begins with its Linear. Read the two columns slowly, this is the hardest option:

# %% tags=["only-shows"]
side_by_side(
    lin_first_False=fastai_head(8, 3, lin_ftrs=[6, 4], ps=[0.1, 0.2, 0.3]),
    lin_first_True=fastai_head(8, 3, lin_ftrs=[6, 4], ps=[0.1, 0.2, 0.3], lin_first=True),
)

# %% [markdown]
# Everything that is different:
# 1. The first dropout comes right after Flatten, before any Linear.
# 2. A block is *Linear, ReLU, BatchNorm, Dropout*. Its BatchNorm is as wide as the **output** of its Linear, and its dropout is the **next** number of `ps`.
# 3. The last Linear stands alone. There is no BatchNorm beside it, so by the rule it **has a bias**.
# 4. `first_bn` belongs to the first hidden layer: without it no BatchNorm *after* the first Linear, which then has a bias.
#    With no hidden layer there is no block: only Dropout and the last Linear remain.
#
# `ps` and its halves are made as before: one number before each Linear. (One oddity of fastai: the very first Dropout is there even when it is
# `Dropout(0)`. It does nothing. Keep it or leave it out, both are right here. It will matter when you count.)
#
# **Predict.** Same options, same `nf`: which of the two orders has more parameters? Decide before you run the next cell.

# %% tags=["only-shows"]
for lin_first in (False, True):
    head = fastai_head(512, 10, lin_first=lin_first)
    parts = {
        name: sum(p.numel() for p in layer.parameters()) for name, layer in head.named_children()
    }
    print(
        f"lin_first={lin_first!s:5}  {sum(parts.values()):,} = ",
        " + ".join(f"{n:,}" for n in parts.values() if n),
    )

# %% [markdown]
# <details><summary><b>Explain</b> (open it when the output is there)</summary>
#
# The Linears have the same weights. But with `lin_first` the wide BatchNorm over 1024 features is gone (2048 numbers), and the last
# Linear got 10 biases. So it is smaller by 2,038.
#
# </details>
#
# **Why it matters.** fastai's models for tables use this order by default, its vision models the other. If you load the weights of one into the
# other, torch stops: names and sizes differ. With `strict=False` it takes what happens to fit, and those numbers mean something else there.
#
# <details><summary>Hint 1 (a nudge)</summary>Cover the first Dropout and the last Linear of the right column. What is left is one block per hidden layer.</details>
# <details><summary>Hint 2 (stronger)</summary>Loop over the hidden layers only (one fewer than there are Linears), and write what comes before and after the loop by hand. Block <code>i</code>
# uses <code>ps[i + 1]</code>; <code>ps[0]</code> is the one before the loop. Do not <code>pop</code> it from the list (see step 7).</details>
# <details><summary>Hint 3 (nearly the line)</summary>Before the loop <code>layers.append(nn.Dropout(ps[0]))</code>; in it
# <code>LinBnDrop(sizes[i], sizes[i + 1], bn=bn, p=ps[i + 1], act=nn.ReLU(), lin_first=True)</code>; after it <code>nn.Linear(sizes[-2], n_out)</code>.</details>

# %% nbgrader={"grade": true, "grade_id": "test_create_head_lin_first", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("create_head", write_it_yourself=FINISHED, step="step 5: lin_first"):
    expect_head(create_head(8, 3, lin_first=True), nf=8, n_out=3, lin_first=True)
    ### BEGIN HIDDEN TESTS
    rng = draw("create_head lin_first")
    nf, n_out = rng.randint(3, 12), rng.randint(2, 6)
    a, b, c = rng.sample(range(3, 13), 3)
    tries = {
        "lin_first for another body": [dict()],
        "lin_first with several hidden layers, or none": [
            dict(lin_ftrs=[a, b, c]),
            dict(lin_ftrs=[c, b, a]),
            dict(lin_ftrs=[a]),
            dict(lin_ftrs=[]),
        ],
        "lin_first with dropouts of your own, or none": [
            dict(lin_ftrs=[a, b], ps=[0.1, 0.2, 0.3]),
            dict(ps=[0.4]),
            dict(ps=0),
            dict(lin_ftrs=[a, b], ps=[0.1, 0.0, 0.3]),
            dict(lin_ftrs=[a], ps=[0.0, 0.3]),
        ],
        "lin_first and first_bn": [
            dict(first_bn=False),
            dict(first_bn=False, lin_ftrs=[a, b]),
            dict(first_bn=False, lin_ftrs=[]),
        ],
    }
    for what, options_to_try in tries.items():
        with hidden(what):
            for options in options_to_try:
                head = create_head(nf, n_out, lin_first=True, **fresh(options))
                expect_head(head, nf=nf, n_out=n_out, lin_first=True, **options)
    with hidden("lin_first with dropouts of 0: no Dropout layer but the very first"):
        for options in (dict(ps=0), dict(lin_ftrs=[a, b], ps=[0.1, 0.0, 0.3])):
            head = create_head(nf, n_out, lin_first=True, **fresh(options))
            empty = [m for m in head.modules() if isinstance(m, nn.Dropout) and m.p == 0]
            allowed = 1 if options["ps"] == 0 else 0
            expect(
                len(empty) <= allowed,
                "no Dropout(0) in the head",
                cause="a Dropout layer is added in a block even where its dropout is zero",
                look="the last rule of step 2: it holds for both orders",
            )
    ### END HIDDEN TESTS

# %% tags=["only-shows", "raises-exception"]
once_answered(
    lambda: anatomy(nn.Sequential(body, create_head(512, 10, lin_first=True)), (1, 3, 224, 224))
)

# %% [markdown]
# <a id="step-6"></a>
# ## Step 6: a range for the answer (`y_range`) · 2 points
#
# **What.** `y_range=(low, high)` squeezes every output into the range: `sigmoid(x) · (high - low) + low`. fastai's layer for it is `SigmoidRange(low, high)`.
# It is the very last layer, after the BatchNorm of `bn_final`.
#
# **Why it matters.** For classes there are scores, and no range. But for a *number* (an age, a rating, a place in the picture) you know the range
# beforehand, and a head that cannot leave it starts closer to the truth. fastbook does this for the
# points of a head's pose (-1, 1) in [chapter 6](https://github.com/fastai/fastbook/blob/master/06_multicat.ipynb), and for film ratings (0, 5.5) in [chapter 8](https://github.com/fastai/fastbook/blob/master/08_collab.ipynb).
# Not (0, 5): a sigmoid never quite reaches its ends, so leave it some room.
#
# **Predict.** With `bn_final` there are two ways to order the last two layers. Which one breaks the promise of `y_range=(0, 5)`?

# %% tags=["only-shows"]
torch.manual_seed(0)
scores = torch.randn(2000, 1) * 4
norm = nn.BatchNorm1d(1)
norm.weight.data.fill_(1.5)  # what training may well do
fig, axes = plt.subplots(1, 2, figsize=(9, 2.4), sharex=True)
orders = {
    "BatchNorm, then SigmoidRange(0, 5)": [norm, SigmoidRange(0, 5)],
    "SigmoidRange(0, 5), then BatchNorm": [SigmoidRange(0, 5), norm],
}
for ax, (title, layers) in zip(axes, orders.items(), strict=True):
    with torch.no_grad():
        y = nn.Sequential(*layers).train()(scores)
    ax.hist(y.flatten().numpy(), bins=40, color="tab:blue")
    ax.axvspan(0, 5, color="tab:green", alpha=0.15)
    ax.set_title(f"{title}\n{((y < 0) | (y > 5)).float().mean():.0%} outside", fontsize=9)
plt.tight_layout()
show_figure(
    "Two histograms. BatchNorm, then SigmoidRange: every output lies between 0 and 5. SigmoidRange, then BatchNorm: many lie outside."
)

# %% [markdown]
# <details><summary><b>Explain</b> (open it when the output is there)</summary>
#
# BatchNorm moves its input to mean 0 and then scales and shifts it as it likes. Whatever stood in a range before has left it after. So the
# layer that makes the promise comes last.
#
# </details>
#
# <details><summary>Hint 1 (a nudge)</summary>Two lines at the end. Is <code>if y_range:</code> the same as <code>if y_range is not None:</code>? Here it happens to be, the second says what you mean.</details>
# <details><summary>Hint 2 (stronger)</summary>The formula must give <code>low</code> for very negative and <code>high</code> for very positive numbers, and the middle of the range for 0. Try (-2, 3).</details>
# <details><summary>Hint 3 (nearly the line)</summary><code>if y_range is not None: layers.append(SigmoidRange(*y_range))</code></details>

# %% nbgrader={"grade": true, "grade_id": "test_create_head_y_range", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("create_head", write_it_yourself=FINISHED, step="step 6: y_range"):
    expect_head(create_head(8, 2, y_range=(-2, 3)), nf=8, n_out=2, y_range=(-2, 3))
    ### BEGIN HIDDEN TESTS
    rng = draw("create_head y_range")
    for low, high in [(0, 5.5), (-1, 1), (rng.randint(2, 5), rng.randint(7, 9)), (-8.5, -2)]:
        with hidden("other ranges"):
            nf, n_out = rng.randint(3, 20), rng.randint(2, 5)
            head = create_head(nf, n_out, y_range=(low, high))
            expect_head(head, nf=nf, n_out=n_out, y_range=(low, high))
    with hidden("y_range together with bn_final"):
        nf, n_out = rng.randint(3, 20), rng.randint(2, 5)
        head = create_head(nf, n_out, y_range=(-2, 3), bn_final=True)
        expect_head(head, nf=nf, n_out=n_out, y_range=(-2, 3), bn_final=True)
    with hidden("two heads with the same range"):
        two_heads = [create_head(8, 3, y_range=(0, 5)) for _ in range(2)]
        expect_separate(two_heads, "the weights of two heads with a y_range")
    ### END HIDDEN TESTS

# %% [markdown]
# <a id="step-7"></a>
# ## Step 7: good manners · 1 point
#
# **What.** `create_head` must leave the lists it is given alone. Whoever calls it twice with the same list gets the same head twice, and two heads share no weights. (The check wants two heads that work: an empty function has good manners, too.)
#
# **Why it matters.** fastai itself gets this wrong, in one corner. Look:

# %% tags=["only-shows"]
ps = [0.1, 0.4]
first = fastai_head(8, 3, lin_ftrs=[6], ps=ps, lin_first=True)
print("my list is now", ps)
second = fastai_head(8, 3, lin_ftrs=[6], ps=ps, lin_first=True)
side_by_side(first_call=first, second_call_same_list=second)

# %% [markdown]
# fastai says `ps.pop(0)`, and that is *your* list. One number is left in it. The second call reads it as "0.4 at the end, half of it before", and builds a head with another first dropout. No error, no warning. Here we are stricter than fastai.
#
# <details><summary>Hint 1 (a nudge)</summary>Which of your lines change a list (<code>append</code>, <code>insert</code>, <code>pop</code>, <code>+=</code>)? Whose list is it?</details>
# <details><summary>Hint 2 (stronger)</summary><code>ps += [0.5]</code> changes the caller's list, <code>ps = ps + [0.5]</code> makes a new one.</details>
# <details><summary>Hint 3 (nearly the line)</summary>Copy at the top and you are safe: <code>list(ps)</code>, <code>list(lin_ftrs)</code>.</details>

# %% nbgrader={"grade": true, "grade_id": "test_create_head_lists", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("create_head", write_it_yourself=FINISHED, step="step 7: good manners"):
    widths, drops = [6, 4], [0.1, 0.2, 0.3]
    create_head(8, 3, lin_ftrs=widths, ps=drops)
    create_head(8, 3, lin_ftrs=widths, ps=drops, lin_first=True)
    again = "what create_head does to the lists it is given: copy them first"
    expect_equal(widths, [6, 4], "the caller's lin_ftrs after two calls", look=again)
    expect_equal(drops, [0.1, 0.2, 0.3], "the caller's ps after two calls", look=again)
    two_heads = [create_head(8, 3), create_head(8, 3)]
    expect_separate(two_heads, "the weights of two heads")
    for head in two_heads:
        expect_output(
            head, (2, 8, 5, 5), (2, 3), checked="what create_head(8, 3) makes of 2 images"
        )
    ### BEGIN HIDDEN TESTS
    rng = draw("create_head lists")
    with hidden("the same lists used for several heads"):
        for lin_first, drops in product([False, True], [[0.4], [0.1, 0.4]]):
            widths, before = [rng.randint(3, 9)], list(drops)
            for _ in range(3):
                create_head(8, 3, lin_ftrs=widths, ps=drops, lin_first=lin_first)
                if drops != before:
                    break
            expect(
                len(widths) == 1 and drops == before,
                "the caller's lists after several calls",
                cause="create_head changes a list that belongs to its caller",
                look=again,
            )
    with hidden("two heads with the same options"):
        width = rng.randint(3, 9)
        for options in (
            dict(lin_ftrs=[width]),
            dict(lin_ftrs=[width], lin_first=True),
            dict(lin_ftrs=[], pool=False, bn_final=True),
        ):
            two_heads = [create_head(8, 3, **fresh(options)) for _ in range(2)]
            expect_separate(two_heads, "the weights of two heads")
    ### END HIDDEN TESTS

# %% [markdown]
# <a id="step-8"></a>
# ## Step 8: everything together · 2 points
#
# The options meet: `lin_first` without pool, `first_bn=False` with no hidden layer, a range on top of everything. No new rule, only all of the old ones at once. If this check
# fails and all others pass, the usual reason is a branch that forgets an option: an early `return` for `lin_first`, a second copy of a line that was changed once.

# %% nbgrader={"grade": true, "grade_id": "test_create_head_together", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("create_head", write_it_yourself=FINISHED, step="step 8: everything together"):
    options = dict(
        lin_ftrs=[6], ps=[0.2, 0.4], first_bn=False, bn_final=True, lin_first=True, y_range=(0, 5)
    )
    expect_head(create_head(8, 3, **fresh(options)), nf=8, n_out=3, **options)
    ### BEGIN HIDDEN TESTS
    rng = draw("create_head together")
    a, b = rng.sample(range(5, 13), 2)
    hidden_layers = cycle(
        [
            dict(lin_ftrs=[]),
            dict(lin_ftrs=[a], ps=[0.1, 0.4]),
            dict(),
            dict(lin_ftrs=[a, b], ps=0.3),
            dict(lin_ftrs=[b, a], ps=[0.2, 0.0, 0.1]),
        ]
    )
    outputs = cycle([1, 4, 2, 3])
    for pools, first_bn, bn_final, lin_first in product(
        [dict(), dict(concat_pool=False), dict(pool=False)], *[[True, False]] * 3
    ):
        # Half of all combinations is enough for every pair of options to meet.
        y_range = (-1, 2) if first_bn ^ bn_final ^ lin_first else None
        options = dict(
            first_bn=first_bn,
            bn_final=bn_final,
            lin_first=lin_first,
            y_range=y_range,
            **pools,
            **next(hidden_layers),
        )
        with hidden("several options at the same time"):
            nf, n_out = rng.randint(3, 9), next(outputs)
            head = create_head(nf, n_out, **fresh(options))
            expect_as_made(head)
            expect_head(head, nf=nf, n_out=n_out, **options)
    with hidden("a new head is ready to be trained, whatever its options"):
        for options in (
            dict(lin_first=True, concat_pool=False, bn_final=True, y_range=(0, 5)),
            dict(pool=False, lin_ftrs=[a]),
        ):
            two_heads = [create_head(8, 3, **fresh(options)) for _ in range(2)]
            expect_new(*two_heads, 8, *((5, 5) if options.get("pool", True) else ()))
    with hidden("heads with other options: each keeps its own when another one is made"):
        three_options = (
            dict(lin_ftrs=[a, b], ps=[0.1, 0.2, 0.3], bn_final=True, y_range=(-1, 2)),
            dict(lin_ftrs=[a], ps=[0.5, 0.6], concat_pool=False, lin_first=True),
            dict(lin_ftrs=[b], ps=0.4, pool=False, first_bn=False, y_range=(0, 5)),
        )
        heads = [create_head(8, 3, **fresh(options)) for options in three_options]
        for head, options in zip(heads, three_options, strict=True):
            expect_head(head, nf=8, n_out=3, **options)
    with hidden("options without their names, in the order of the signature"):
        for options in one_switched():
            head = create_head(8, 3, [a], [0.1, 0.4], *options.values(), (0, 5))
            expect_head(head, nf=8, n_out=3, lin_ftrs=[a], ps=[0.1, 0.4], y_range=(0, 5), **options)
    ### END HIDDEN TESTS

# %% [markdown]
# That is fastai's `create_head`. If this check is green, yours is as good as the original, and better behaved in one place.
#
# ## 4. How many layers? The formula · 4 points
#
# **What.** Write `n_head_layers(...)`: how many entries `create_head` with these options has, that is `len(head)` of fastai's flat head.
# A number from arithmetic: **without building a head**. `AdaptiveConcatPool2d` counts as one entry. `Dropout(0)` counts only where fastai keeps it
# (see the oddity in step 5). The options have the same meaning as above.
#
# **Why it matters.** This *is* the question of the forum: "how do we know how many layers get added?" With the formula you know. You need it when
# you say `model[1][-1]`, when you load weights by name (`1.8.weight`), when you split parameters into groups.
#
# **Predict**, on paper, for `lin_ftrs=[256, 128]`: how many entries? Then look at how Python counts it:

# %% tags=["only-shows"]
head = fastai_head(8, 3, lin_ftrs=[256, 128])
print("len(head)                ", len(head))
print("len(list(head.children()))", len(list(head.children())))
print("len(list(head.modules())) ", len(list(head.modules())))

# %% [markdown]
# <details><summary><b>Explain</b> (open it when the output is there)</summary>
#
# Three counts of one head. The first is the true number of steps. `children()` skips a repeat: fastai uses **one** ReLU object for all hidden layers (it has no
# weights, so that is allowed), and the second time it is left out. `modules()` skips it too, but counts the box itself and the two pools
# inside the concat pool. What you count with decides what you find.
#
# </details>
#
# What you count with is more than a matter of words:

# %% tags=["only-shows"]
rebuilt = nn.Sequential(*head.children())  # looks like a harmless copy
x = torch.randn(4, 8, 5, 5)
print("same numbers?", torch.equal(head.eval()(x), rebuilt.eval()(x)))
side_by_side(original=head, rebuilt=rebuilt)

# %% [markdown]
# The copy has lost its second ReLU. No error, other numbers.
#
# Now the formula. One way: count per block. How many entries does a block have with everything on, how many blocks are there, what do the
# options add and take away?


# %% nbgrader={"grade": false, "grade_id": "n_head_layers", "locked": false, "schema_version": 3, "solution": true, "task": false}
def n_head_layers(
    lin_ftrs=None,
    ps=0.5,
    pool=True,
    concat_pool=True,
    first_bn=True,
    bn_final=False,
    lin_first=False,
    y_range=None,
):
    """How many entries the head with these options has; from a formula, nothing is built."""
    ### BEGIN SOLUTION
    # audit: equivalent [concat_pool=False]: the pool is one entry, whichever it is
    # audit: equivalent [concat_pool = True]: the pool is one entry, whichever it is
    # audit: equivalent [ps=0.55]: only whether a dropout is 0 counts
    # audit: equivalent [ps=0.25]: the same
    # audit: equivalent [ps=1.0]: the same
    k = 1 if lin_ftrs is None else len(lin_ftrs)
    # audit: equivalent [call dropped]: what is added to it below makes a new list
    # audit: equivalent [scaled]: only whether a dropout is 0 counts
    ps = [ps] if isinstance(ps, int | float) else list(ps)
    # audit: equivalent [comparison]: a list of no dropouts means nothing, and nobody asks for it
    if len(ps) == 1:
        # audit: equivalent [scaled; constant; other operator; operand dropped; turned round]: only whether a dropout is 0 counts
        ps = [ps[0] / 2] * k + ps
    if lin_first:
        # audit: equivalent [comparison; loop over other things]: no dropout is negative, and a sum has no order
        zeros = sum(p == 0 for p in ps[1:])
        blocks = 1 + 4 * k + 1 - (not first_bn and k > 0)
    else:
        # audit: equivalent [comparison; loop over other things]: no dropout is negative, and a sum has no order
        zeros = sum(p == 0 for p in ps)
        blocks = 4 * k + 3 - (not first_bn)
    # audit: equivalent [truth instead of None]: a range is two numbers, and so it counts as true
    return 2 * pool + blocks - zeros + bn_final + (y_range is not None)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1 (a nudge)</summary>A full block has 4 entries (BatchNorm, Dropout, Linear, ReLU). The last block has 3. With k hidden layers there are
# k + 1 blocks. Check: k = 1 gives the nine of section 1, with the pool and Flatten.</details>
# <details><summary>Hint 2 (stronger)</summary>Without options: <code>2 + 4 * k + 3</code>. Now subtract one for <code>first_bn=False</code> and one for every dropout that is 0 (make the
# list of dropouts as in step 2, then count the zeros). Add one each for <code>bn_final</code> and <code>y_range</code>. Which option has no effect at all?</details>
# <details><summary>Hint 3 (nearly the line)</summary><code>lin_first</code>: one Dropout first, k blocks of 4, one Linear: <code>2 + 4 * k</code> and the pool. The first Dropout always stays, so count zeros in
# <code>ps[1:]</code> only. And with k = 0 there is no BatchNorm that <code>first_bn=False</code> could remove.</details>

# %% nbgrader={"grade": true, "grade_id": "test_n_head_layers", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("n_head_layers", write_it_yourself=BUILDING, instead=A_HEAD_WAS_BUILT):
    expect_equal(
        n_head_layers(),
        9,
        "n_head_layers(): the default head",
        mistakes={
            10: "you counted the two pools inside AdaptiveConcatPool2d, here it is one entry; or a ReLU after the "
            "last Linear",
            11: "that is what modules() counts: the box itself and the two pools inside the concat pool as well",
            7: "the pool and Flatten are entries too",
            8: "did you count every entry of both blocks, the ReLU too?",
            5: "that is the head without a hidden layer; None means one of 512",
            4: "that counts the entries with weights only",
        },
        look="the drawing in section 1: count its lines",
    )
    expect_equal(
        n_head_layers(lin_ftrs=[256, 128]),
        13,
        "n_head_layers(lin_ftrs=[256, 128])",
        mistakes={
            12: "that is what children() counts: it skips the ReLU that is used a second time",
            15: "that is what modules() counts: the box itself and the two pools inside count too, a repeat does not",
            14: "you counted the two pools inside AdaptiveConcatPool2d, here it is one entry; or a ReLU after the "
            "last Linear",
            9: "lin_ftrs has no effect in your formula",
            11: "the number of blocks is one more than the number of hidden layers",
        },
        look="the drawing in step 2: how many entries does one more hidden layer add?",
    )
    expect_equal(
        n_head_layers(lin_first=True),
        8,
        "n_head_layers(lin_first=True)",
        mistakes={9: "with lin_first the last Linear stands alone: there is one BatchNorm fewer"},
        look="the right column in step 5",
    )
    ### BEGIN HIDDEN TESTS
    rng = draw("n_head_layers")

    def count_one_by_one(k, drops, *, pool, first_bn, bn_final, lin_first, y_range, **others):
        total = 2 if pool else 0
        if lin_first:
            total += 1
            for i in range(k):
                total += 2 + (first_bn or i > 0) + (drops[i + 1] != 0)
            total += 1
        else:
            for i in range(k + 1):
                total += (first_bn or i > 0) + (drops[i] != 0) + 1 + (i < k)
        return total + bool(bn_final) + (y_range is not None)

    dropouts = {
        "the usual dropout": lambda k: (0.5, [0.25] * k + [0.5]),
        "dropout as one number": lambda k: (0.4, [0.2] * k + [0.4]),
        "no dropout": lambda k: (0, [0] * (k + 1)),
        "ps as a list with one number": lambda k: ([0.4], [0.2] * k + [0.4]),
        "ps as a full list": lambda k: ([0.1] * (k + 1), [0.1] * (k + 1)),
        "ps as a full list with a zero at the end": lambda k: (
            [0.1] * k + [0.0],
            [0.1] * k + [0.0],
        ),
        "ps as a full list with a zero at the start": lambda k: (
            [0.0] + [0.1] * k,
            [0.0] + [0.1] * k,
        ),
        "ps as a full list with zeros in the middle": lambda k: (
            [0.1] * min(k, 1) + [0.0] * (k - 1) + [0.1],
            [0.1] * min(k, 1) + [0.0] * (k - 1) + [0.1],
        ),
        "ps as a list with one zero": lambda k: ([0.0], [0.0] * (k + 1)),
    }

    def switches(number, *, all_of_them):
        """The six options that are on or off: every combination, or the half in which any five meet."""
        for each in product([True, False], repeat=6):
            if all_of_them or (sum(each) + number) % 2 == 0:
                yield each

    for what, make in dropouts.items():
        with hidden(f"{what}, with all other options"):
            layers_of = (
                None,
                [],
                [rng.randint(2, 900)],
                [rng.randint(2, 900) for _ in range(rng.randint(3, 6))],
            )
            for number, widths in enumerate(layers_of):
                k = 1 if widths is None else len(widths)
                ps, drops = make(k)
                calls = [
                    dict(
                        lin_ftrs=widths,
                        ps=ps,
                        pool=pool,
                        concat_pool=concat_pool,
                        first_bn=first_bn,
                        bn_final=bn_final,
                        lin_first=lin_first,
                        y_range=(0, 5) if in_a_range else None,
                    )
                    for pool, concat_pool, first_bn, bn_final, lin_first, in_a_range in switches(
                        number, all_of_them=what == "the usual dropout"
                    )
                ]
                results = call_each(n_head_layers, [fresh(options) for options in calls])
                for options, got in zip(calls, results, strict=True):
                    expect_equal(
                        got,
                        count_one_by_one(k, drops, **options),
                        ", ".join(f"{name} {value}" for name, value in options.items()),
                        cause="an option, or a pair of options, that your formula treats differently from the head",
                        look="try the grid in the next cell: it compares your formula with real heads",
                    )
    with hidden("options without their names, in the order of the signature"):
        for options in one_switched():
            expect_equal(
                n_head_layers([8, 8], 0.5, *options.values(), (0, 5)),
                count_one_by_one(2, [0.25, 0.25, 0.5], y_range=(0, 5), **options),
                "the number of entries",
                cause="the arguments are in another order",
                look="the first line of the function",
            )
    with hidden("many hidden layers, with and without dropout"):
        plain = dict(pool=True, first_bn=True, bn_final=False, y_range=None)
        for lin_first in (False, True):
            k = rng.randint(40, 60)
            drops = [0.0, 0.1] + [rng.choice([0.0, 0.1]) for _ in range(k - 1)]
            expect_equal(
                n_head_layers([rng.randint(2, 900)] * k, list(drops), lin_first=lin_first),
                count_one_by_one(k, drops, lin_first=lin_first, **plain),
                "the number of entries",
                cause="the number is right for a few hidden layers only: was it read off heads that were built "
                "before? It comes from a formula, from the arguments alone",
                look="hint 2 of this exercise",
            )
    ### END HIDDEN TESTS

# %% [markdown]
# Your formula against real heads, on a grid you can extend. It prints the first difference it finds.


# %% tags=["only-shows", "raises-exception"]
def try_the_grid():
    """Compare n_head_layers with len() of fastai's heads."""
    count = 0
    for lin_ftrs, ps, pool, first_bn, bn_final, lin_first, y_range in product(
        [None, [], [16], [16, 12]],
        [0.5, 0, [0.3]],
        [True, False],
        [True, False],
        [True, False],
        [True, False],
        [None, (0, 5)],
    ):
        options = dict(
            lin_ftrs=lin_ftrs,
            ps=ps,
            pool=pool,
            first_bn=first_bn,
            bn_final=bn_final,
            lin_first=lin_first,
            y_range=y_range,
        )
        real, yours = len(fastai_head(4, 3, **options)), n_head_layers(**options)
        count += 1
        if real != yours:
            print(f"for {options}\nfastai's head has {real} entries, your formula says {yours}")
            return
    print(f"{count} heads, all as your formula says")


once_answered(try_the_grid)

# %% [markdown]
# ## 5. How many parameters? The other formula · 3 points
#
# **What.** `n_head_params(nf, n_out, lin_ftrs=None, pool=True, concat_pool=True)`: the number of parameters of the head, by default options otherwise
# (so BatchNorm in every block, and no bias anywhere). Again arithmetic, nothing is built.
#
# **Why it matters.** A head looks small beside its body, but look: 532,480 parameters for 10 classes on a resnet18 is *more than the old head of 1000 classes* had
# (513,000). With a resnet50 (nf = 2048) it is over two million. These are the parameters that start from random numbers and have to be learned from your pictures. In lesson 09
# you get a budget.
#
# Where they are, for the default head on a resnet18 (one █ stands for about 13,000):
#
# ```
#   BatchNorm1d(1024)        2 · 1024    =     2,048     γ and β, one pair per feature
#   Linear(1024 -> 512)      1024 · 512  =   524,288     ████████████████████████████████████████
#   BatchNorm1d(512)         2 · 512     =     1,024
#   Linear(512 -> 10)        512 · 10    =     5,120     ▌
#                                          -----------
#                                            532,480
# ```
#
# **Predict**: what happens to the total when `lin_ftrs=[]`, with no hidden layer at all?


# %% nbgrader={"grade": false, "grade_id": "n_head_params", "locked": false, "schema_version": 3, "solution": true, "task": false}
def n_head_params(nf, n_out, lin_ftrs=None, pool=True, concat_pool=True):
    """How many parameters the head has; from a formula, nothing is built."""
    ### BEGIN SOLUTION
    # audit: equivalent [pool = True]: the first width is doubled only when both are true
    hidden_widths = [512] if lin_ftrs is None else lin_ftrs
    first = 2 * nf if pool and concat_pool else nf
    inputs, outputs = [first, *hidden_widths], [*hidden_widths, n_out]
    # audit: equivalent [argument dropped; constant; loop over other things]: both are as long, and a sum has no order
    return sum(2 * i + i * o for i, o in zip(inputs, outputs, strict=True))
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1 (a nudge)</summary>Each block has a BatchNorm over its inputs and a Linear from its inputs to its outputs. The other layers have nothing to learn.</details>
# <details><summary>Hint 2 (stronger)</summary>A block from a to b has <code>2 * a + a * b</code> parameters. The running mean and variance of a BatchNorm are not parameters: they are
# <a href="../../docs/glossary.md#batchnorm-statistics">measured, not learned</a>.</details>
# <details><summary>Hint 3 (nearly the line)</summary><code>sizes = [first, *widths, n_out]</code> as in step 2, then <code>sum(2 * a + a * b for a, b in zip(sizes[:-1], sizes[1:]))</code>.
# When is <code>first</code> twice <code>nf</code>?</details>

# %% nbgrader={"grade": true, "grade_id": "test_n_head_params", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("n_head_params", write_it_yourself=BUILDING, instead=A_HEAD_WAS_BUILT):
    expect_equal(
        n_head_params(512, 10),
        532480,
        "n_head_params(512, 10): the default head on a resnet18",
        mistakes={
            533002: "you counted a bias in each Linear; beside a BatchNorm there is none",
            532490: "you counted a bias in the last Linear; it has a BatchNorm in its block, so there is none",
            529408: "the BatchNorms are missing: each has two parameters per feature",
            530944: "a BatchNorm has two parameters per feature (γ and β), not one",
            535552: "the running mean and variance of a BatchNorm are measured, not learned: they are no parameters",
            269312: "concat pooling doubles: the first block takes 2 · nf features",
            7168: "None means one hidden layer of 512, not none",
            12288: "None means one hidden layer of 512, not none",
        },
        look="the table above: add up its four lines",
    )
    expect_equal(
        n_head_params(512, 10, lin_ftrs=[]),
        12288,
        "n_head_params(512, 10, lin_ftrs=[]): no hidden layer",
        mistakes={532480: "an empty list is not None: it means no hidden layer"},
        look="how many blocks are left when there is no hidden layer",
    )
    ### BEGIN HIDDEN TESTS
    rng = draw("n_head_params")

    def add_up(nf, n_out, widths, doubled):
        total, width = 0, nf * 2 if doubled else nf
        for out in [*([512] if widths is None else widths), n_out]:
            total += 2 * width + width * out
            width = out
        return total

    for pool, concat_pool in product([True, False], repeat=2):
        with hidden("other bodies, hidden layers and pools"):
            for widths in (
                None,
                [],
                [rng.randint(2, 900)],
                [rng.randint(2, 900) for _ in range(rng.randint(3, 5))],
            ):
                nf, n_out = rng.randint(8, 4000), rng.randint(1, 1000)
                options = fresh(dict(lin_ftrs=widths, pool=pool, concat_pool=concat_pool))
                expect_equal(
                    n_head_params(nf, n_out, **options),
                    add_up(nf, n_out, widths, pool and concat_pool),
                    f"n_head_params({nf}, {n_out}, {widths}, {pool}, {concat_pool})",
                    cause="a width in your formula that does not follow the options",
                    look="the table of pools in step 3, and what lin_ftrs means in step 2",
                )
    ### END HIDDEN TESTS


# %% tags=["only-shows", "raises-exception"]
def compare_params():
    """n_head_params beside the parameters of fastai's heads."""
    for nf, widths in product([512, 2048], [[], None, [256, 128]]):
        real = sum(p.numel() for p in fastai_head(nf, 10, lin_ftrs=widths).parameters())
        yours = n_head_params(nf, 10, lin_ftrs=widths)
        same = "same" if real == yours else "DIFFERENT"
        print(f"nf={nf:<5} lin_ftrs={widths!s:<11} fastai {real:>10,}   yours {yours:>10,}  {same}")


once_answered(compare_params)

# %% [markdown]
# ## 6. Does the number of layers matter?
#
# The question had a last part: is it even important how many layers are added? Ask by experiment. Below are heads with one, two and three Linears, trained on the
# same features of the same pictures: scikit-learn's digits, each as 16 maps of 4 × 4 from a small random convolution that stays as it is (a poor body, so the head has to work).
# Each head learns from 50 pictures, then a fresh one from 1000, always in 150 steps. The exam is 797 others. Three draws of pictures.
#
# **Predict.** Which head is best with 50 pictures: `lin_ftrs=[]`, `[64]`, or `[64, 64]`? Which with 1000? Is the distance larger than between two draws?

# %%
my_prediction = {"best with 50 pictures": None, "best with 1000": None}


# %% tags=["only-shows"]
def features_of_digits():
    """16 maps of 4 x 4 for each of 1797 digits, and the digits."""
    scans = load_digits()
    pictures = torch.tensor(scans.images / 16, dtype=torch.float32)[:, None]
    torch.manual_seed(0)
    frozen = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)).eval()
    with torch.no_grad():
        return frozen(pictures), torch.tensor(scans.target)


def trained_score(widths, n_pictures, draw_number):
    """Share right of 797 digits, after 150 steps with `n_pictures` others."""
    torch.manual_seed(draw_number)
    order = torch.randperm(len(digits))
    learn, exam = order[:n_pictures], order[1000:]
    head = fastai_head(16, 10, lin_ftrs=widths)
    optimiser = torch.optim.AdamW(head.parameters(), 1e-2)
    for _ in range(150):
        some = learn[torch.randint(n_pictures, (64,))]
        loss = F.cross_entropy(head(maps[some]), digits[some])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        return (head.eval()(maps[exam]).argmax(1) == digits[exam]).float().mean().item()


maps, digits = features_of_digits()
for n_pictures in (50, 1000):
    for widths in ([], [64], [64, 64]):
        results = [trained_score(widths, n_pictures, draw_number) for draw_number in range(3)]
        print(
            f"{n_pictures:4} pictures, lin_ftrs={widths!s:8} {len(fastai_head(16, 10, widths)):2} entries:",
            *(f"{result:.0%}" for result in results),
            f"  mean {sum(results) / 3:.0%}",
        )
print("you said:", my_prediction)

# %% [markdown]
# <details><summary><b>Explain</b> (open it when the numbers are there)</summary>
#
# With 50 pictures the three heads are equal, as far as three draws can tell. With 1000 the heads with a hidden layer are ahead of the one without, in every draw, by about five
# points, and a second hidden layer adds little. So the number of layers matters, for the accuracy, when there is enough data to learn it from; with few pictures it is decoration.
# For the *mechanics* it always matters: what `model[1][-1]` is, which weights fit, what lies in which parameter group.
#
# </details>
#
# ## 7. A trap to know: `ps` of the wrong length
#
# Two hidden layers need three dropouts. **Predict** what fastai does when `ps` has two: an error, a default for the third, or something else?

# %% tags=["only-shows"]
short = fastai_head(8, 3, lin_ftrs=[256, 128], ps=[0.1, 0.2])
print("\n".join(names(short)))
print("\noutput for 3 classes:", tuple(short.eval()(torch.randn(4, 8, 5, 5)).shape))

# %% [markdown]
# <details><summary><b>Explain</b> (open it when the output is there)</summary>
#
# fastai walks through widths and dropouts with `zip`, and `zip` stops at the shorter list. The last Linear is **silently missing**, and a head for 3 classes
# delivers 128 numbers. Training even starts.
#
# </details>
#
# What does yours do? Nothing is graded here, but `zip(..., strict=True)` or one `if len(ps) != ...: raise ValueError(...)` turns hours of
# wondering into a sentence.

# %% tags=["only-shows", "raises-exception"]
once_answered(
    lambda: (
        create_head(8, 3, lin_ftrs=[256, 128], ps=[0.1, 0.2]).eval()(torch.randn(4, 8, 5, 5)).shape
    )
)

# %% [markdown]
# ## 8. In your own words
#
# **`why_these_layers`** (4 points, read by a person). A friend has seen the nine layers and asks: "Why not just `Flatten` and one `Linear`?" Answer in eight to twelve sentences:
# 1. What is each layer of the default head for? Take them in order: pool, Flatten, BatchNorm, Dropout, Linear, ReLU. For each, one sentence on what would go wrong, or be harder, without it.
# 2. Why do the Linears have no bias, and the last one with `lin_first` does?
# 3. Why is there no softmax at the end?
# 4. Which of these choices are necessary, and which did somebody just find to work well?

# %% [markdown] nbgrader={"grade": true, "grade_id": "why_these_layers", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# The body delivers feature maps, say 512 maps of 7 by 7, and their size depends on the size of the picture. The **pool** makes one (here two) numbers out of each map, so the head works
# for any size; the maximum says whether a feature is anywhere, the average how much of it there is. Without it a Linear would fit one picture size only and would have 49 times the inputs.
# **Flatten** drops the two empty dimensions: a Linear wants a vector per image. **BatchNorm** puts all features on one scale, so that one learning rate suits all of them and training is quick and
# stable; maxima and averages differ a lot in size. **Dropout** forgets some features at random in training, so that the head cannot lean on a few of them; a large head and few pictures
# would otherwise overfit. The **Linear** layers mix the features into scores. The **ReLU** between them makes two Linears more than one: without it their product is again one matrix.
#
# The Linears have no bias because BatchNorm's shift, carried through the Linear, acts as one (exactly so in eval mode and for at most as many outputs as inputs). With `lin_first` the last Linear has no BatchNorm in its block, so nothing else gives it a shift.
#
# There is no softmax because the loss function, cross entropy, contains it (numerically safer that way); a second softmax would flatten the gradients. And the same head serves regression.
#
# Necessary are a pool (or something like it), Flatten, a Linear to n_out, and a non-linearity if there are two Linears. That it is max *and* average, 512, 0.25 and 0.5, BatchNorm before
# Dropout, and two Linears rather than one was found to work well by people.
#
# **Marking scheme (4 points).** One point for each of the four parts:
# 1. At least five of the six layers with a correct purpose (half a point for three or four).
# 2. BatchNorm's shift does the work of the bias, *and* the last Linear of `lin_first` has no BatchNorm in its block (half a point for one of the two). Naming the
#    limits (more outputs than inputs, Dropout in training) is welcome and not required.
# 3. The loss function contains the softmax (half a point for "we want scores, not probabilities" without saying where it happens).
# 4. At least one necessary and one merely useful choice, correctly told apart.
#
# Style and length cost nothing. A wrong statement beside a right one costs half a point at most.
# ### END SOLUTION

# %% [markdown]
# ---
# ## You can now
# - say how many layers fastai adds, for any options: `2 + 4k + 3`, give or take the options;
# - write the head, and read `create_head` in fastai line by line: [compare it with yours](https://github.com/fastai/fastai/blob/main/fastai/vision/learner.py);
# - say which parts of it are necessary, and which are somebody's good experience.
#
# **Exit questions** (answer in your head)
# 1. `vision_learner(dls, resnet50, lin_ftrs=[100], ps=0)`: how many entries does the head have, and how many inputs does its first Linear take?
# 2. A head has a bias in its last Linear and none in the others. Which option was set?
# 3. Somebody trains a classifier with a softmax at the end of the head *and* cross entropy. It does learn, slowly. How would you find out by looking?
#
# **Before you hand in** Kernel > Restart Kernel and Run All Cells, then save, and run the last cell: it says what is missing, or which file to hand in. Unanswered exercises do not stop it.
#
# **Previous** [04 · Bricks](../04-bricks/04-bricks.ipynb) · **Next** [06 · Assembly](../06-assembly/06-assembly.ipynb): body and head become one model, and the same weights give the same numbers as fastai.
#
# Words: [glossary](../../docs/glossary.md). [Answers to the exit questions](../../docs/exit-questions.md).

# %% tags=["only-shows"]
# What is done, and may it be handed in? Save the notebook first, then run this cell.
from headcheck import progress

progress()
