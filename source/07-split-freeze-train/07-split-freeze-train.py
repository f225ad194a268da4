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
# # 07 · Split, freeze, train
#
# **The question.** We kept the old body and gave it a new head. Does the old body *really* help? When, how much, and who
# says so?
#
# **You will be able to**
# - split a model into parameter groups, freeze them, and undo it;
# - say what still changes in a frozen body;
# - run a fair transfer experiment and read its plot.
#
# **Time** 90 minutes (about 20 of them reading, a few waiting) · **Difficulty** ●●●○ · **Before this** [02 · The cut](../02-the-cut/02-the-cut.ipynb) and [05 · create_head](../05-create-head/05-create-head.ipynb): the ideas, not your code. Body and head come from fastai here.
#
# Words you do not know are in the [glossary](../../docs/glossary.md): [parameter group](../../docs/glossary.md#parameter-group), [freeze](../../docs/glossary.md#freeze), [transfer learning](../../docs/glossary.md#transfer-learning), [discriminative learning rate](../../docs/glossary.md#discriminative-learning-rate).

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

warnings.filterwarnings("ignore")

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from fastai.torch_core import apply_init
from fastai.vision.learner import create_body, create_head
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from torch import nn
from torchvision.models.resnet import BasicBlock

from headcheck import (
    anatomy,
    checking,
    draw,
    expect,
    expect_equal,
    expect_groups,
    expect_state_unchanged,
    hidden,
    once_answered,
    show_figure,
    state_of,
)

torch.manual_seed(0)


