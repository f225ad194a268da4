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
# # 09 · Capstone
#
# **The question.** "The new head was designed by fastai's authors", said the forum. So it can be designed by you. What is the best
# head of your own that you can build for a given body, from fifty pictures and a tenth of the parameters?
#
# **You will be able to**
# - design a head for a purpose, and count what it costs before you build it;
# - compare it with a fair baseline, over seeds;
# - write down why it is as it is.
#
# **Time** 2 hours, or an evening (about 20 minutes of it reading) · **Difficulty** ●●●● · **Before this** [04 · Bricks](../04-bricks/04-bricks.ipynb), [05 · create_head](../05-create-head/05-create-head.ipynb) and [07 · Split, freeze, train](../07-split-freeze-train/07-split-freeze-train.ipynb): the ideas, not your code.
#
# Words you do not know are in the [glossary](../../docs/glossary.md): [linear probe](../../docs/glossary.md#linear-probe), [parameter](../../docs/glossary.md#parameter), [feature map](../../docs/glossary.md#feature-map), [pooling](../../docs/glossary.md#pooling).

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
import json
import sys
import warnings
from functools import lru_cache

warnings.filterwarnings("ignore")

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from fastai.layers import AdaptiveConcatPool2d, Flatten, LinBnDrop
from fastai.vision.learner import create_head
from sklearn.datasets import load_digits
from torch import nn

from headcheck import (
    anatomy,
    checking,
    draw,
    expect,
    expect_close,
    expect_gradients,
    expect_output,
    hidden,
    once_answered,
    once_for_all,
    seeded,
    show_figure,
)
from headcheck.lesson.measure import Request, measure

# A head of your own is made of layers, so fastai's finished one raises while yours is checked.
FINISHED = ["fastai.vision.learner.create_head"]


def numbers_in(module):
    """name -> how many numbers it holds: parameters, and buffers too, but for BatchNorm's statistics.

    A complex number is two.
    """
    statistics = {
        id(b)
        for part in module.modules()
        if type(part).__module__ == nn.BatchNorm1d.__module__ and part.weight is not None
        for b in (part.running_mean, part.running_var, part.num_batches_tracked)
        if b is not None and b.numel() <= part.weight.numel()
    }
    buffers = [(name, b) for name, b in module.named_buffers() if id(b) not in statistics]
    return {
        name: t.numel() * (2 if t.is_complex() else 1)
        for name, t in [*module.named_parameters(), *buffers]
    }


def n_parameters(module):
    """How many numbers the module keeps."""
    return sum(numbers_in(module).values())


def some_maps(*shape):
    """Random feature maps as a body delivers them: half of the numbers zero, none negative."""
    return torch.randn(shape).relu()


COUNTED = []  # numbers of the head, as the check of the budget has found them

torch.set_num_threads(1)  # for models as small as these, more threads wait for each other
print("ready")

# %% [markdown]
# ## 1. The body, and fifty pictures
#
# It is the situation of lesson 07. A small body has learned to tell the digits 0 to 4 apart (real scans, put somewhere on a noisy canvas). The new task
# is 5 to 9, digits it has never seen, with **ten pictures per class**. The body stays **frozen**.
#
# A frozen body gives the same feature maps for the same picture every time. So we send every picture through it **once** and keep the
# maps. From then on, training a head takes a fraction of a second. (People do the same with large bodies. It's how you try thirty heads in
# an afternoon.)

# %% nbgrader={"grade": false, "grade_id": "setup_task", "locked": true, "schema_version": 3, "solution": false, "task": false}
# The task: the scans, a trained body, how a head is trained. Run this cell and go on.
scans = load_digits()
SCANS = torch.tensor(scans.images / 16, dtype=torch.float32)[:, None]
LABELS = torch.tensor(scans.target)
NF, N_OUT = 96, 5  # features that the body delivers, classes of the new task


def on_canvas(scans, g, size=20, digit=12, noise=0.15):
    """Each scan enlarged and put somewhere on a noisy canvas: (N, 1, 8, 8) -> (N, 1, 20, 20)."""
    large = F.interpolate(scans, size=(digit, digit), mode="bilinear")
    canvas = torch.randn(len(scans), 1, size, size, generator=g) * noise
    corners = torch.randint(0, size - digit + 1, (len(scans), 2), generator=g)
    for picture, scan, (row, column) in zip(canvas, large, corners.tolist(), strict=True):
        picture[:, row : row + digit, column : column + digit] += scan
    return canvas