def sample_model(blocks=2):
    """Sequential(body, head); the body's children are conv, norm, relu, then residual blocks.

    The first residual block changes the number of channels, so it has a BatchNorm inside its
    `downsample` as well.
    """
    width = 4
    layers = [nn.Conv2d(3, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
    for i in range(blocks):
        shortcut = (
            nn.Sequential(nn.Conv2d(width, width + 2, 1), nn.BatchNorm2d(width + 2))
            if i == 0
            else None
        )
        out = width + 2 if i == 0 else width
        layers.append(BasicBlock(width, out, downsample=shortcut))
        width = out
    head = nn.Sequential(
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.BatchNorm1d(width), nn.Linear(width, 2)
    )
    model = nn.Sequential(nn.Sequential(*layers), head)
    for layer in model.modules():  # as if it had learned: no BatchNorm is like a new one
        if isinstance(layer, nn.modules.batchnorm._BatchNorm):
            for t in (layer.weight, layer.bias, layer.running_mean, layer.running_var):
                nn.init.uniform_(t, 0.5, 1.5)
    return model


def trainable_names(model):
    return [name for name, p in model.named_parameters() if p.requires_grad]


def norm_names(module):
    """Names of the parameters that belong to a BatchNorm layer."""
    return [
        f"{path}.{name}"
        for path, m in module.named_modules()
        if isinstance(m, nn.modules.batchnorm._BatchNorm)
        for name, _ in m.named_parameters(recurse=False)
    ]


def values_and_modes(model):
    """What freezing leaves alone: weights, statistics, the mode of each layer."""
    values = [t.detach().clone() for t in model.state_dict().values()]
    return values, [m.training for m in model.modules()] + [t.dtype for t in values]


def every_norm(before=0):
    """Sequential(body, head) with each of the three kinds of BatchNorm in the body.

    One of them lies deep inside, one has no weights. `before`: how many other layers without weights
    come first.
    """
    body = nn.Sequential(
        *[nn.Identity() for _ in range(before)],
        nn.Conv2d(3, 2, 1),
        nn.Sequential(
            nn.BatchNorm2d(2, track_running_stats=False),
            nn.Unflatten(1, (2, 1)),
            nn.Sequential(nn.Sequential(nn.Sequential(nn.BatchNorm3d(2)))),
        ),
        nn.Flatten(),
        nn.Linear(8, 4),
        nn.BatchNorm1d(4),
        nn.BatchNorm1d(4, affine=False),
    )
    return nn.Sequential(body, nn.Linear(4, 2))


def states(groups):
    """For each group: True when all of it is trainable, False when all of it is frozen."""
    return [
        True
        if all(p.requires_grad for p in g)
        else False
        if not any(p.requires_grad for p in g)
        else "mixed"
        for g in groups
    ]


def expect_trainable(model, wanted, checked, mistakes, look):
    """That the parameters called `wanted` are trainable and no others; shows the first that differs."""
    found = trainable_names(model)
    wrong = [n for n, _ in model.named_parameters() if (n in found) != (n in wanted)]
    is_now, should_be = "trainable", "frozen"
    if wrong and wrong[0] not in found:
        is_now, should_be = should_be, is_now
    others = f" (and {len(wrong) - 1} more differ)" if len(wrong) > 1 else ""
    likely = [why for names, why in mistakes if set(names) == set(found)]
    expect(
        not wrong,
        checked,
        got=f"{wrong[0]} is {is_now}{others}" if wrong else None,
        expected=f"{wrong[0]} is {should_be}" if wrong else None,
        cause=likely[0] if likely else None,
        look=look,
    )


torch.set_num_threads(1)  # for models as small as these, more threads wait for each other
print("ready")

# %% [markdown]
# ## 1. Three groups of numbers
#
# After the surgery a model has numbers of three kinds: early ones that know edges and corners, later ones that know parts of
# things, and new ones that know nothing. They should not all learn at the same speed. So fastai splits a model
# into **parameter groups**. For a resnet it is this line (`fastai/vision/learner.py`), and a person typed the 6:
#
# ```python
# def _resnet_split(m): return L(m[0][:6], m[0][6:], m[1:]).map(params)
# ```

# %% tags=["only-shows"]
anatomy(sample_model(), (2, 3, 32, 32))

# %% [markdown]
# **Predict.** fastai cuts a resnet18's body at child 6 of 8. It has 11.2 million parameters. How many of them lie in the
# first group, children 0 to 5?

# %%
my_prediction = "... million"

# %% tags=["only-shows"]
from torchvision.models import resnet18

body = create_body(resnet18(weights=None), pretrained=False, cut=-2)
first, second = (sum(p.numel() for p in part.parameters()) for part in (body[:6], body[6:]))
print(
    f"group 1: {first / 1e6:.1f} million, group 2: {second / 1e6:.1f} million.  You said: {my_prediction}"
)

# %% [markdown]
# <details><summary><b>Explain</b> (open it when the output is there)</summary>
#
# The deeper the layer, the more channels it has, and a convolution costs channels in × channels out. So "the
# first three quarters of the children" are 6 % of the parameters.
#
# </details>

# %% [markdown]
# ## Exercise 1: `split_params` · 4 points
#
# **What.** `model` is `nn.Sequential(body, head)`. Return its parameters as groups: `[body, head]`, or with `at=k` three
# groups: children of the body before `k`, children from `k` on, head. Each group is a list of parameters.
#
# **Why it matters.** Every parameter must be in exactly one group. One that is in none is never trained, one that is
# in two makes the optimiser complain. And a group must be readable **twice**: `model.parameters()` is a generator, it is
# empty after the first reading, and "nothing trains" is how you would notice.


# %% nbgrader={"grade": false, "grade_id": "split_params", "locked": false, "schema_version": 3, "solution": true, "task": false}
def split_params(model, at=None):
    """Parameter groups of nn.Sequential(body, head), as a list of lists of nn.Parameter.

    at=None: [body, head].  at=k: [body[:k], body[k:], head].
    """
    ### BEGIN SOLUTION
    body, head = model[0], model[1]  # audit: equivalent [model[-1]]: there are two
    parts = [body, head] if at is None else [body[:at], body[at:], head]
    # audit: equivalent [turned round]: the order within a group is free
    return [list(part.parameters()) for part in parts]
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1 (a nudge)</summary>
#
# `model[0]` is the body, `model[1]` the head, and a Sequential can be sliced like a list.
# </details>
# <details><summary>Hint 2 (stronger)</summary>
#
# First collect the *parts* in a list: two of them, or three. Then turn each part into the list of its parameters.
# </details>
# <details><summary>Hint 3 (nearly the line)</summary>
#
# `return [list(part.parameters()) for part in parts]`
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_split_params", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("split_params"):
    model = sample_model()
    # Listed before the answer gets the model: what it does there is not what it is compared with.
    body, head = model
    both = [list(body.parameters()), list(head.parameters())]
    three = [list(body[:4].parameters()), list(body[4:].parameters()), list(head.parameters())]
    groups = split_params(model)
    flat = isinstance(groups, list) and any(isinstance(g, nn.Parameter) for g in groups)
    expect(
        not flat,
        "split_params(model): a list of groups",
        got="one long list of parameters",
        expected="a list that holds one list for each group",
        cause="a + b joins two lists to one, [a, b] is a list that holds both",
    )
    expect_groups(
        groups,
        both,
        "split_params(model): the groups body and head",
        model=model,
    )
    expect_groups(
        split_params(model, at=4),
        three,
        "split_params(model, at=4): body before child 4, body from child 4 on, head",
        model=model,
    )
    ### BEGIN HIDDEN TESTS
    rng = draw("split_params")
    with hidden("deeper bodies and other places to split"):
        for blocks, more in ((3, 0), (rng.randint(4, 5), 3)):
            model = sample_model(blocks=blocks)
            # Parameters of other names than weight and bias, and one that is a single number. The
            # second body has children whose numbers have two digits.
            model[0].extend([nn.PReLU(), nn.GRUCell(2, 3), *[nn.PReLU() for _ in range(more)]])
            body, head = model
            for k in (0, 1, 2, 3, 4, 5, len(body) - 1, len(body)):
                wanted = [body[:k], body[k:], head]
                wanted = [list(part.parameters()) for part in wanted]
                expect_groups(split_params(model, k), wanted, "split_params")
            both = [list(part.parameters()) for part in (body, head)]
            expect_groups(split_params(model), both, "split_params")
    with hidden("a head that is a single layer, and parameters that are frozen now"):
        body, head = sample_model(blocks=rng.randint(1, 3))[0], nn.Linear(6, 2)
        model = nn.Sequential(body, head)
        body[:2].requires_grad_(False)
        wanted = [list(part.parameters()) for part in (body[:3], body[3:], head)]
        for at, right in ((3, wanted), (None, [wanted[0] + wanted[1], wanted[2]])):
            expect_groups(split_params(model, at), right, "split_params")
    with hidden("a model that is only looked at, and otherwise left as it was"):
        for at in (None, 2):
            model = sample_model()
            model[0][1].requires_grad_(False)
            for layer in (model[0][3], model[1][2]):
                layer.eval()
            before = state_of(model)
            split_params(model, at)
            expect_state_unchanged(before, model, checked="split_params", modes=True)
    ### END HIDDEN TESTS

# %% [markdown]
# ## 2. Freezing
#
# A frozen parameter has `requires_grad = False`: it gets no gradient, so no optimiser moves it. `learn.freeze()` is
# `freeze_to(-1)`: everything but the last group. `learn.unfreeze()` is `freeze_to(0)`.
#
# ## Exercise 2: `freeze_to` · 4 points
#
# **What.** Groups before `n` become frozen, groups from `n` on trainable. A negative `n` counts from the end, as in Python, and
# where `n` is the number of groups, all are before it. Calling it again with another `n` must give what *that* call says, whatever was before.
#
# **Why it matters.** "I called unfreeze and nothing changed": a `freeze_to` that only freezes, and never makes anything trainable again, is half of one.


# %% nbgrader={"grade": false, "grade_id": "freeze_to", "locked": false, "schema_version": 3, "solution": true, "task": false}
def freeze_to(groups, n):
    """Freeze the groups before `n` (negative: counted from the end), make the others trainable."""
    ### BEGIN SOLUTION
    first = n if n >= 0 else len(groups) + n
    for i, group in enumerate(groups):
        for parameter in group:
            parameter.requires_grad_(i >= first)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1 (a nudge)</summary>
#
# Two loops: over the groups, and over the parameters of each. Each parameter is set, to one of two values.
# </details>
# <details><summary>Hint 2 (stronger)</summary>
#
# Turn a negative `n` into the index it means: `len(groups) + n`. Then compare it with the index of the group.
# </details>
# <details><summary>Hint 3 (nearly the line)</summary>
#
# `for i, group in enumerate(groups): for p in group: p.requires_grad_(i >= first)`
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_freeze_to", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("freeze_to"):
    model = sample_model()
    groups = [
        list(model[0][:3].parameters()),
        list(model[0][3:].parameters()),
        list(model[1].parameters()),
    ]
    freeze_to([list(group) for group in groups], 2)
    expect_equal(
        states(groups),
        [False, False, True],
        "freeze_to(groups, 2) with three groups: is each group trainable?",
        mistakes=[
            ([True, True, False], "upside down: groups before n are the frozen ones"),
            ([False, False, False], "the groups from n on have to be made trainable"),
            (
                [True, True, True],
                "nothing was frozen: p.requires_grad = False, with an s, or p.requires_grad_(False) changes p",
            ),
            ([False, True, True], "one group too few is frozen"),
        ],
        look="the docstring",
    )
    freeze_to([list(group) for group in groups], -1)
    expect_equal(
        states(groups),
        [False, False, True],
        "freeze_to(groups, -1) with three groups: is each group trainable?",
        mistakes=[
            (
                [True, True, True],
                "-1 means the last group: what does it stand for when counted from the front?",
            )
        ],
        look="hint 2",
    )
    freeze_to([list(group) for group in groups], 0)
    expect_equal(
        states(groups),
        [True, True, True],
        "freeze_to(groups, 0) afterwards: is each group trainable?",
        mistakes=[
            (
                [False, False, True],
                "it only ever freezes: groups from n on have to be made trainable again",
            ),
            (
                [False, False, False],
                "0 is a place like any other: no group is before it. Does your code treat 0 as "
                "'no number' (n or …, if n)?",
            ),
        ],
        cause="every call sets every group: frozen before n, trainable from n on",
        look="the exercise text, last sentence of What",
    )
    ### BEGIN HIDDEN TESTS
    rng = draw("freeze_to")
    with hidden("other numbers of groups, freezing more and less in turn"):
        model = sample_model(blocks=4)
        groups = [list(child.parameters()) for child in [*model[0], model[1]]]
        groups = [g for g in groups if g]
        total = len(groups)
        model.requires_grad_(False)  # all frozen, the head too, by somebody before
        numbers = [*range(-total, total + 1), 0, -1, 1, -2, total - 2, total]
        rng.shuffle(numbers)
        for turn, n in enumerate(numbers):
            for p in model.parameters() if turn % 2 else ():
                p.requires_grad_(rng.random() < 0.5)  # a part of a group is frozen, another is not
            freeze_to([list(group) for group in groups], n)
            first = n if n >= 0 else total + n
            expect(
                states(groups) == [i >= first for i in range(total)],
                "freeze_to",
                cause="all groups before n are frozen (n may be negative, or the number of groups), and all "
                "others trainable, whatever each of their parameters was before",
                look="the exercise text, What",
            )
    with hidden("weights stay as they were"):
        model = sample_model()
        groups = [list(model[0].parameters()), list(model[1].parameters())]
        before = state_of(model)
        mine = [list(group) for group in groups]
        for n in (1, 0):  # in the end all are trainable again
            freeze_to(mine, n)
        expect(
            states(groups) == [True, True],
            "freeze_to",
            cause="the lists are emptied on the way, so that a second call with them finds less",
            look="pop(), remove(), del: a loop over a list need not change it",
        )
        expect_state_unchanged(before, model, checked="freeze_to", modes=True)
    ### END HIDDEN TESTS

# %% [markdown]
# ## 3. The exception: BatchNorm
#
# **Predict.** We freeze the whole body below (every `requires_grad` is False), run one batch in train mode, and compare the body
# before and after. What has changed?

# %%
my_prediction = "nothing / something: ..."

# %% tags=["only-shows"]
model = sample_model()
for p in model[0].parameters():
    p.requires_grad_(False)
before = {name: t.clone() for name, t in model[0].state_dict().items()}
model.train()
model(torch.randn(8, 3, 16, 16))
print(
    "changed:",
    [name for name, t in model[0].state_dict().items() if not torch.equal(t, before[name])][:6],
    "...",
)
print("you said:", my_prediction)

# %% [markdown]
# <details><summary><b>Explain</b> (open it when the output is there)</summary>
#
# The **running statistics** of BatchNorm are not parameters. They are buffers, updated by every forward pass in train mode;
# `requires_grad` does not concern them. Only `eval()` does.
#
# </details>
#
# fastai goes one step further. With `train_bn=True` (its default) the BatchNorm layers of a frozen body stay *trainable*: the new
# pictures have other brightness and contrast, and these few numbers adapt to it. In a resnet18, `learn.freeze()` leaves 9,600
# BatchNorm parameters of the body trainable, next to the head.

# %% [markdown]
# ## Exercise 3: `freeze_body` · 4 points
#
# **What.** Freeze the body of `nn.Sequential(body, head)`. With `train_bn=True` its BatchNorm layers, wherever they are inside,
# are trainable all the same. The head is trainable. As before: the last call decides. It changes `requires_grad` and nothing else:
# no weight, and no layer's mode (`train` or `eval`).
#
# **Why it matters.** In a resnet not every BatchNorm is called `bn1` or `bn2`: some hide in `downsample`. Looking for names misses
# them. Ask what a layer **is**, not what it is called.


# %% nbgrader={"grade": false, "grade_id": "freeze_body", "locked": false, "schema_version": 3, "solution": true, "task": false}
def freeze_body(model, train_bn=True):
    """Freeze the body, except (train_bn) its BatchNorm layers. The head becomes trainable."""
    ### BEGIN SOLUTION
    # audit: equivalent [changed what was handed in]: all of it is set below
    # audit: equivalent [frozen]: all of it is set below
    # audit: equivalent [model[-1]]: there are two
    body, head = model[0], model[1]
    body.requires_grad_(False)
    head.requires_grad_(True)
    if train_bn:
        # audit: equivalent [list(body.modules())[1:]]: the body itself is a Sequential
        for layer in body.modules():
            if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)):
                layer.requires_grad_(True)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1 (a nudge)</summary>
#
# `module.requires_grad_(False)` freezes a module with everything in it. First all, then the exceptions.
# </details>
# <details><summary>Hint 2 (stronger)</summary>
#
# `body.modules()` reaches every layer inside, also those in `downsample`. `isinstance` tells what a layer is.
# </details>
# <details><summary>Hint 3 (nearly the line)</summary>
#
# `if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)): layer.requires_grad_(True)`
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_freeze_body", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("freeze_body"):
    model = sample_model()
    head_names = [f"1.{name}" for name, _ in model[1].named_parameters()]
    norms = [f"0.{name}" for name in norm_names(model[0])]
    freeze_body(model, train_bn=False)
    expect_trainable(
        model,
        head_names,
        "freeze_body(model, train_bn=False): only the head is trainable afterwards",
        mistakes=[
            ([], "the head was frozen as well"),
            ([*norms, *head_names], "train_bn was not asked: with False, BatchNorm is frozen too"),
            ([n for n, _ in model.named_parameters()], "nothing was frozen"),
        ],
        look="the docstring",
    )
    freeze_body(model)
    expect_trainable(
        model,
        [*norms, *head_names],
        "freeze_body(model): the BatchNorm of the body and the head are trainable afterwards",
        mistakes=[
            (head_names, "the BatchNorm layers of the body are still frozen"),
            (
                [*(n for n in norms if "downsample" not in n), *head_names],
                "the BatchNorm inside `downsample` was missed: look for the class, not for the name",
            ),
            (
                [*(n for n in norms if "bn" in n), *head_names],
                "a BatchNorm need not be called bn: look for the class, not for the name",
            ),
            (
                [*(n for n in norms if n.count(".") == 2), *head_names],
                "only BatchNorm layers that are children of the body were found, not those inside its blocks",
            ),
            (
                [n for n, _ in model.named_parameters()],
                "nothing was frozen",
            ),
        ],
        look="the exercise text, last lines",
    )
    ### BEGIN HIDDEN TESTS
    with hidden("deeper bodies, a head that was frozen before, and the last call decides"):
        model = sample_model(blocks=3)
        model.requires_grad_(False)
        model[0][3].eval()  # a mode says nothing about what may learn
        names = [f"1.{name}" for name, _ in model[1].named_parameters()]
        norms = [f"0.{name}" for name in norm_names(model[0])]
        freeze_body(model)
        expect(
            sorted(trainable_names(model)) == sorted([*norms, *names]),
            "freeze_body",
            cause="after everything was frozen, the head and the BatchNorm layers have to be trainable again, "
            "in train and in eval mode",
            look="the exercise text: the last call decides",
        )
        freeze_body(model, train_bn=False)
        expect(
            trainable_names(model) == names,
            "freeze_body",
            cause="train_bn=False after train_bn=True has to freeze the BatchNorm layers again",
            look="the exercise text: the last call decides",
        )
    rng = draw("freeze_body")
    with hidden("every kind of BatchNorm"):
        before = rng.randint(2, 9)
        model = every_norm(before)
        freeze_body(model)
        deep = f"0.{before + 1}.2.0.0.0"
        wanted = sorted([f"0.{before + 1}.0", deep, f"0.{before + 4}", "1"])
        expect(
            sorted({name.rpartition(".")[0] for name in trainable_names(model)}) == wanted,
            "freeze_body",
            cause="BatchNorm1d and BatchNorm3d are BatchNorm layers, too, and so is one deep inside; or not all "
            "of the head is trainable",
            look="hint 3, or the base class of all three",
        )
    with hidden("a layer that normalises, and is no BatchNorm"):
        # fastai takes LayerNorm and InstanceNorm for BatchNorm here; its way is not wrong.
        model = sample_model()
        norms = [f"0.{name}" for name in norm_names(model[0])]
        model[0].extend([nn.GroupNorm(2, 6), nn.PReLU()])
        freeze_body(model)
        expect(
            [name for name in trainable_names(model) if name.startswith("0.")] == norms,
            "freeze_body",
            cause="a layer of the body is trainable that is no BatchNorm, a GroupNorm or a PReLU",
            look="hint 3: which classes are BatchNorm layers?",
        )
    with hidden("weights and modes stay as they were"):
        for train_bn in (True, False):
            model = sample_model()
            model[0][3].eval()
            before = values_and_modes(model)
            freeze_body(model, train_bn=train_bn)
            after = values_and_modes(model)
            expect(
                all(torch.equal(a, b) for a, b in zip(before[0], after[0], strict=True)),
                "freeze_body",
                cause="a weight or a running statistic was changed",
                look="the exercise text: it changes requires_grad and nothing else",
            )
            expect(
                before[1] == after[1],
                "freeze_body",
                cause="eval(), train() or double() was called: that is another thing than freezing",
                look="the exercise text: it changes requires_grad and nothing else",
            )
    with hidden("the same parameters as before, and nothing that is left on a layer"):
        for train_bn in (True, False):
            model = sample_model()
            before = state_of(model)
            freeze_body(model, train_bn=train_bn)
            model.requires_grad_(True)
            expect_state_unchanged(before, model, checked="freeze_body", modes=True)
    ### END HIDDEN TESTS