def train(model, inputs_of, labels, epochs, lr=1e-2, batch=32):
    """Train the model; `inputs_of(epoch)` gives the inputs of that epoch."""
    steps = epochs * -(-len(labels) // batch)
    optimiser = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, lr, total_steps=steps)
    for epoch in range(epochs):
        inputs = inputs_of(epoch)
        model.train()
        for chosen in torch.randperm(len(labels)).split(batch):
            loss = F.cross_entropy(model(inputs[chosen]), labels[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()


def block(n_in, n_out, stride=1):
    return nn.Sequential(
        nn.Conv2d(n_in, n_out, 3, stride, 1, bias=False), nn.BatchNorm2d(n_out), nn.ReLU()
    )


@once_for_all
def trained_body():
    """Four blocks that have learned to tell 0 to 4 apart: (N, 1, 20, 20) -> (N, 96, 5, 5).

    The first call trains them, a few seconds long; from then on they are there.
    """
    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        torch.manual_seed(0)
        g = torch.Generator().manual_seed(0)
        body = nn.Sequential(block(1, 12), block(12, 24, 2), block(24, 48), block(48, NF, 2))
        head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(NF, 5))
        old = LABELS < 5
        canvases = [on_canvas(SCANS[old], g) for _ in range(6)]
        train(nn.Sequential(body, head), lambda epoch: canvases[epoch], LABELS[old], 6, batch=64)
    return body.eval().requires_grad_(False)


def dealt(g):
    """The new digits in another order, and the places of the fifty to learn from (10 per class)."""
    new = (LABELS >= 5).nonzero().flatten()
    new = new[torch.randperm(len(new), generator=g)]
    labels = LABELS[new] - 5
    return new, torch.cat([(labels == c).nonzero().flatten()[:10] for c in range(N_OUT)])


@lru_cache(maxsize=8)
def new_task(seed):
    """Feature maps and labels to learn from (50), and those of the exam (about 850)."""
    g = torch.Generator().manual_seed(100 + seed)
    new, learn = dealt(g)
    maps, labels = trained_body()(on_canvas(SCANS[new], g)), LABELS[new] - 5
    exam = torch.ones(len(new), dtype=torch.bool)
    exam[learn] = False
    return maps[learn], labels[learn], maps[exam], labels[exam]


# %% tags=["only-shows"]
maps, labels, exam_maps, exam_labels = new_task(0)
print(f"to learn from: {tuple(maps.shape)}    exam: {tuple(exam_maps.shape)}")

picture = on_canvas(SCANS[LABELS == 8][:1], torch.Generator().manual_seed(3))
seen = trained_body()(picture)[0]
fig, axes = plt.subplots(2, 9, figsize=(10, 3.4), layout="constrained")
for ax in axes.flat:
    ax.axis("off")
axes[0, 0].imshow(picture[0, 0], cmap="gray")
axes[0, 0].set_title("picture", fontsize=9)
for ax, k in zip(axes[:, 1:].flat, seen.amax((1, 2)).argsort(descending=True), strict=False):
    ax.imshow(seen[k], cmap="viridis")
    ax.set_title(f"max {seen[k].max():.1f}\navg {seen[k].mean():.1f}", fontsize=8)
fig.suptitle("what the body tells the head: 96 maps of 5 × 5 (here 16 of them)", fontsize=10)
show_figure(
    "A picture of an 8 and sixteen of the body's 96 feature maps for it, each with its maximum and its average."
)

# %% [markdown]
# Each small map says **where** on the picture its feature was found. Above each of them stand the two numbers that are left of it after fastai's
# concat pool. Everything else about the place is gone by then. Keep that in mind.

# %% [markdown]
# ## 2. A baseline that deserves the name
#
# Before you build anything clever: how good is the simplest thing? A **linear probe** averages each map and puts one Linear on top.
# If your head cannot beat that, it is decoration.
#
# **Predict.** Guessing gives 20 %. What will a linear probe reach? And the same probe with a BatchNorm before its Linear, which
# puts the features on one scale (after training, it's still a linear function)?

# %% nbgrader={"grade": false, "grade_id": "setup_contest", "locked": true, "schema_version": 3, "solution": false, "task": false}
# The contest: two probes, and how a head is scored. Run this cell and go on.
SEEDS = (0, 1, 2)
MARGIN = 0.04  # how much better than the probe a head has to be, as a mean over three seeds


def bare_probe(nf, n_out):
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(nf, n_out))


def linear_probe(nf, n_out):
    return nn.Sequential(
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.BatchNorm1d(nf), nn.Linear(nf, n_out)
    )


def trained(make_head, seed, task=None, look=None):
    """A fresh head after 60 steps, each with all fifty pictures. The same seed, the same head.

    `look(head)` is called when it is new.
    """
    maps, labels, *_ = task or new_task(seed)
    head = seeded(make_head, seed)(NF, N_OUT)
    if look is not None:
        look(head)
    torch.manual_seed(seed)
    train(head, lambda epoch: maps, labels, epochs=60, batch=len(labels))
    return head.eval()


def share_right(head, maps, labels):
    """Share of the pictures that the head gets right."""
    with torch.no_grad():
        answers = torch.cat([head(some.clone()) for some in maps.split(900)])
    return (answers.argmax(1) == labels).float().mean().item()


def score(make_head, seed, task=None):
    """Share of the exam that a fresh head gets right."""
    _, _, exam_maps, exam_labels = task or new_task(seed)
    return share_right(trained(make_head, seed, task), exam_maps, exam_labels)


def scores(make_head, seeds=SEEDS):
    return [score(make_head, seed) for seed in seeds]


@lru_cache(maxsize=2)
def large_exam(seed):
    """Every new digit on four canvases: feature maps, labels, and which scan it is."""
    g = torch.Generator().manual_seed(seed)
    new = (LABELS >= 5).nonzero().flatten().repeat(4)
    maps = torch.cat([trained_body()(on_canvas(SCANS[some], g)) for some in new.split(900)])
    return maps, LABELS[new] - 5, new


def in_large_exam(head, its_seed, seed):
    """What a trained head gets right there, on the scans that it did not learn from."""
    maps, labels, scans = large_exam(seed)
    new, learn = dealt(torch.Generator().manual_seed(100 + its_seed))
    unseen = ~torch.isin(scans, new[learn])
    return share_right(head, maps[unseen], labels[unseen])


def shuffled(task, seed):
    """The same task with features and classes in another order."""
    maps, labels, exam_maps, exam_labels = task
    g = torch.Generator().manual_seed(seed)
    features, classes = torch.randperm(NF, generator=g), torch.randperm(N_OUT, generator=g)
    return maps[:, features], classes[labels], exam_maps[:, features], classes[exam_labels]


def on_its_own(head, nf, times=10):
    """Scores of a batch, and of some of its pictures one at a time, so many times each."""
    x = some_maps(90 * times, nf, 4, 5)
    some = [*range(6)] * times
    return head(x.clone())[some], torch.cat([head(x[i : i + 1].clone()) for i in some])


def tensors_in(module):
    return dict([*module.named_parameters(), *module.named_buffers()])


def as_the_other(head, other, x):
    """What `head` says with the numbers that PyTorch knows of `other`, and what `other` says."""
    theirs = {name: t.detach().clone() for name, t in tensors_in(other).items()}
    fits = {name: t.shape for name, t in tensors_in(head).items()}
    if fits != {name: t.shape for name, t in theirs.items()}:
        return None
    request = Request([x], weights=theirs, trace=False)
    said = [measure(each, request).eval_outputs for each in (head, other)]
    return [outputs[0].tensors[0] for outputs in said] if all(said) else None


def in_words(results):
    return f"{np.mean(results):.1%}  (from {min(results):.1%} to {max(results):.1%})"


# %%
my_prediction = "bare ... %, with BatchNorm ... %"

# %% tags=["only-shows"]
for name, make in {"bare probe": bare_probe, "probe with BatchNorm": linear_probe}.items():
    print(f"{name:21} {in_words(scores(make))}")
print("you said:", my_prediction)

# %% [markdown]
# <details><summary><b>Explain</b> (open it when the numbers are there)</summary>
#
# Both are the same kind of function. The second one just learns it faster, and 60 steps aren't many. Had we taken the bare probe as
# *the* baseline, any head with a BatchNorm in it would have looked like a discovery. A baseline has to be tried as honestly as your own idea.
#
# </details>
#
# So
# the opponent is the stronger of the two: `linear_probe`.

# %% [markdown]
# ## 3. Does a bigger head help?
#
# fastai's default head for 96 features and 5 classes has one hidden layer of 512.
#
# **Predict.** How many parameters is that, and what will it reach? What will the same head with 48 instead of 512 reach?

# %%
my_prediction = "512: ... parameters, ... %      48: ... %"

# %% tags=["only-shows"]
for hidden_size in (512, 48):
    make = lambda nf, n_out, size=hidden_size: create_head(nf, n_out, [size])
    size = n_parameters(make(NF, N_OUT))
    print(f"hidden layer of {hidden_size:3}: {size:7,} parameters   {in_words(scores(make))}")
print("you said:", my_prediction)

# %% tags=["only-shows"]
anatomy(nn.Sequential(trained_body(), create_head(NF, N_OUT, [48])), (2, 1, 20, 20))

# %% [markdown]
# <details><summary><b>Explain</b> (open it when the numbers are there)</summary>
#
# A tenth of the parameters, and it is no worse, as far as three seeds can tell. Both heads beat the probe, but not
# because they are large: they read the maximum as well as the average. What the pool has thrown away, no hidden layer brings back, however large it is.
#
# </details>
#
# So where would *you* spend the parameters?
#
# | layer | parameters |
# |---|---|
# | `Linear(a, b)` | a·b + b |
# | `Conv2d(a, b, 1)`: the same Linear at every place | a·b + b |
# | `Conv2d(a, b, 3, padding=1)`: looks at neighbouring places too | 9·a·b + b |
# | `Conv2d(a, a, 3, padding=1, groups=a)`: each map for itself | 9·a + a |
# | `BatchNorm` of a features | 2·a |
# | pools, Flatten, Dropout, ReLU | 0 |

# %% [markdown]
# ## Exercise: `my_head` · 20 points
#
# **What.** Write `my_head(nf, n_out)`. It returns a **new** head, an `nn.Module`, each time it is called.
#
# 1. It starts untrained: its weights are drawn at random, so two heads from two calls differ. (Up to 1,000 fixed numbers, a grid of places for example, may be the same.)
# 2. It takes feature maps `(N, nf, H, W)` of **any** size from 1 × 1 on and returns scores `(N, n_out)`. In eval mode the scores of a picture do not depend on chance or on
#    the other pictures of the batch. Scores are free numbers: no softmax, sigmoid, tanh, ReLU or LayerNorm at the end, nothing that keeps
#    them in a range, or on one side of a number. (A learned factor behind it only makes another range.)
# 3. **Budget.** It has at most `100 * (nf + n_out)` parameters (10,100 for our task), for any `nf` from 96 to 512 and any `n_out` from 5 to 20. A buffer counts like a
#    parameter; only the statistics of a BatchNorm are free.
# 4. A gradient reaches every parameter, and PyTorch knows of all of them. No layer has its weights in a buffer: there they cannot learn.
# 5. It beats `linear_probe` by at least **4 percentage points**, as a mean over three seeds, trained as in section 2.
#
# Any layers of PyTorch and fastai, in a Sequential or in classes of your own with your own `forward`. Not: `create_head` itself. That one you know.
#
# **Why it matters.** In fastai one word makes it real: `vision_learner(dls, resnet18, custom_head=my_head(512, n_out))`. (A resnet18 delivers 512 features. Your head does its own pooling, so
# nothing is doubled before it.) Nobody will ask you to beat
# a benchmark. But "how small can it be and still do the job?" is asked every day, wherever a model has to fit into a phone, or must not cost much to run.
#
# **One thing about chance.** The check below is the one that grades you, so you can run it before you hand in. It trains your head on the same fifty pictures with the same seeds,
# here and in grading. Only the exam is another one in grading, the same for everybody: the same digits, each put on four new canvases. Between two exams the lead of a head changes by less
# than a point. To be safe from that, grading asks for 2.5 points instead of 4. So a head that passes here passes there.
#
# Grading also trains your head again with features and classes in other orders, several times where it is in doubt. A head that only learns does not mind. A head that was trained
# on these digits before, and brings that along, loses what it knew, and the points.