# %% [markdown]
# Frozen parts have a mark in the picture:


# %% tags=["only-shows", "raises-exception"]
def show_frozen():
    model = sample_model()
    freeze_body(model)
    return anatomy(model, (2, 3, 32, 32))


once_answered(show_frozen)

# %% [markdown]
# ## 4. The experiment
#
# Now the question of this lesson. We need an old task, a new task, and a body that knows the old one.
#
# - **Pictures.** Real scans of handwritten digits (scikit-learn's, 1797 of them), enlarged to 12 × 12 and placed at random on a noisy 20 × 20 canvas.
# - **Old task.** Tell 0, 1, 2, 3, 4 apart, from nine tenths of their scans (the others are the exam), put on new canvases in every epoch.
# - **New task.** Tell 5, 6, 7, 8, 9 apart, digits that the body has **never seen**, from a few pictures per class.

# %% tags=["only-shows"]
scans = load_digits()
SCANS = torch.tensor(scans.images / 16, dtype=torch.float32)[:, None]
LABELS = torch.tensor(scans.target)


def on_canvas(scans, g, size=20, digit=12, noise=0.15):
    """Each scan enlarged and put somewhere on a noisy canvas: (N, 1, 8, 8) -> (N, 1, 20, 20)."""
    large = F.interpolate(scans, size=(digit, digit), mode="bilinear")
    canvas = torch.randn(len(scans), 1, size, size, generator=g) * noise
    corners = torch.randint(0, size - digit + 1, (len(scans), 2), generator=g)
    for picture, scan, (row, column) in zip(canvas, large, corners.tolist(), strict=True):
        picture[:, row : row + digit, column : column + digit] += scan
    return canvas