# %% nbgrader={"grade": false, "grade_id": "my_head", "locked": false, "schema_version": 3, "solution": true, "task": false}
def my_head(nf, n_out):
    """A new head: (N, nf, H, W) -> scores (N, n_out), at most 100 * (nf + n_out) parameters."""
    ### BEGIN SOLUTION
    # audit: equivalent [constant]: any width that is within the budget and good enough is right
    width = 10  # a 3 x 3 convolution costs 9 * nf * width: ten features is what 90 % of it buys
    # Any head that is within the budget and good enough is right:
    # audit: equivalent [constant; argument dropped; call dropped; arguments swapped; dropout; softmax; log_softmax; other function; one more, one less]: see above
    # audit: equivalent [eval]: whoever trains it says train()
    return nn.Sequential(
        nn.Conv2d(nf, width, 3, padding=1, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(),
        AdaptiveConcatPool2d(1),
        Flatten(),
        nn.Linear(2 * width, n_out),
    )
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1 (a nudge)</summary>
#
# All heads so far pool first and think afterwards. Look at the maps in section 1 again: what could a layer find out *before* the pool, while it is still known which features
# are side by side?
# </details>
# <details><summary>Hint 2 (stronger)</summary>
#
# A convolution works on the maps, a pool behind it makes any size legal. With `padding=1` a 3 × 3 convolution even works on a map of 1 × 1. The table in section 3 says
# what it costs: how many output channels can you pay for? BatchNorm and ReLU behind it cost next to nothing.
# </details>
# <details><summary>Hint 3 (nearly the line)</summary>
#
# `nn.Sequential(nn.Conv2d(nf, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU(), AdaptiveConcatPool2d(1), Flatten(), ...)`, and then: how many
# features does a concat pool hand on?
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_my_head", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("my_head", write_it_yourself=FINISHED, step="it fits"):
    head = my_head(96, 5)
    for height, width in [(5, 5), (1, 1), (3, 7)]:
        expect_output(
            head,
            some_maps(4, 96, height, width),
            (4, 5),
            checked=f"my_head(96, 5): the output for four maps of {height} x {width}",
        )
    expect_output(
        head, some_maps(1, 96, 5, 5), (1, 5), checked="my_head(96, 5): the output for one picture"
    )

    def free(head, nf):
        """Whether the scores are finite, and get below and above 0: at once, or when that is what it learns."""
        maps, weights = 10 * some_maps(64, nf, 5, 5), list(head.parameters())
        optimiser = torch.optim.Adam(weights, 0.2) if weights else None
        below = above = False
        for _ in range(60):
            values = head(maps)
            below, above = below or bool((values < 0).any()), above or bool((values > 0).any())
            if not values.isfinite().all() or (below and above):
                break
            with torch.enable_grad():
                loss = head(maps).mean() * (1 if above else -1)
            if optimiser is None or not loss.requires_grad:
                break
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        return below and above and bool(values.isfinite().all())

    def last_step(head, x):
        """The operation that the scores come from, leaving out what only scales, shifts, or reshapes.

        By a learned number, too: with given weights a range stays one.
        """
        ran = measure(head, Request(eval_inputs=[x], learn=False)).eval_ops
        step = ran[-1] if ran else None
        plain = ("add", "radd", "sub", "rsub", "mul", "rmul", "div", "truediv", "neg")
        forms = ("flatten", "view", "reshape", "squeeze", "contiguous", "clone")
        while step is not None and step.name in (*plain, *forms) and len(step.sources) == 1:
            step = ran[step.sources[0]] if step.sources[0] >= 0 else None
        return step.name if step is not None else None

    ONE_LENGTH = ("layer_norm", "group_norm", "instance_norm", "rms_norm", "normalize")
    IN_A_RANGE = (
        *ONE_LENGTH,
        *("softmax", "log_softmax", "logsigmoid", "sigmoid", "hardsigmoid", "tanh", "hardtanh"),
        *("softsign", "erf", "sin", "cos", "atan", "arctan", "clamp", "clip", "relu", "relu6"),
    )

    def without_limit(head, nf, n_out):
        """Whether the scores get as large, above 0 and below, as large weights (or maps) make them.

        Not by what only scales and shifts: a range stays one.
        """
        maps = some_maps(16, nf, 3, 3)

        def extremes(times, drawn):
            """The largest score and the least, with weights (or maps) that are `times` as large."""
            weights = {name: times * t for name, t in drawn.items() if name}
            request = Request([drawn.get("", maps / times) * times], weights=weights, trace=False)
            outputs = measure(head, request).eval_outputs
            if not outputs:  # it has no weights that can be set: that is said elsewhere
                return times, times
            scores = outputs[0].tensors[0].nan_to_num(0)
            return scores.max().item(), -scores.min().item()

        def drawn_for(name, t):
            numbers = torch.randn(t.shape)
            return [{name: some} for some in (numbers, numbers.abs(), -numbers.abs())]

        sizes = {name: t for name, t in head.named_parameters() if t.numel() > n_out}
        tried = [drawn_for(name, t) for name, t in reversed(sizes.items())] + [[{"": maps}]]
        above = below = False
        for each in tried:
            large, larger = (
                [max(side) for side in zip(*(extremes(times, d) for d in each), strict=True)]
                for times in (100, 3000)
            )
            above, below = above or larger[0] > 1.5 * large[0], below or larger[1] > 1.5 * large[1]
            if above and below:
                return True
        return False

    with torch.no_grad():
        wide = my_head(96, 20)
        wide.eval()
        expect(
            free(wide, 96),
            "my_head: scores are free numbers, some of them negative, some positive",
            got="all of one sign (or not finite), whatever is learned",
            expected="both signs",
            cause="something stands behind the last Linear: softmax, sigmoid, ReLU",
            look="rule 2 of the exercise",
        )
        wide = my_head(96, 20)  # a new one: the other may have learned something
        wide.eval()
        last = last_step(wide, some_maps(4, 96, 5, 5))
        expect(
            without_limit(wide, 96, 20),
            "my_head: scores are free numbers, as large or as small as they need to be",
            got=f"scores that come from {last}"
            if last in IN_A_RANGE
            else "scores with a limit above, or below, however large the weights are",
            expected="scores of a Linear, or of another layer that sets them no limit",
            cause="behind the last layer the scores of every picture are brought to one length"
            if last in ONE_LENGTH
            else "something behind the last layer keeps them in a range, or both of what it multiplies "
            "are brought to one length",
            look="rule 2 of the exercise",
        )
        together, alone = on_its_own(wide, 96)
        expect_close(
            together,
            alone,
            "my_head in eval mode: pictures in a batch of many, and six of them one at a time",
            tolerance=1e-3,
            cause="a dropout that is also active in eval mode, a BatchNorm or softmax over the batch, "
            "or a layer that is made anew inside forward",
            look="rule 2 of the exercise",
        )
    again = my_head(96, 5)
    mine = {id(t) for t in [*head.parameters(), *head.buffers()]}
    expect(
        again is not head
        and not any(id(t) in mine for t in [*again.parameters(), *again.buffers()]),
        "my_head returns a new head each time",
        got="the second head has parameters, or statistics, of the first",
        expected="heads that share nothing",
        cause="layers were made outside of the function, or kept between two calls",
        look="make all layers inside of my_head",
    )

    def equal_numbers(head, other):
        """How many numbers two heads have in common in layers of which all weights are one number.

        Zeros apart: some layers begin with nothing to add.
        """
        tables = [
            {name: t for name, t in each.named_parameters() if t.dim() > 1}
            for each in (head, other)
        ]
        return sum(
            t.numel()
            for name, t in tables[0].items()
            if bool((t == t.flatten()[:1]).all() & (t != 0).any())
            and torch.equal(t, tables[1].get(name, t[:0]))
        )

    def rows_of(module):
        """Its numbers, row by row: what one unit of a layer has, centred and of length one."""
        tensors = [
            t.detach().double() for t in [*module.parameters(), *module.buffers()] if t.numel()
        ]
        tables = [
            t.flatten(1) if t.dim() > 1 and t[0].numel() >= 16 else t.reshape(1, -1)
            for t in tensors
        ]
        for table in tables:
            rows = table - table.mean(1, keepdim=True)
            length = rows.norm(dim=1, keepdim=True)
            yield (rows / length)[length.flatten() > 0]

    def alike(head, other):
        """How many numbers two new heads have in common, leaving out what is all ones or all zeros.

        Row by row, whatever stands where: units in another order are the same units.
        """
        theirs, count = list(rows_of(other)), 0
        for rows in rows_of(head):
            fitting = [table for table in theirs if table.shape[1] == rows.shape[1] and len(table)]
            if len(rows) and fitting:
                nearest = (rows @ torch.cat(fitting).T).abs().amax(1)
                count += int((nearest > 0.87).sum()) * rows.shape[1]
        return count

    expect(
        equal_numbers(head, again) <= 1000,
        "my_head returns a head with weights drawn at random",
        got="layers whose weights are all one number",
        expected="weights drawn at random, so that two heads differ",
        cause="what begins equal stays equal: each unit of the layer learns the same",
        look="rule 1 of the exercise: leave the weights as PyTorch draws them",
    )
    expect(
        alike(head, again) <= 1000,
        "my_head returns an untrained head",
        got="two heads from two calls with the same weights",
        expected="weights drawn at random, so that two heads differ",
        cause="the weights were trained or drawn before, outside of the function, or a seed is set inside of it",
        look="rule 1 of the exercise",
    )
    ### BEGIN HIDDEN TESTS
    rng = draw("my_head")
    with hidden("other numbers of features and classes, other sizes, one picture at a time"):
        # Primes: groups of two or three that happen to fit would be luck.
        nf, n_out = rng.choice((101, 127, 149, 181, 199)), rng.choice((7, 11, 13, 17, 19))
        head = my_head(nf, n_out)
        large = rng.randint(33, 40), rng.randint(33, 40)
        for height, width in [
            (1, 1),
            (1, rng.randint(2, 9)),
            (rng.randint(2, 9), 1),
            (2, 2),
            (rng.randint(8, 12), 3),
            large,
        ]:
            for n in (1, 3):
                expect_output(
                    head,
                    some_maps(n, nf, height, width),
                    (n, n_out),
                    mistakes={(n, 5): "five outputs, whatever n_out says"},
                )
        head.eval()
        with torch.no_grad():
            together, alone = on_its_own(head, nf)
            expect_close(together, alone, "my_head", tolerance=1e-3)
            expect(
                bool(head(some_maps(3, nf, 1, 1)).isfinite().all()),
                "my_head",
                cause="maps of a single place give scores that are no numbers: the spread of one number, "
                "or a division by zero",
                look="rule 2 of the exercise: any size from 1 x 1 on",
            )
    ### END HIDDEN TESTS

# %% [markdown]
# Rule 3, the budget:

# %% nbgrader={"grade": true, "grade_id": "test_my_head_budget", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("my_head", write_it_yourself=FINISHED, step="the budget"):
    head = my_head(96, 5)
    expect(
        isinstance(head, nn.Module),
        "my_head returns an nn.Module",
        got=type(head).__name__,
        cause="is a return missing?"
        if head is None
        else "a list of layers is no module yet, and a class none before it is called",
        look="the docstring",
    )
    sizes = numbers_in(head)
    COUNTED[:] = [sum(sizes.values())]
    largest = max(sizes, key=sizes.get, default=None)
    expect(
        sizes,
        "my_head(96, 5) has parameters",
        got="none",
        expected="some",
        cause="there is no layer with weights, or PyTorch does not know of it (a plain Python list?)",
        look="rule 4 of the exercise",
    )
    expect(
        sum(sizes.values()) <= 100 * (96 + 5),
        "my_head(96, 5): the number of parameters and buffers",
        got=f"{sum(sizes.values()):,}",
        expected=f"at most {100 * (96 + 5):,}",
        cause=f"most expensive is {largest}, with {sizes.get(largest):,} of them",
        look="the table in section 3: what does each layer cost?",
    )
    ### BEGIN HIDDEN TESTS
    rng = draw("my_head_budget")
    with hidden("the budget for more features and more classes"):
        inside = (rng.randint(120, 400), rng.randint(6, 19))
        between = [(nf, n_out) for nf in (100, 128, 160, 192, 256, 384) for n_out in (5, 12)]
        for nf, n_out in [(512, 5), (96, 20), (512, 20), inside, *between]:
            expect(
                n_parameters(my_head(nf, n_out)) <= 100 * (nf + n_out),
                "my_head",
                cause="the cost grows faster than nf and n_out: is there a layer of nf x nf or of nf x n_out weights?",
                look="rule 3: put numbers into your own formula",
            )
    ### END HIDDEN TESTS

# %% [markdown]
# Rule 4, a gradient for every parameter:

# %% nbgrader={"grade": true, "grade_id": "test_my_head_gradients", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("my_head", write_it_yourself=FINISHED, step="it learns"):

    def unknown_weights(head, x):
        """The steps of forward that use weights which are not registered in the head."""
        ran = measure(head, Request(train_inputs=[x])).train_ops
        known = ("weight", "running_mean", "tensor")  # tensor: what a new layer fills at random

        def large(op, role):
            """More than the fixed numbers that rule 1 allows, and not one row for each picture."""
            shape = op.shapes[role]
            return len(shape) > 0 and shape[0] != len(x) and torch.Size(shape).numel() > 1000

        return [
            op
            for op in ran
            if any(op.tensors.get(role) == "" for role in known)
            or any(name == "" and large(op, role) for role, name in op.tensors.items())
        ]

    head = my_head(96, 5)
    expect_gradients(
        head,
        some_maps(16, 96, 5, 5),
        checked="my_head(96, 5): a gradient reaches every parameter",
    )
    unknown = unknown_weights(head, some_maps(16, 96, 5, 5))
    expect(
        not unknown,
        "my_head(96, 5): PyTorch knows of every weight",
        got="a layer that computes with weights which are not in head.parameters()",
        expected="only weights that an optimiser would see",
        cause="a layer is made inside forward: it is new, and untrained, at every call"
        if any("tensor" in op.tensors for op in unknown)
        else "layers in a plain Python list or dict",
        look="make layers in __init__, as attributes or in an nn.ModuleList",
    )

    another = my_head(96, 5)
    both = as_the_other(head, another, some_maps(4, 96, 5, 5))
    if both is not None:
        expect_close(
            *both,
            "my_head(96, 5): the scores of a head that gets all parameters and buffers of another one",
            tolerance=1e-3,
            cause="it also computes with numbers of its own that PyTorch does not know of: a plain tensor "
            "drawn at random, layers in a plain Python list",
            look="nn.Parameter(...) for weights, and rule 4 of the exercise",
        )

    def in_buffers(head, another, x):
        """Whether a layer takes its weights from a buffer, or a buffer holds a table drawn at random."""
        ran = measure(head, Request(train_inputs=[x])).train_ops
        theirs, drawn = dict(another.named_buffers()), set()
        buffers = {name for name, _ in head.named_buffers()}
        for name, b in head.named_buffers():
            # (What torch's parametrizations need beside the weights is theirs.)
            table = b.is_floating_point() and b.dim() > 1 and "parametrizations." not in name
            if table and name in theirs and not torch.equal(b, theirs[name]):
                drawn.add(name)
        return drawn or any(op.tensors.get("weight") in buffers for op in ran)

    expect(
        not in_buffers(head, another, some_maps(16, 96, 5, 5)),
        "my_head(96, 5): the weights of its layers are parameters",
        got="a layer whose weights are a buffer",
        expected="weights that an optimiser can change",
        cause="register_buffer was used for weights: they stay as they are",
        look="rule 4 of the exercise",
    )
    ### BEGIN HIDDEN TESTS
    rng = draw("my_head_gradients")
    with hidden("the gradients with other numbers of features and classes"):
        nf, n_out = rng.choice((101, 127, 149, 181, 199)), rng.choice((7, 11, 13, 17, 19))
        expect_gradients(my_head(nf, n_out), some_maps(16, nf, 5, 5))
    ### END HIDDEN TESTS

# %% [markdown]
# The last check trains your head and the probe on the same pictures, three times each. It takes a few seconds. The line that begins with `leaderboard` is for
# the table of the class: what your head costs, and what it reaches. The table gives ranks to heads that are put together from layers of PyTorch and fastai. A head with a class
# of its own earns the same points, but what such a class keeps and computes cannot be counted from outside, so it stands below, without a rank.

# %% nbgrader={"grade": true, "grade_id": "test_my_head_beats_probe", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("my_head", write_it_yourself=FINISHED, step="it beats the probe"):

    def without_rank(head):
        """Why the table of the class gives this head no rank; None when it does."""
        uncounted = "what it keeps cannot be counted from outside"
        for part in head.modules():
            kind = type(part)
            library = kind.__module__.startswith(("torch.nn.modules.", "fastai.layers"))
            if (
                not library
                or getattr(sys.modules[kind.__module__], kind.__name__, None) is not kind
            ):
                return f"a class of its own: {uncounted}"
            kept = [value for name, value in part.__dict__.items() if name[:1] != "_"]
            if any(isinstance(value, torch.Tensor) or callable(value) for value in kept):
                return f"a layer that holds a function or a tensor: {uncounted}"
        return None

    expect_output(my_head(NF, N_OUT), some_maps(2, NF, 5, 5), (2, N_OUT))
    counted = max(100 * (NF + N_OUT), *(COUNTED or [n_parameters(my_head(NF, N_OUT))]))
    exam_seed, asked = 0, MARGIN
    ### BEGIN HIDDEN TESTS
    # One exam for everybody, and always the same: a mark is no lottery. Measured over 44 heads: on a
    # quarter of these pictures the lead has a standard deviation of 0.7 points from exam to exam, and
    # no head's mean lies between 1.5 and 3.3.
    exam_seed, asked = 5_160_947, 0.025
    ### END HIDDEN TESTS
    heads, yours, probe, numbers, unranked = [], [], [], [], []

    def note(head):
        """What is to be said of a head, as it is when it begins: it may be another one later."""
        numbers.append(n_parameters(head))
        unranked.append(without_rank(head))

    for seed in SEEDS:
        heads.append(trained(my_head, seed, look=note))
        yours.append(in_large_exam(heads[-1], seed, exam_seed))
        probe.append(in_large_exam(trained(linear_probe, seed), seed, exam_seed))
    weights = [id(t) for head in heads for t in [*head.parameters(), *head.buffers()]]
    expect(
        len(set(weights)) == len(weights),
        "my_head returns a new head for each seed",
        got="the head of an earlier seed, trained already",
        expected="heads that share nothing",
        cause="layers were made outside of the function, or kept between two calls",
        look="make all layers inside of my_head",
    )
    expect(
        max(*numbers, *map(n_parameters, heads)) <= counted,
        "the head that is trained is the one whose numbers were counted",
        got="a larger one",
        expected=f"at most {counted:,} parameters and buffers, each time",
        cause="my_head(96, 5) gives heads of several sizes",
        look="rule 3 of the exercise",
    )

    def rules_kept(head):
        """Whether its scores depend on one picture alone, and on what PyTorch knows of alone."""
        try:
            with torch.no_grad():
                pair = on_its_own(head.eval(), NF, times=1)
            both = as_the_other(my_head(NF, N_OUT), head, some_maps(4, NF, 5, 5))
            pairs = pair, both or pair
            return [
                a.shape == b.shape and torch.allclose(a, b, rtol=1e-3, atol=1e-3) for a, b in pairs
            ]
        except RuntimeError:  # other sizes are asked for above
            return [False, False]

    # What a new head does wrong is said above, and costs nothing here.
    for kept, new, cause, look in zip(
        rules_kept(heads[0]),
        rules_kept(my_head(NF, N_OUT)),
        (
            "once it is trained, the scores of a picture depend on the others of its batch, or on chance",
            "a new head with its parameters and buffers says something else: it also computes with what it "
            "kept from its training, and that is lost when it is saved",
        ),
        ("rule 2 of the exercise", "rule 4, and self.register_buffer(...) for what is not learned"),
        strict=True,
    ):
        expect(kept or not new, "my_head: the trained head keeps the rules", cause=cause, look=look)
    ahead = np.mean(yours) - np.mean(probe)
    entry = {
        "parameters": max(numbers),
        "accuracy": round(float(np.mean(yours)), 4),
        "probe": round(float(np.mean(probe)), 4),
        "margin": MARGIN,
        "budget": 100 * (NF + N_OUT),
        "not_ranked": next((why for why in unranked if why is not None), None),
    }
    print("leaderboard", json.dumps(entry))
    expect(
        ahead >= asked,
        "my_head beats the linear probe on the new digits, as a mean over three seeds",
        got=f"{np.mean(yours):.1%}, that is {100 * ahead:+.1f} points",
        expected=f"at least {np.mean(probe) + MARGIN:.1%}, that is {100 * MARGIN:+.1f} points",
        cause="it averages first and thinks afterwards: that is the probe with more parameters"
        if ahead > -MARGIN
        else "it learns less than a single layer does: very narrow, much dropout, a softmax, or no BatchNorm",
        look="section 3, and hint 1",
    )
    ### BEGIN HIDDEN TESTS
    rng = draw("my_head_beats_probe")
    with hidden("features and classes in another order"):
        # Measured over 16 heads that only learn, 6 times each: the lead moves by 1.3 points here, and is
        # 1 point less on the mean, at most 4. A linear head that knew the digits has a lead of 0.3.
        leads = []
        while len(leads) < 9:
            tasks = [shuffled(new_task(seed), rng.randint(1, 10**9)) for seed in SEEDS]
            leads.append(
                np.mean(
                    [
                        score(my_head, seed, task) - score(linear_probe, seed, task)
                        for seed, task in zip(SEEDS, tasks, strict=True)
                    ]
                )
            )
            lead = np.mean(leads)
            if lead > 0.006 + 0.012 / len(leads) ** 0.5 and ahead - lead < 0.05:
                break  # else: was it chance?
        expect(
            lead > 0.006 and ahead - lead < 0.07,
            "my_head",
            cause="it knows these digits from before: what it can do was brought along, not learned here",
            look="rule 1: a new head is untrained",
        )
    ### END HIDDEN TESTS

# %% [markdown]
# ## 4. The leaderboard
#
# Accuracy alone is half the story: the other half is what it costs. Add your other ideas to `entries`, also those that failed. A point high up on the **left** is what you want.

# %% tags=["only-shows", "raises-exception"]
entries = {
    "linear probe": linear_probe,
    "default head": create_head,
    "lin_ftrs=[48]": lambda nf, n_out: create_head(nf, n_out, [48]),
    "yours": my_head,
}
board = []
for name, make in entries.items():
    results = once_answered(lambda make=make: scores(make))
    if results is None:
        continue
    board.append(
        {
            "head": name,
            "parameters": n_parameters(make(NF, N_OUT)),
            "accuracy": round(float(np.mean(results)), 4),
            "seeds": [round(r, 4) for r in results],
        }
    )
for row in sorted(board, key=lambda row: -row["accuracy"]):
    print(f"{row['accuracy']:.1%}  {row['parameters']:7,} parameters   {row['head']}")

# %% tags=["only-shows", "raises-exception"]
fig, ax = plt.subplots(figsize=(8, 4))
for row, marker in zip(board, "osv*^DPX" * 4, strict=False):
    x = [row["parameters"]] * len(row["seeds"])
    ax.plot(x, row["seeds"], marker, color="gray", alpha=0.5, markersize=5)
    ax.plot(row["parameters"], row["accuracy"], marker, markersize=11, label=row["head"])
ax.axvline(100 * (NF + N_OUT), color="gray", linestyle="--", linewidth=1)
ax.axhline(board[0]["accuracy"] + MARGIN, color="gray", linestyle=":", linewidth=1)
ax.text(100 * (NF + N_OUT) * 1.04, 0.42, "budget")
ax.text(300, board[0]["accuracy"] + MARGIN + 0.006, "probe + 4 points", fontsize=9)
ax.set(xscale="log", xlim=(280, 200_000), ylim=(0.4, 0.9))
ax.set(xlabel="parameters of the head", ylabel="right on new digits")
ax.set_title("small gray: one seed each, large: their mean")
ax.legend(loc="lower right", fontsize=9)
show_figure(
    "Accuracy on new digits against the number of parameters for each head, with the budget and the mark to beat as lines."
)

# %% tags=["only-shows", "raises-exception"]
from IPython.display import display

once_answered(
    lambda: display(anatomy(nn.Sequential(trained_body(), my_head(NF, N_OUT)), (2, 1, 20, 20)))
)

# %% [markdown]
# Here is room for your experiments. Change **one** thing at a time, and run more than one seed before you believe a difference.

# %% tags=["only-shows"]
with_dropout = lambda nf, n_out: nn.Sequential(
    AdaptiveConcatPool2d(1), Flatten(), LinBnDrop(2 * nf, n_out, p=0.25)
)
print(in_words(scores(with_dropout)))

# %% [markdown]
# ## 5. The design note
#
# **`why_my_head`** (4 points, read by a person). Every good design comes with a page that says why. In about ten sentences:
#
# 1. What is the idea of your head, and where do its parameters go?
# 2. Name two things you tried that differ from it in **one** point, with their numbers over the seeds.
# 3. Is your lead over the probe larger than the spread over the seeds? How can you tell, if the spread of each head is as large as the lead?
# 4. For which other task, body or amount of data would you design it differently, and how?

# %% [markdown] nbgrader={"grade": true, "grade_id": "why_my_head", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# **A full answer.** My head lets a 3 × 3 convolution look at the maps *before* the pool, because a digit is not only which strokes there are but how they lie beside each other, and the pool
# throws that away. The convolution has 8,640 of the 8,765 parameters, so only ten features are left after it; BatchNorm and ReLU cost 20, and the concat pool lets the last Linear read whether a
# feature is anywhere and how much of it there is.
#
# I changed one thing at a time (means over three seeds, mine has 73 %). Average pool alone instead of the concat pool: 65 %, so the maximum is what counts when there is one digit on a large canvas. The
# same ten features from a 1 × 1 convolution: 64 %. But eighty features from a 1 × 1 convolution cost as much as ten from a 3 × 3 one, and they reach 73 % too; over nine seeds it is 74 against 75 %. So
# thinking before the pool is what helps, and neighbours are only one way to do it.
#
# The probe has about 60 %, and its seeds go from 51 to 63 %. But both are trained on the same pictures for the same seed, so I look at the difference per seed: it is between 11 and 21
# points, always in the same direction.
#
# With thousands of pictures per class I would take more features and some dropout. For a task in which the place does not matter (is the picture light or dark?) I would pool first. With a body of
# 2048 features a 3 × 3 convolution is too expensive; I would put a 1 × 1 convolution before it, or let each map have its own 3 × 3 filter.
#
# **Marking scheme (4 points).** One point for each part:
# 1. The idea is named *and* says why it should help here; the most expensive layer is named (half a point for a list of layers without a reason).
# 2. Two variations that differ in one point each, with means over seeds (half for one, or for two with several changes at once, or from one seed).
# 3. Compares lead with spread, and does it per seed because both saw the same pictures (half for comparing the two ranges only).
# 4. Another situation, with a change that follows from it (half for "more data, larger head" without a reason).
#
# Negative results earn as much as positive ones. Style and length cost nothing.
# ### END SOLUTION

# %% [markdown]
# ---
# ## You can now
# - design a head for a purpose, and say what each of its parameters is for;
# - test an idea against a baseline that was tried for real, over several seeds;
# - tell the forum: no, it is not always one layer; no, the number isn't fixed; yes, it matters, and here is the plot ([all parts of the answer](../../docs/answer.md)).
#
# **Exit questions** (answer in your head)
# 1. A paper says: "our head beats a linear probe by 9 points". Which two questions do you ask first?
# 2. A head works for 7 × 7 maps and crashes for 1 × 1. Name two layers that do this.
# 3. You tried 40 heads and keep the best on the exam pictures. Why is its true accuracy probably lower than the one you read?
#
# **Before you hand in** Kernel > Restart Kernel and Run All Cells, then save, and run the last cell: it says what is missing, or which file to hand in. Unanswered exercises do not stop it.
#
# **Previous** [08 · Many heads](../08-many-heads/08-many-heads.ipynb) · **Next** your own body, your own pictures. And thank you for taking ten heads apart.
#
# Words: [glossary](../../docs/glossary.md). [Answers to the exit questions](../../docs/exit-questions.md).

# %% tags=["only-shows"]
# What is done, and may it be handed in? Save the notebook first, then run this cell.
from headcheck import progress

progress()