g = torch.Generator().manual_seed(0)
fig, axes = plt.subplots(2, 8, figsize=(10, 2.8))
for ax_row, choose in zip(axes, (LABELS < 5, LABELS >= 5), strict=True):
    pictures, names = on_canvas(SCANS[choose][:8], g), LABELS[choose][:8]
    for ax, picture, name in zip(ax_row, pictures, names, strict=True):
        ax.imshow(picture[0], cmap="gray")
        ax.set_title(name.item(), fontsize=9)
        ax.axis("off")
fig.text(0.07, 0.7, "old", rotation=90)
fig.text(0.07, 0.25, "new", rotation=90)
show_figure(
    "Eight pictures of the digits 0 to 4 and eight of 5 to 9, each digit somewhere on a noisy grey canvas."
)


# %% tags=["only-shows"]
def block(n_in, n_out, stride=1):
    return nn.Sequential(
        nn.Conv2d(n_in, n_out, 3, stride, 1, bias=False), nn.BatchNorm2d(n_out), nn.ReLU()
    )


def old_model():
    """A small network for the old task: four blocks, pool, flatten, one Linear."""
    return nn.Sequential(
        block(1, 8), block(8, 16, 2), block(16, 32), block(32, 64, 2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 5),
    )  # fmt: skip


def accuracy(model, pictures, labels):
    model.eval()
    with torch.no_grad():
        return (model(pictures).argmax(1) == labels).float().mean().item()


def one_epoch(model, optimiser, pictures, labels, batch, schedule=None):
    """Every picture once, in random order."""
    for chosen in torch.randperm(len(labels)).split(batch):
        loss = F.cross_entropy(model(pictures[chosen]), labels[chosen])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if schedule is not None:
            schedule.step()


def learn_old_task(seed, epochs=8):
    """A model that can tell 0 to 4 apart, and how well it can."""
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    old = (LABELS < 5).nonzero().flatten()
    old = old[torch.randperm(len(old))]
    practice, exam = old[: int(0.9 * len(old))], old[int(0.9 * len(old)) :]
    model = old_model()
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-2)
    steps = epochs * -(-len(practice) // 64)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 1e-2, total_steps=steps)
    for _ in range(epochs):
        model.train()
        one_epoch(model, optimiser, on_canvas(SCANS[practice], g), LABELS[practice], 64, schedule)
    return model, accuracy(model, on_canvas(SCANS[exam], g), LABELS[exam])


SEEDS = (0, 1, 2)
pretrained = {}
for seed in SEEDS:
    pretrained[seed], old_accuracy = learn_old_task(seed)
    print(f"old task, seed {seed}: {old_accuracy:.0%} right")

# %% [markdown]
# ### First look: does the body see digits it has never met?
#
# **Predict.** We send 5, 6, 7, 8 and 9 through two bodies, one trained on 0 to 4, one with random weights, and squeeze the 64 features to
# two by PCA. Will any digit find a place of its own, in which of the two pictures?


# %% tags=["only-shows"]
def features_of(model, pictures):
    body = create_body(model, pretrained=False, cut=4).eval()
    with torch.no_grad():
        return body(pictures).mean((2, 3)).numpy()


new = LABELS >= 5
pictures = on_canvas(SCANS[new], torch.Generator().manual_seed(1))
torch.manual_seed(0)
random_model = old_model()
random_model(pictures)  # one pass in train mode, so that its BatchNorms know the pictures

fig, axes = plt.subplots(1, 2, figsize=(10, 4.2))
looked_at = {"random body": random_model, "body trained on 0 to 4": pretrained[0]}
for ax, (name, model) in zip(axes, looked_at.items(), strict=True):
    flat = PCA(2).fit_transform(features_of(model, pictures))
    for digit, marker in zip(range(5, 10), "osv^D", strict=True):
        chosen = (LABELS[new] == digit).numpy()
        ax.scatter(*flat[chosen].T, s=10, marker=marker, alpha=0.6, label=str(digit))
    ax.set(title=name, xticks=[], yticks=[])
axes[1].legend(title="never seen", loc="center left", bbox_to_anchor=(1, 0.5))
show_figure(
    "Two scatter plots of the features of the digits 5 to 9. Random body: one cloud. Body trained on 0 to 4: some digits have moved apart."
)

# %% [markdown]
# <details><summary><b>Explain</b> (open it when the plots are there)</summary>
#
# Nobody told this body that 5 to 9 exist, and no label of theirs was used for this picture. On the left everything is one
# cloud. On the right some digits have moved out of it: strokes, corners and loops are the same parts that 0 to 4 are made of. Others still overlap, in two
# of 64 dimensions. A head sees all 64. Does it find more?
#
# </details>
#
# ### Second look: a fair race
#
# Three ways to learn the new task:
#
# | | body | what is trained |
# |---|---|---|
# | **scratch** | random weights | everything |
# | **frozen** | trained on 0 to 4 | the new head only |
# | **fine-tuned** | trained on 0 to 4 | everything, the body with a third of the head's learning rate |
#
# What is *fair* here? The old body has seen hundreds of digits in every corner of the canvas. The new task has ten pictures per class, each in one place.
# Somebody who starts from scratch would not leave it at that: they would **move the pictures about** while they train (augmentation), and they would train for
# as long as it helps. If we forbid both, the old body wins easily, and we have measured our own unfairness. So all three get the same pictures, the same shifts and the same
# number of epochs, and we look at every one of them **several times** on the way:
#
# - after 10, 30 and 100 epochs,
# - with 10 pictures per class, and with 40,
# - with a random shift of up to 4 pixels in every epoch, and once without.
#
# One run proves nothing: another seed, another winner. So there are three seeds, each with its own old body and its own new pictures, and every single result is in the plot.
#
# **Predict.** Guessing gives 20 %. With 10 pictures per class and shifts: who is ahead after 10 epochs, and who after 100? What does the shift alone change for scratch, after 30 epochs?
# (The cell takes about half a minute, several if the machine is busy. A line appears after each training.)

# %%
my_prediction = {"ahead after 10 epochs": None, "ahead after 100 epochs": None}


# %% tags=["only-shows"]
def new_task(seed, per_class=10, exam=500):
    """Pictures and labels to learn from, and pictures and labels of other scans to be tested on."""
    g = torch.Generator().manual_seed(100 + seed)
    new = (LABELS >= 5).nonzero().flatten()
    new = new[torch.randperm(len(new), generator=g)]
    learn = torch.cat([new[LABELS[new] == digit][:per_class] for digit in range(5, 10)])
    rest = new[~torch.isin(new, learn)][:exam]
    return (on_canvas(SCANS[learn], g), LABELS[learn] - 5), (
        on_canvas(SCANS[rest], g),
        LABELS[rest] - 5,
    )


def shifted(pictures):
    """All pictures moved by the same random step, up to 4 pixels each way."""
    return torch.roll(pictures, torch.randint(-4, 5, (2,)).tolist(), (2, 3))


def start(how, seed):
    """A model with a new head, and its optimiser."""
    old = old_model()
    if how != "scratch":
        old.load_state_dict(pretrained[seed].state_dict())
    body, head = create_body(old, pretrained=False, cut=4), create_head(64, 5, [64])
    apply_init(head)
    body.requires_grad_(how != "frozen")
    groups = [{"params": head.parameters(), "lr": 3e-3}]
    if how != "frozen":
        rate = 3e-3 if how == "scratch" else 1e-3
        groups.append({"params": body.parameters(), "lr": rate})
    return nn.Sequential(body, head), torch.optim.AdamW(groups)


def race(how, seed, per_class, looks, shift):
    """Accuracy on the exam after each number of epochs in `looks`."""
    torch.manual_seed(seed)
    (pictures, labels), exam = new_task(seed, per_class)
    model, optimiser = start(how, seed)
    seen = []
    for epoch in range(1, max(looks) + 1):
        model.train()
        if how == "frozen":
            model[0].eval()  # its BatchNorm statistics stay, too
        now = shifted(pictures) if shift else pictures
        one_epoch(model, optimiser, now, labels, batch=25 if per_class <= 20 else 50)
        if epoch in looks:
            seen.append(accuracy(model, *exam))
    return seen


WAYS = ("scratch", "frozen", "fine-tuned")
RACES = {
    "10 per class, no shift": dict(per_class=10, looks=(10, 30), shift=False),
    "10 per class, shifted": dict(per_class=10, looks=(10, 30, 100), shift=True),
    "40 per class, shifted": dict(per_class=40, looks=(10, 30), shift=True),
}
results = {}  # (race, way) -> one row for each seed, one column for each look
for name, options in RACES.items():
    print(f"{name:24}", *(f"{n:3} epochs" for n in options["looks"]), sep="   ")
    for how in WAYS:
        results[name, how] = np.array([race(how, seed, **options) for seed in SEEDS])
        print(f"    {how:20}", *(f"{mean:10.0%}" for mean in results[name, how].mean(0)), sep="   ")
first = next(iter(RACES))
ahead = (results[first, "frozen"] > results[first, "scratch"]).all(1)
print(f"{first}: the old body is ahead in {ahead.sum()} of {len(SEEDS)} seeds, at every look")
print("you said:", my_prediction)

# %% jupyter={"source_hidden": true} tags=["only-shows"]
# The plot: each dot one seed, lines through the means.
fig, axes = plt.subplots(1, 3, figsize=(11, 3.8), sharey=True, layout="constrained")
for ax, (name, options) in zip(axes, RACES.items(), strict=True):
    for how, marker, colour in zip(
        WAYS, "osD", ("tab:orange", "tab:blue", "tab:green"), strict=True
    ):
        looks = options["looks"]
        for seed_row in results[name, how]:
            ax.plot(looks, seed_row, marker, color=colour, alpha=0.45, markersize=5)
        ax.plot(looks, results[name, how].mean(0), "-" + marker, color=colour, label=how)
    ax.axhline(0.2, linestyle="--", color="gray", linewidth=1)
    ax.set(title=name, xscale="log", xticks=[10, 30, 100], xlabel="epochs", ylim=(0, 1))
    ax.set_xticklabels(["10", "30", "100"])
axes[0].set_ylabel("right on new digits")
axes[0].legend(loc="upper left")
axes[2].text(12, 0.22, "guessing", color="gray")
show_figure(
    "Accuracy over epochs for scratch, frozen and fine-tuned in three panels: the old body leads early, scratch catches up with shifts and time, frozen falls behind."
)

# %% [markdown]
# <details><summary><b>Explain</b> (open it when your plot is there)</summary>
#
# - **Transfer saves time.** After 10 epochs with 10 pictures per class the old body is at about half or more, and scratch is still guessing.
# - **Transfer saves data.** With 40 pictures per class scratch needs a third of the epochs it needs with 10.
# - **Shifting is worth as much.** Compare scratch after 30 epochs without and with it.
# - **With enough of both, scratch catches up** with fine-tuning, to within the spread over the seeds, and a **frozen** body loses: it was made for 0 to 4, and it cannot change.
# - Fine-tuning is never clearly behind. That is why fastai's `fine_tune` does it.
#
# Had we stopped after the first of the three panels, the answer would have been "the old body wins, for every seed". It is true there, and says little.
#
# </details>

# %% [markdown]
# ## 5. The same with fastai
#
# What you built is what `learn.freeze()`, `learn.unfreeze()` and discriminative learning rates do. A `Learner` takes your groups by its `splitter`.

# %% tags=["only-shows"]
from fastai.basics import DataLoaders, Learner, accuracy as fastai_accuracy
from fastai.callback import schedule  # noqa: F401  (gives Learner its fit_one_cycle)


def three_groups(model):
    return [list(part.parameters()) for part in (model[0][:2], model[0][2:], model[1])]


(pictures, labels), (exam_pictures, exam_labels) = new_task(0, exam=200)
dls = DataLoaders.from_dsets(
    list(zip(pictures, labels, strict=True)), list(zip(exam_pictures, exam_labels, strict=True)),
    bs=25, num_workers=0, device="cpu",
)  # fmt: skip
torch.manual_seed(0)
head = create_head(64, 5, [64])
apply_init(head)
model = nn.Sequential(create_body(pretrained[0], pretrained=False, cut=4), head)
learn = Learner(
    dls, model, loss_func=nn.CrossEntropyLoss(), metrics=fastai_accuracy, splitter=three_groups
)

learn.freeze()
with learn.no_bar(), learn.no_logging():
    learn.fit_one_cycle(12, 1e-2)
    print(f"head only:   {learn.validate()[1]:.0%}")

learn.unfreeze()
with learn.no_bar(), learn.no_logging():
    learn.fit_one_cycle(12, slice(2e-4, 2e-3))
    print(f"all of it:   {learn.validate()[1]:.0%}")
learn.opt.set_hyper("lr", slice(2e-4, 2e-3))
print("learning rate of each group:", [f"{h['lr']:.1e}" for h in learn.opt.hypers])

# %% [markdown]
# This is one seed, with fewer epochs than above, so do not compare it with the plot: it shows the calls. `slice(2e-4, 2e-3)` gives the first group the first rate, the last group the last one, and those between are spread evenly on a logarithmic scale: the earlier the
# layer, the more it knows already, the more gently it is moved.

# %% [markdown]
# ## 6. In your own words
#
# **`why_transfer`** (4 points, read by a person). Read *your* plot of section 4. Answer in about six sentences:
#
# 1. Who is ahead early, who late? Give numbers for two budgets (epochs or pictures), and say whether the difference is larger than the spread over the seeds.
# 2. Why does the frozen body help with digits it has never seen, and why does it lose in the end?
# 3. Somebody shows you only the first panel and says: "transfer wins, in every seed". What is missing for a fair comparison?

# %% [markdown] nbgrader={"grade": true, "grade_id": "why_transfer", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# **A full answer.** With ten pictures per class and shifts, scratch is at chance after 10 epochs (20 %), frozen at 50 %, fine-tuned at 56 %. After 100 epochs scratch has 83 %,
# fine-tuned 84 %, frozen 65 %. The early lead is many times the spread over the seeds; the difference between scratch and fine-tuned at the end is smaller than the spread, so it is none. The
# frozen body helps because its features (strokes, corners, loops) are not about the digits 0 to 4: new digits are made of the same parts, and only a small head has to be learned. It loses in the
# end because it cannot learn what 0 to 4 did not need. In the first panel scratch had no shifts, although the old body had seen digits all over the canvas, and only 30 epochs: one should give
# both the same chances, and look at more than one budget.
#
# **Marking scheme (4 points).** 1 for numbers from the own plot at two budgets with the order right; 1 for comparing a difference with the spread; 1 for shared features as the
# reason, and that a frozen body cannot adapt (half for one of the two); 1 for augmentation or training time as what was unequal. Half marks for a point that is named but not explained.

# %% [markdown]
# ## Optional, for those online: a real body, real photographs
#
# Off by default. It downloads a resnet18 pretrained on ImageNet and a [set of pet photographs](https://www.robots.ox.ac.uk/~vgg/data/pets/) (about 800 MB), and takes a while without a GPU.

# %% tags=["only-shows"]
TRY_IT_FOR_REAL = False

if TRY_IT_FOR_REAL:
    from fastai.vision.all import (
        ImageDataLoaders,
        Resize,
        URLs,
        error_rate,
        get_image_files,
        untar_data,
        vision_learner,
    )

    try:
        path = untar_data(URLs.PETS) / "images"  # shows a progress bar
        pets = ImageDataLoaders.from_name_func(
            path,
            get_image_files(path)[:800],
            label_func=lambda name: name[0].isupper(),
            item_tfms=Resize(224),
            num_workers=0,
        )
        learn = vision_learner(pets, resnet18, metrics=error_rate)
        learn.fine_tune(1)
    except OSError as problem:
        print(
            f"This cell needs the internet for its weights and photographs, and could not get them ({problem})."
        )
        print("Everything else in this notebook works offline. Try again when you are online.")

# %% [markdown]
# ---
# ## You can now
# - split a model into groups, freeze and thaw them, and know what moves all the same;
# - run a comparison that could have gone the other way, over several seeds, and show all results;
# - say in one sentence what transfer saves, and what makes up for it.
#
# **Exit questions** (answer in your head)
# 1. `learn.freeze()` on a resnet: name two kinds of numbers in the body that still change.
# 2. What would a plot with one dot per bar not have told you?
# 3. `lr=slice(1e-5, 1e-3)` with three groups: which rates?
#
# **Before you hand in** Kernel > Restart Kernel and Run All Cells, then save, and run the last cell: it says what is missing, or which file to hand in. Unanswered exercises do not stop it.
#
# **Previous** [06 · Assembly](../06-assembly/06-assembly.ipynb) · **Next** [08 · Many heads](../08-many-heads/08-many-heads.ipynb): one body, two questions about the same picture.
#
# Words: [glossary](../../docs/glossary.md). [Answers to the exit questions](../../docs/exit-questions.md).

# %% tags=["only-shows"]
# What is done, and may it be handed in? Save the notebook first, then run this cell.
from headcheck import progress

progress()
