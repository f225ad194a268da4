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
# # 01 · Look before you cut
#
# **The question.** A beginner asked this on the fastai forum in 2020
# ([Lesson 1: Head of a Model specifics](https://forums.fast.ai/t/lesson-1-head-of-a-model-specifics/77262)).
# In short:
#
# > When I start from a pretrained model, does fastai always take exactly **one** layer off the end?
# > It then adds one or more new layers, the *head*. How do I know how many, and does it matter?
# > Can a model have several heads?
#
# The words "remove the last layer, and replace it with one or more new layers" stand in the first chapter of fastai's
# book ([fastbook, chapter 1](https://github.com/fastai/fastbook/blob/master/01_intro.ipynb)). That is probably where the question came from.
#
# The answers given in the forum were kind and short: the old head is usually more than one layer; no magic finds the cut, it was
# "typed in by a smart human"; look for yourself, with `learn.model`, with `learn.summary()`, or by tracing `create_cnn_model`.
# In this course you look for yourself. In this lesson you count, and answer **with your own numbers**.
#
# | part of the question | where you find the answer |
# |---|---|
# | exactly one layer? | here |
# | who decides where the cut is? | [02 · The cut](../02-the-cut/02-the-cut.ipynb) |
# | how many layers are added? | [05 · create_head](../05-create-head/05-create-head.ipynb) |
# | does that number matter? | [05](../05-create-head/05-create-head.ipynb) by experiment, [07](../07-split-freeze-train/07-split-freeze-train.ipynb) and [09](../09-capstone/09-capstone.ipynb) |
# | how do I trace it? | [06 · Assembly](../06-assembly/06-assembly.ipynb) |
# | several heads? | a first look at the end of this lesson, the whole of [08 · Many heads](../08-many-heads/08-many-heads.ipynb) |
#
# All parts together, on one page: [the answer](../../docs/answer.md).
#
# **You will be able to**
# - list what a model is made of, at three levels: children, leaf layers, layers with weights;
# - say what fastai takes off the end of six families of models, and what it puts on;
# - find steps of a model that do not appear when the model is printed.
#
# **Time** 70 minutes (about 20 of them reading) · **Difficulty** ●○○○ · **Before this** [00 · Start here](../00-start-here/00-start-here.ipynb); you have seen a convolution and a linear layer once.
#
# **Old names.** Books and forum threads say `cnn_learner` and `create_cnn_model`. Today the same
# things are called `vision_learner` and `create_vision_model`. This course uses today's names.
#
# Words you do not know are in the [glossary](../../docs/glossary.md): [body](../../docs/glossary.md#body), [head](../../docs/glossary.md#head), [cut](../../docs/glossary.md#cut), [leaf layer](../../docs/glossary.md#leaf-layer).

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
import inspect
import warnings

warnings.filterwarnings("ignore", "`torch.jit.script` is deprecated")  # fastai 2.8 still uses it

import matplotlib.pyplot as plt
import torch
from fastai.data.core import DataLoaders
from fastai.losses import CrossEntropyLossFlat
from fastai.vision.learner import (
    create_head,
    create_vision_model,
    model_meta,
    vision_learner,
)
from fastai.vision.models.xresnet import xresnet18
from torch import nn
from torchvision.models import DenseNet, alexnet, densenet121, resnet18, squeezenet1_1, vgg16_bn

from headcheck import (
    anatomy,
    checking,
    draw,
    expect,
    expect_answered,
    expect_equal,
    expect_state_unchanged,
    hidden,
    show_figure,
    state_of,
)

# One member of each family that fastai knows by name.
ARCHS = {
    "resnet": resnet18,
    "vgg_bn": vgg16_bn,
    "alexnet": alexnet,
    "squeezenet": squeezenet1_1,
    "densenet": densenet121,
    "xresnet": xresnet18,
}


def build(arch):
    """The original model, with its old head, on the `meta` device: shapes, but no numbers.

    A vgg16_bn has 138 million parameters. On `meta` it costs neither time nor memory.
    """
    with torch.device("meta"):
        return arch(pretrained=False) if arch is xresnet18 else arch(weights=None)


def names(modules):
    """The class name of each module, in order."""
    return [type(module).__name__ for module in modules]


def expect_layer_list(layers):
    """That an answer is a list of layers at all, before anything else is asked of it."""
    why_no_list = [
        (type(None), "a function without return gives None"),
        (
            int,
            "the layers were counted: return the layers themselves, and len(…) of the list counts",
        ),
        (tuple, "a tuple has the layers, too, and list(…) makes a list of it"),
        (nn.Module, "a model came back: its layers belong into a plain list, [layer, layer, …]"),
        (dict, "a dictionary has names as well: list(….values()) is a list of the layers alone"),
        (set, "a set has no order, and holds nothing twice: begin with [] and append(…)"),
        (object, "an iterator (yield, map, children()) becomes a list with list(…)"),
    ]
    expect(
        isinstance(layers, list),
        "leaf_layers returns a list",
        got=type(layers).__name__,
        expected="list",
        cause=next(why for kind, why in why_no_list if isinstance(layers, kind)),
    )
    strangers = [layer for layer in layers if not isinstance(layer, nn.Module)]
    nested = bool(strangers) and isinstance(strangers[0], list)
    expect(
        not strangers,
        "the list holds layers",
        got=next((repr(x) if isinstance(x, str) else x for x in strangers), None),
        expected="modules, and nothing else",
        cause="a list inside the list: append(…) adds it as one entry, extend(…) or += adds what is in it"
        if nested
        else "names (or pairs of name and module) were collected instead of the modules",
    )


print("ready")

# %% [markdown]
# ## First, a picture
#
# This is what fastai makes of a squeezenet when you ask for ten classes. It is one model in two parts.
# Before the cut is the **[body](../../docs/glossary.md#body)**: it was there already. After it comes the **[head](../../docs/glossary.md#head)**: it is new.
# Follow the shapes. The picture gets smaller and deeper, then it becomes a list of numbers, then ten scores.

# %% tags=["only-shows"]
new_model = create_vision_model(squeezenet1_1, 10, pretrained=False)
anatomy(new_model, torch.rand(2, 3, 64, 64), title="a squeezenet for ten classes")

# %% [markdown]
# So something was there before the cut that is gone now. What? And is it always the same amount?
#
# ## 1. Predict
#
# Every PyTorch model has **[children](../../docs/glossary.md#child)**: the parts at its top level, each with a name. Here are the
# children of six *original* models, each with its old head. Nothing has been cut yet.

# %% tags=["only-shows"]
for family, arch in ARCHS.items():
    print(f"{family:11}", " ".join(name for name, _ in build(arch).named_children()))

# %% [markdown]
# ### Exercise 1: `predictions` · 2 points, for *any* complete prediction
#
# For each family, guess two numbers **before** you run anything else:
# 1. how many of these children does fastai remove from the end?
# 2. how many layers does it add, that is, how many entries has the new head at its top level? (You have just seen one such head. Are the others like it?)
#
# **Why it matters.** A guess on paper is what makes the answer stick. Nobody marks whether it is
# right. At the end of the lesson your guess stands beside what you measured.
#
# Write a dictionary. The keys are the six names above, each value is a pair:
# `{"resnet": (children removed, layers added), "vgg_bn": (…, …), …}`

# %% nbgrader={"grade": false, "grade_id": "predictions", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN SOLUTION
# A guess: one layer off, one layer on, as the question on the forum supposed.
# audit: equivalent [constant; turned round]: a guess has its points whatever it is
predictions = {
    "resnet": (1, 1),
    "vgg_bn": (1, 1),
    "alexnet": (1, 1),
    "squeezenet": (1, 1),
    "densenet": (1, 1),
    "xresnet": (1, 1),
}
### END SOLUTION

# %% [markdown]
# <details><summary>Hint 1 (a nudge)</summary>Look for names that sound like deciding (<code>fc</code>, <code>classifier</code>)
# rather than seeing (<code>conv</code>, <code>features</code>, <code>layer</code>).</details>
# <details><summary>Hint 2 (stronger)</summary>Something has to turn a picture into a list of numbers before a decision.
# Does that step belong to the old head as well?</details>
# <details><summary>Hint 3 (nearly the line)</summary>Any guess is worth full marks. Begin with
# <code>predictions = {"resnet": (1, 1), …</code> and change the numbers you do not believe.</details>

# %% nbgrader={"grade": true, "grade_id": "test_predictions", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
from numbers import Real

with checking("predictions", more=False):
    expect_answered(predictions, "predictions")
    expect(
        isinstance(predictions, dict),
        "predictions is a dictionary",
        got=type(predictions).__name__,
        expected="dict",
        look='the form in the exercise: {"resnet": (…, …), "vgg_bn": (…, …), …}',
    )
    missing = [family for family in ARCHS if family not in predictions]
    expect(
        not missing,
        "every family has a prediction",
        got=f"no key {missing[0]!r}" if missing else None,
        cause="the keys are the functions (arch): use their names (family)"
        if any(map(callable, predictions))
        else "a family was left out, or its name is spelled differently",
        look="the six names printed above",
    )
    for family in ARCHS:
        pair = predictions[family]
        expect(
            isinstance(pair, (tuple, list)) and len(pair) == 2,
            f"predictions[{family!r}] is a pair",
            got=repr(pair) if isinstance(pair, str) else pair,
            expected="(children removed, layers added)",
            cause="one number instead of two"
            if isinstance(pair, int)
            else "a text: two numbers in round brackets, without quotes"
            if isinstance(pair, str)
            else None,
        )
        expect(
            all(isinstance(number, Real) and number >= 0 and number % 1 == 0 for number in pair),
            f"predictions[{family!r}] holds two whole numbers",
            got=pair,
            expected="two whole numbers, 0 or more",
            cause="cut = -2 means that two go: count them"
            if any(isinstance(number, Real) and number < 0 for number in pair)
            else "a layer goes or stays, there are no halves"
            if all(isinstance(number, Real) for number in pair)
            else "a guess is still missing, or is written as text",
        )

# %% [markdown]
# ## 2. What is a layer?
#
# "Exactly one layer" cannot be checked before we agree on what a layer is. PyTorch has two kinds of
# modules: **boxes**, which hold other modules (`nn.Sequential`, a whole residual block), and **[leaf
# layers](../../docs/glossary.md#leaf-layer)**, which hold none (`nn.Conv2d`, `nn.ReLU`, `nn.Linear`). A box can sit inside a box:
#
# ```
# model
# ├── 0  Conv2d                      a leaf layer, and a child
# ├── 1  Sequential                  a box, and a child
# │      ├── 0  BatchNorm2d          a leaf layer
# │      └── 1  ReLU                 a leaf layer
# └── 2  Linear                      a leaf layer, and a child
# ```
#
# Three children, but four leaf layers. PyTorch's own iterators count differently again:
#
# | | what you get | here |
# |---|---|---|
# | `model.children()` | the top level only | 3 |
# | `model.modules()` | everything, the boxes and the model itself included | 6 |
# | leaf layers | everything that holds no other module | 4 |
#
# (BatchNorm, `BatchNorm2d` in the drawing, brings numbers to a common scale. Lesson 03 explains it; here it is one more layer to count.)
#
# **Predict.** A `resnet18` has 10 children. How many entries does `modules()` give? How many leaf layers are there?

# %%
my_guess_modules = "?"  # your number here
my_guess_leaves = "?"  # your number here

# %% [markdown]
# ### Exercise 2: `leaf_layers(model)` · 5 points
#
# Return a list of the leaf layers of `model`, in the order in which the model lists them.
# - A leaf layer is a module that holds no other module. A model that is itself a single layer is its own only leaf.
# - The list holds the layers themselves, not copies and not their names.
# - A layer **registered twice counts twice**, also where it is a whole box that stands in two places.
#
# **Why it matters.** The last point is not a subtlety. fastai's `create_head` contains the line
#
# ```python
# actns = [nn.ReLU(inplace=True)] * (len(lin_ftrs)-2) + [None]
# ```
#
# which puts *one* ReLU object into the head several times. `children()` and `modules()` skip an
# object they have met before. So whoever counts with them counts too few layers, and whoever rebuilds
# a model from `children()` gets a **different model**.


# %% nbgrader={"grade": false, "grade_id": "leaf_layers", "locked": false, "schema_version": 3, "solution": true, "task": false}
def leaf_layers(model: nn.Module) -> list[nn.Module]:
    """The layers of `model` that hold no other module, in order; shared layers each time."""
    ### BEGIN SOLUTION
    everything = model.named_modules(remove_duplicate=False)
    return [module for _, module in everything if not module._modules]
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1 (a nudge)</summary>How do you recognise a leaf layer? Ask it for its children. Then think of a
# function that looks into a box by calling itself.</details>
# <details><summary>Hint 2 (stronger)</summary>Either write the recursion: "a module without children gives <code>[itself]</code>, any other gives
# the lists of its children, joined". Or walk over all modules and keep some. In both cases look for a way that does not skip
# repeats: <code>model._modules.values()</code>, or the option of <code>named_modules</code> that is about duplicates.</details>
# <details><summary>Hint 3 (nearly the line)</summary><code>for name, module in model.named_modules(remove_duplicate=False): …</code> and keep
# <code>module</code> if <code>len(list(module.children())) == 0</code>.</details>

# %% nbgrader={"grade": true, "grade_id": "test_leaf_layers", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("leaf_layers", step="boxes in boxes"):
    model = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.Sequential(nn.BatchNorm2d(4), nn.ReLU()), nn.Linear(4, 2)
    )
    own = [model[0], *model[1], model[2]]
    layers = leaf_layers(model)
    expect_layer_list(layers)
    box, inside = "Sequential", ["BatchNorm2d", "ReLU"]
    expect_equal(
        names(layers),
        ["Conv2d", *inside, "Linear"],
        "leaf_layers of the model drawn above",
        mistakes=[
            (
                ["Conv2d", box, "Linear"],
                "these are the children: the Sequential in the middle is a box, look inside",
            ),
            (
                [box, "Conv2d", box, *inside, "Linear"],
                "modules() gives the boxes too, and the model itself: leave out what holds other modules",
            ),
            (
                ["Conv2d", box, *inside, "Linear"],
                "the inner box is still in the list: leave out what holds other modules",
            ),
            (
                ["Conv2d", "Linear"],
                "the layers inside the box are missing: a box has to be opened, not skipped",
            ),
            (
                inside,
                "the layers at the top level are missing: a layer that is no box belongs in the list as it is",
            ),
            (
                ["Conv2d", "BatchNorm2d", "Linear"],
                "only layers with weights were kept: a ReLU has none, but it is a layer",
            ),
            (["Linear", "ReLU", "BatchNorm2d", "Conv2d"], "the order is reversed"),
            (
                ["Conv2d"],
                "only the first layer came back: does return stand inside the loop? It ends it in the first round",
            ),
            (
                [],
                "nothing was kept. Was children() tested itself? An iterator is never false, not even "
                "an empty one: make it a list first",
            ),
        ],
        look="the tree drawn above the exercise",
    )
    expect(
        all(layer is mine for layer, mine in zip(layers, own, strict=True)),
        "the list holds the layers of the model themselves",
        got="other objects",
        cause="the layers were copied or built anew",
    )
    ### BEGIN HIDDEN TESTS
    rng = draw("leaf_layers")
    with hidden("boxes in boxes in boxes"):
        deep, wide = rng.randint(5, 7), rng.randint(2, 5)
        inner = nn.Sequential(*[nn.Linear(2, 2) for _ in range(wide)])
        for _ in range(deep):
            inner = nn.Sequential(nn.Dropout(0.1), nn.ModuleList([nn.Sequential(inner), nn.Tanh()]))
        found = names(leaf_layers(inner))
        expect(
            found == ["Dropout"] * deep + ["Linear"] * wide + ["Tanh"] * deep,
            "leaf layers of a deeply nested model",
            got=found,
            cause="a box need not be a Sequential: whatever has children is one, a ModuleList too"
            if "ModuleList" in found
            else "only the first levels of nesting were opened, or the order is not the model's own",
            look="a model with three boxes inside each other",
        )
    with hidden("a model that is only looked at"):
        watched = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.Dropout(0.1), nn.Linear(2, 2)))
        watched[0].requires_grad_(False)
        watched[1].eval()
        before = state_of(watched)
        leaf_layers(watched)
        expect_state_unchanged(before, watched, checked="leaf_layers", modes=True)
    with hidden("the layers themselves, of a model that has one of them in two places"):
        act = nn.Sigmoid()
        own = [nn.Linear(2, 2), act, nn.Linear(2, 2)]
        layers = leaf_layers(nn.Sequential(own[0], act, nn.Sequential(own[2], act)))
        # (Whether it comes twice is asked below.)
        expect(
            all(any(layer is mine for mine in own) for layer in layers),
            "the list holds the layers of the model themselves",
            cause="a layer that was met before was copied, or built anew",
            look="the second point of the exercise",
        )
    with hidden("a model that is itself one layer"):
        single = nn.Linear(rng.randint(2, 9), 2)
        found = leaf_layers(single)
        expect(
            len(found) == 1 and found[0] is single,
            "leaf layers of a single layer",
            got=found,
            cause="a layer without children is its own only leaf",
            look="what leaf_layers(nn.Linear(3, 2)) gives",
        )
    with hidden("a real model"):
        net = squeezenet1_1(weights=None)
        boxes = {"SqueezeNet", "Sequential", "Fire"}
        wanted = [kind for kind in names(net.modules()) if kind not in boxes]
        found = names(leaf_layers(net))
        expect(
            found == wanted,
            "leaf layers of a torchvision model",
            got=found,
            expected=wanted,
            cause="some box was not opened, or some kind of layer was left out",
            look="boxes need not be called Sequential: squeezenet has its own, called Fire",
        )

    def opened(module):
        """The class names of what holds nothing, one box after the other."""
        inside = module._modules.values()
        found = [name for part in inside for name in opened(part)]
        return found if inside else [type(module).__name__]

    with hidden("models with boxes of many kinds"):
        small_densenet = DenseNet(4, (2, 1), 8)  # a whole one takes long, and has no other boxes
        others = [small_densenet, build(xresnet18), nn.TransformerEncoderLayer(8, 2)]
        # What computes next to nothing is a layer all the same.
        idle = [nn.Identity(), nn.Flatten(), nn.Unflatten(1, (2, 1)), nn.Upsample(2), nn.Softmax(1)]
        others.append(nn.Sequential(nn.Sequential(*rng.sample(idle, len(idle))), nn.Linear(2, 2)))
        for net in others:
            expect(
                names(leaf_layers(net)) == opened(net),
                "leaf layers of other models",
                cause="a list of kinds of boxes (or of layers) never ends: what holds other modules is a "
                "box, and what holds none is a layer, whatever its class and whatever it computes",
                look="the first line of the docstring",
            )
    ### END HIDDEN TESTS

# %% [markdown]
# Now the layer that is there twice. This check is on its own because so many get caught by it.

# %% nbgrader={"grade": true, "grade_id": "test_leaf_layers_shared", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("leaf_layers", step="layers that stand in two places"):
    relu = nn.ReLU()
    model = nn.Sequential(nn.Linear(4, 4), relu, nn.Linear(4, 4), relu, nn.Linear(4, 2))
    layers = leaf_layers(model)
    expect_layer_list(layers)
    linear, once = ["Linear"], ["Linear", "ReLU", "Linear", "Linear"]
    expect_equal(
        names(layers),
        ["Linear", "ReLU", "Linear", "ReLU", "Linear"],
        "leaf_layers of a model in which one ReLU object is registered twice",
        mistakes=[
            (
                once,
                "children() and modules() skip an object they have already met: the second ReLU was lost",
            ),
            (
                ["Sequential", *once],
                "modules() skips an object it has already met (the second ReLU), and adds the model itself",
            ),
            (linear * 3, "both ReLUs were lost: were only layers with weights kept?"),
            (
                linear,
                "only the first layer came back: does return stand inside the loop? It ends it in the first round",
            ),
        ],
        cause="layers of an earlier call are in the list as well: a list in the first line of a function, found=[], "
        "is made once, and every call adds to it"
        if len(layers) > 5
        else None,
        look="print(model): five lines. Which way of walking through a model sees all five?",
    )
    ### BEGIN HIDDEN TESTS
    rng = draw("leaf_layers_shared")
    with hidden("fastai's own head with several hidden layers"):
        hidden_layers = [rng.randint(3, 9) for _ in range(rng.randint(2, 4))]
        head = create_head(rng.randint(3, 8), 2, lin_ftrs=hidden_layers)
        expect_equal(
            len(list(leaf_layers(head))),
            4 * len(hidden_layers) + 6,
            "leaf layers of fastai's head",
            cause="one ReLU object stands in this head several times, and each time counts; "
            "or its pool was not opened, a box that is no Sequential",
            look="create_head(8, 3, lin_ftrs=[16, 12]) and its printed form",
        )
    with hidden("a shared layer deep inside"):
        act = nn.Sigmoid()
        times = rng.randint(3, 5)
        nested = nn.Sequential(*[nn.Sequential(act, nn.Linear(3, 3), act) for _ in range(times)])
        expect(
            names(leaf_layers(nested)) == ["Sigmoid", "Linear", "Sigmoid"] * times,
            "leaf layers of a model that shares one layer between its boxes",
            cause="a layer that was met before is skipped, in the same box or in the next, or a box was not opened",
            look="repeats inside inner boxes, not only at the top level",
        )
    with hidden("a box that stands in two places"):
        box = nn.Sequential(nn.Linear(3, 3), nn.Tanh())
        twice = nn.Sequential(box, nn.Dropout(0.1), box)
        inside = ["Linear", "Tanh"]
        expect(
            names(leaf_layers(twice)) == [*inside, "Dropout", *inside],
            "leaf layers of a model that has one box in two places",
            cause="a box that was opened before is skipped, and its layers with it",
            look="a Sequential that holds another one twice, and its printed form",
        )
    ### END HIDDEN TESTS

# %% [markdown]
# From here on the lesson brings its own count, so that a slip above costs nothing below.


# %% nbgrader={"grade": false, "grade_id": "setup_counting", "locked": true, "schema_version": 3, "solution": false, "task": false}
# How layers are counted from here on: run this cell and go on.
def n_leaves(module):
    """How many leaf layers `module` has: 1 for a single layer."""
    if not isinstance(module, nn.Module):
        raise TypeError(f"n_leaves takes one module, not a {type(module).__name__}")
    inside = list(module._modules.values())
    return sum(n_leaves(part) for part in inside) if inside else 1


def n_weighted(module):
    """How many of its modules own parameters."""
    return sum(bool(list(part.parameters(recurse=False))) for part in module.modules())


# %% [markdown]
# **Run**, and compare with what you predicted.

# %% tags=["only-shows"]
old_resnet = build(resnet18)
print("children ", len(list(old_resnet.children())), "  (10, given)")
print("modules()", len(list(old_resnet.modules())), "  you said", my_guess_modules)
print("leaves   ", n_leaves(old_resnet), "  you said", my_guess_leaves)

# %% [markdown]
# <details><summary><b>Explain</b> (open it when the numbers are there)</summary>
#
# Four of the ten children are boxes, `layer1` to `layer4`. They hold everything in
# between, while `avgpool` and `fc` are children *and* leaves. So at this end of this model the two
# ways of counting agree. That is the exception, not the rule.
#
# </details>
#
# ## 3. The cut
#
# fastai cuts between two **children**. The place is a number in a table called `model_meta`. The cut is used
# as a Python slice: with `cut = -2`, `children[:-2]` is kept, and the last two children go.

# %% tags=["only-shows"]
for family, arch in ARCHS.items():
    print(f"{family:11} cut = {model_meta[arch]['cut']}")

# %% [markdown]
# Here is what that number does to a resnet and to a squeezenet. Look at what comes after the cut: two single layers in
# one case, one box with several layers in the other.

# %% tags=["only-shows"]
anatomy(build(resnet18), (1, 3, 64, 64), cut=-2, title="resnet18, cut = -2")

# %% tags=["only-shows"]
anatomy(build(squeezenet1_1), (1, 3, 64, 64), cut=-1, title="squeezenet1_1, cut = -1")

# %% [markdown]
# ### Exercise 3: `count_removed(model, cut)` · 4 points
#
# The model is cut at `cut`, as in `list(model.children())[:cut]`. Return a pair:
# `(children removed, leaf layers removed)`.
#
# - `cut` may be negative (counted from the end) or positive (counted from the start).
# - For the leaf layers, use `n_leaves(module)` from the cell above.
#
# **Why it matters.** "Always exactly one" may be true for one way of counting and false for the other.
# And it has been truer than it is today. In fastai 1 the table said -1, one child, for squeezenets, densenets, vggs and the alexnet, and -2
# for the resnets ([learner.py of 2019](https://github.com/fastai/fastai1/blob/master/fastai/vision/learner.py)). The table of today is printed above.


# %% nbgrader={"grade": false, "grade_id": "count_removed", "locked": false, "schema_version": 3, "solution": true, "task": false}
def count_removed(model: nn.Module, cut: int) -> tuple[int, int]:
    """(children removed, leaf layers removed) when `model` is cut at `cut`."""
    ### BEGIN SOLUTION
    # audit: equivalent [[::-1]]: how many there are does not depend on their order
    removed = list(model.children())[cut:]
    # audit: equivalent [[::-1]]: nor does the sum
    # audit: equivalent [copied]: a copy has as many leaves
    return len(removed), sum(n_leaves(child) for child in removed)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1 (a nudge)</summary><code>children[:cut]</code> is what stays. Which slice is what goes?</details>
# <details><summary>Hint 2 (stronger)</summary>Make a list of the children, slice it with <code>[cut:]</code>. The first number is
# the length of that list, the second is a sum over it.</details>
# <details><summary>Hint 3 (nearly the line)</summary><code>removed = list(model.children())[cut:]</code>, then
# <code>sum(n_leaves(child) for child in removed)</code>.</details>

# %% nbgrader={"grade": true, "grade_id": "test_count_removed", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("count_removed"):
    model = nn.Sequential(
        nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 4, 3)),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Sequential(nn.Flatten(), nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2)),
    )

    def counted(cut):
        result = count_removed(model, cut)
        expect(
            isinstance(result, (tuple, list)) and len(result) == 2,
            "count_removed returns a pair",
            got=repr(result),
            expected="(children removed, leaf layers removed)",
            cause="print shows, but only return gives back: return a, b"
            if result is None
            else "return both numbers: return a, b",
        )
        return tuple(result)

    expect_equal(
        counted(-2),
        (2, 5),
        "four children, cut at -2: the pool and a box of four layers go",
        mistakes={
            (2, 2): "the second number counts children too: the last one is a box of four layers",
            (5, 2): "the two numbers are swapped: children first, then leaf layers",
            (2, 4): "that is what stays, or the pool was not counted: what goes is children[cut:]",
            (2, 6): "modules() counts the box itself as well: use n_leaves",
            (2, 9): "those are the leaf layers of the whole model, not of the removed part",
            (2, 1): "only one of the removed children was opened: sum over all of them",
            (1, 1): "children[cut] is one child, children[cut:] are all from there on",
        },
        look="list(model.children())[-2:]",
    )
    expect_equal(
        counted(1),
        (3, 6),
        "the same model cut at 1: all but the first child go",
        mistakes={
            (-1, 6): "cut says where, not how many: count what children[cut:] holds",
            (1, 3): "that is what stays: what goes is children[cut:]",
            (1, 4): "a positive cut counts from the start: children[:1] stays, the rest goes",
            (1, 1): "a positive cut counts from the start: children[:1] stays, the rest goes",
        },
        look="list(model.children())[1:]",
    )
    ### BEGIN HIDDEN TESTS
    rng = draw("count_removed")
    with hidden("other models, cut from the end and from the start"):
        sizes = [rng.randint(1, 5) for _ in range(rng.randint(5, 8))]
        boxes = [nn.Sequential(*[nn.ReLU() for _ in range(size)]) for size in sizes]
        blocks = [nn.Sequential(box) for box in boxes]
        net = nn.Sequential(*blocks)
        for cut in (-1, -rng.randint(2, 4), rng.randint(1, 4), len(sizes) - 1):
            expect_equal(
                tuple(count_removed(net, cut)),
                (len(sizes[cut:]), sum(sizes[cut:])),
                "children and leaf layers removed",
                mistakes=[
                    (
                        (len(sizes[abs(cut) :]), sum(sizes[abs(cut) :])),
                        "a negative cut counts from the end, as in every slice: abs(cut) turns it round",
                    )
                ],
                cause="one of: only the last child counted, only negative cuts handled, a box inside a box counted",
                look="a Sequential of five boxes with boxes inside, with cut -3 and with cut 2",
            )
    with hidden("a model that is only looked at"):
        watched = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.Dropout(0.1), nn.Linear(2, 2)))
        watched[0].requires_grad_(False)
        watched[1].eval()
        before = state_of(watched)
        count_removed(watched, 0)
        expect_state_unchanged(before, watched, checked="count_removed", modes=True)
    with hidden("a layer that stands in several of the children that go, and twice in each"):
        act = nn.Tanh()
        count = rng.randint(3, 5)
        children = [
            nn.Sequential(nn.Linear(2, 2), act, nn.Sequential(nn.Sequential(act, nn.Dropout(0.1))))
            for _ in range(count)
        ]
        shares = nn.Sequential(*children)
        expect_equal(
            tuple(count_removed(shares, 1)),
            (count - 1, 4 * (count - 1)),
            "children and leaf layers removed",
            cause="a layer that was met before, in the same child or in another one, is not counted again, or a "
            "box in a box in a child is not opened",
            look="exercise 2, the last point: n_leaves counts it each time, child by child",
        )
    with hidden("a cut that removes everything, and one that removes nothing"):
        expect_equal(
            [tuple(count_removed(net, 0)), tuple(count_removed(net, len(sizes)))],
            [(len(sizes), sum(sizes)), (0, 0)],
            "children and leaf layers removed",
            mistakes=[
                (
                    [(len(sizes), sum(sizes)), (0, 1)],
                    "where nothing is removed, an empty Sequential was counted as a layer: slice the "
                    "list of children, list(model.children())[cut:], and not the model",
                )
            ],
            cause="0 is a cut like any other; [:0] keeps nothing",
            look="children[cut:] for cut = 0",
        )
    with hidden("a real model"):
        expect_equal(
            tuple(count_removed(squeezenet1_1(weights=None), -1)),
            (1, 4),
            "children and leaf layers removed from a torchvision model",
            cause="the last child is a box; and only a Sequential can be sliced: model[cut:] fails "
            "for every other model, list(model.children())[cut:] does not",
            look="squeezenet1_1(weights=None).classifier",
        )
    ### END HIDDEN TESTS

# %% [markdown]
# ## 4. Measure
#
# ### Exercise 4: `measured` · 3 points
#
# The same dictionary as `predictions`, this time from code. For each family in `ARCHS`:
# - children removed: compare the **original** model with the **body** fastai made of it;
# - layers added: the number of entries of the new **head** at its top level, `len(head)`.
#
# fastai's own functions are allowed here: this exercise is about reading what they did.
# `create_vision_model(arch, 10, pretrained=False)` returns `nn.Sequential(body, head)`. Build it inside
# `with torch.device("meta"):`, as `build` does: on this device a tensor has a shape and no numbers, so even the vgg takes no time and no memory.
#
# **Why it matters.** "How many layers get added, and is that even an important question?" the beginner asked.
# It is: what is frozen, which weights can be loaded and what each learning rate is for all depend on what sits where (lesson 07).

# %% nbgrader={"grade": false, "grade_id": "measured", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN SOLUTION
measured = {}
for family, arch in ARCHS.items():
    # audit: equivalent [with dropped]: it costs memory and time, and the lengths are the same
    with torch.device("meta"):
        # audit: equivalent [frozen; other type; eval; constant]: of both only the length is read
        body, head = create_vision_model(arch, 10, pretrained=False)
    n_children = len(list(build(arch).children()))
    measured[family] = (n_children - len(body), len(head))
### END SOLUTION

# %% [markdown]
# <details><summary>Hint 1 (a nudge)</summary>A loop over <code>ARCHS.items()</code>. In it: the old model, the new model, two lengths.</details>
# <details><summary>Hint 2 (stronger)</summary>The old model is <code>build(arch)</code>, and it has
# <code>len(list(old.children()))</code> children. The new model is <code>Sequential(body, head)</code>:
# <code>new[0]</code> holds the children that were kept, <code>new[1]</code> is the head.</details>
# <details><summary>Hint 3 (nearly the line)</summary><code>measured[family] = (len(list(old.children())) - len(new[0]), len(new[1]))</code></details>

# %% nbgrader={"grade": true, "grade_id": "test_measured", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("measured"):
    expect_answered(measured, "measured")
    expect(
        isinstance(measured, dict),
        "measured is a dictionary",
        got=type(measured).__name__,
        expected="dict",
        cause="the loop overwrote the dictionary: measured[family] = … adds one entry"
        if isinstance(measured, tuple | int)
        else "a list has no names: begin with measured = {}, and measured[family] = … adds one entry"
        if isinstance(measured, list)
        else "a function was defined: measured is its result, the dictionary itself"
        if callable(measured)
        else None,
    )
    expect(
        set(measured) == set(ARCHS),
        "measured has one entry for each of the six families",
        got=", ".join(getattr(key, "__name__", str(key)) for key in measured)[:200] or "no entry",
        expected=", ".join(ARCHS),
        cause="the keys are the functions (arch): use their names (family)"
        if any(map(callable, measured))
        else "the dictionary is made anew in each round: measured = {} stands before the loop"
        if list(measured) == list(ARCHS)[-1:]
        else "a family was left out, or its name is spelled differently",
    )
    pair = measured["resnet"]
    expect(
        not isinstance(pair, int | float | str | dict | set | None) and len(pair) == 2,
        "measured['resnet'] is a pair",
        got=pair if isinstance(pair, int | float | tuple | list | dict | set) else repr(pair),
        expected="(children removed, layers added)",
    )
    expect_equal(
        tuple(measured["resnet"]),
        (2, 9),
        "resnet: children removed, layers added",
        mistakes={
            (8, 9): "8 is how many children stay, or the old number less the two parts of the new "
            "model: removed is the old number minus len(new[0])",
            (1, 9): "fc is not all that goes: compare the old children with those of the body",
            (9, 2): "the two numbers are swapped: children removed first, then layers added",
            (2, 10): "10 is the number of leaf layers, the pool is a box of two: use len(head)",
            (2, 2): "2 is the number of parts of the new model: how many entries has its head?",
            (2, 12): "modules() counts the head itself and what is in the pool: use len(head)",
            (2, 1): "the head was counted as one: how many entries are inside it?",
            (-2, 9): "cut = -2 means that two go: the old number of children minus len(new[0])",
            (10, 9): "that is the old model's number of children: how many did the body keep?",
            (8, 2): "those are the parts of the new model: look into new[0] and new[1]",
        },
        look="len(new[0]) and len(new[1]) of the new model",
    )
    ### BEGIN HIDDEN TESTS
    new_entries = len(create_head(4, 10))
    for family, arch in ARCHS.items():
        with hidden(f"the entry of {family}"):
            expect_equal(
                tuple(measured[family]),
                (
                    -model_meta[arch]["cut"],
                    new_entries,
                ),  # negative for all six: counted from the end
                "children removed, layers added",
                cause="leaf layers counted instead of children, or a number was typed in by hand",
                look="the same two lines of code have to work for every family",
            )
    ### END HIDDEN TESTS

# %% [markdown]
# **Compare.** Your guess beside what you measured:

# %% tags=["only-shows"]
if isinstance(predictions, dict) and isinstance(measured, dict):
    print(f"{'':11}{'you predicted':>15}{'you measured':>15}")
    for family in ARCHS:
        guess, truth = predictions.get(family), measured.get(family)
        print(f"{family:11}{guess!s:>15}{truth!s:>15}{'   as predicted' if guess == truth else ''}")
else:
    print("Answer exercises 1 and 4 first: then your guesses stand here beside the measurement.")

# %% [markdown]
# The second number is the same everywhere: fastai adds **one design of head** to every body. The first number differs.
#
# ## 5. "Exactly one", counted in three ways
#
# Now the evidence for the founding question. For each family: what goes, counted as children, as leaf layers, and as
# layers that own weights. The dashed line is the claim "exactly one".
#
# **Predict.** In which families does a bar reach above the line in *every* way of counting? In which family in *none*?

# %%
my_guess_always_more = "?"  # family names
my_guess_exactly_one = "?"  # family names

# %% tags=["only-shows"]
ways = {
    "children": lambda removed: len(removed),
    "leaf layers": lambda removed: sum(map(n_leaves, removed)),
    "layers with weights": lambda removed: sum(map(n_weighted, removed)),
}
figure, axis = plt.subplots(figsize=(9, 3.4), layout="constrained")
hatches = ("", "//", "..")
for offset, (way, count) in enumerate(ways.items()):
    counts = []
    for arch in ARCHS.values():
        removed = list(build(arch).children())[model_meta[arch]["cut"] :]
        counts.append(count(removed))
    places = [place + 0.27 * (offset - 1) for place in range(len(ARCHS))]
    bars = axis.bar(places, counts, width=0.25, label=way, hatch=hatches[offset], edgecolor="white")
    axis.bar_label(bars)
axis.axhline(1, linestyle="--", color="grey")
axis.set_xticks(range(len(ARCHS)), list(ARCHS))
axis.set_ylim(0, 9)
axis.set_ylabel("removed by the cut")
axis.set_title("Does fastai remove exactly one layer?")
axis.legend()
show_figure(
    "Bars for six families of models: how many children, leaf layers and layers with weights the cut removes. Only the densenet has 1, 1, 1; the vgg and the alexnet have 2, 8, 3."
)

# %% [markdown]
# <details><summary><b>Explain</b> (open it when the plot is there)</summary>
#
# Only the densenet loses exactly one, whichever way you count. The vgg and the alexnet lose more than one, whichever way.
# For the others the answer depends on the word "layer".
# Most of what goes has no weights at all: pooling, `Flatten`, `Dropout`, `ReLU`.
#
# </details>
#
# How much is it in parameters?

# %% tags=["only-shows"]
for family, arch in ARCHS.items():
    old = build(arch)
    removed = list(old.children())[model_meta[arch]["cut"] :]
    gone = sum(p.numel() for child in removed for p in child.parameters())
    total = sum(p.numel() for p in old.parameters())
    print(f"{family:11}{gone:>12,} of {total:>12,} parameters removed  ({gone / total:4.0%})")

# %% [markdown]
# From the vgg and the alexnet about nine parameters of ten go. The body that remains is the small part.
#
# ## 6. The steps no listing shows
#
# A listing shows the modules a model *has*. What it *does* stands in its `forward`.
#
# **Predict.** Take all ten children of a `resnet18`, in order, nothing removed, and put them into an `nn.Sequential`.
# Does it run? If not, between which two children does it stop?

# %%
my_guess_runs = "?"  # yes or no, and where it stops

# %% tags=["only-shows", "raises-exception"]
resnet = resnet18(weights=None).eval()
images = torch.rand(2, 3, 64, 64)
print("the model itself:", tuple(resnet(images).shape))
try:
    nn.Sequential(*resnet.children())(images)
except RuntimeError as error:
    print("its children in a row:", error)

# %% [markdown]
# <details><summary><b>Explain</b> (open it when the numbers are there)</summary>
#
# It stops between `avgpool` and `fc`. After `avgpool` the shape is (2, 512, 1, 1), and `fc` wants (2, 512): it takes what it gets
# for 2 · 512 = 1024 rows of one number, hence "1024x1". Somewhere in between the two last dimensions go away.
#
# </details>
#
# Read the last lines of the model's own `forward`:

# %% tags=["only-shows"]
print(inspect.getsource(type(resnet)._forward_impl))

# %% [markdown]
# `torch.flatten(x, 1)` is a **[function](../../docs/glossary.md#functional-step)**, called in `forward`. It is no module, so no listing shows it, and
# it is lost when the children are taken out. For the resnet this does no harm: the new head has a `Flatten` of its own.
#
# Is it always harmless? Read the end of densenet's `forward`. Its children are `features` and `classifier`.

# %% tags=["only-shows"]
print(inspect.getsource(DenseNet.forward))

# %% [markdown]
# Three functional steps: a ReLU, a pooling, a flatten. fastai keeps `features` only. So besides *one* leaf layer,
# *three* invisible steps are gone. The pooling and the flatten come back, because they are in the new head. The ReLU does **not**:
# the head of a densenet sees negative features that the old classifier never saw.
#
# `anatomy` watches the model run, so it also sees the functions. They have a dashed frame:

# %% tags=["only-shows"]
anatomy(build(densenet121), (1, 3, 64, 64), cut=-1, title="densenet121, cut = -1")

# %% [markdown]
# And these are the functions in the models' own `forward`, outside every child, for all six:

# %% tags=["only-shows"]
for family, arch in ARCHS.items():
    rows = anatomy(build(arch), (1, 3, 64, 64)).rows
    print(f"{family:11}", *[row.kind for row in rows if row.function and row.path == ""])

# %% [markdown]
# (The xresnet is fastai's own. Its flatten is a module, so nothing is hidden there.) And the lost ReLU, in numbers:

# %% tags=["only-shows"]
with torch.no_grad():
    features = densenet121(weights=None).eval().features(images)
print(f"without the ReLU {(features < 0).float().mean():.0%} of the features are negative")
print(f"with the ReLU    {(features.relu() < 0).float().mean():.0%}")

# %% [markdown]
# These weights are random, and the last layer before the ReLU is a BatchNorm, which puts the mean of each feature near 0. So "about half" is what one
# expects here, and a trained densenet has a share of its own. What holds for any weights: with the ReLU no feature is negative, without it some are.

# %% [markdown]
# ## 7. Looking, in daily work
#
# In practice there is a `Learner`. The advice in the forum thread was `learn.model` and `learn.summary()`. Both still work:

# %% tags=["only-shows"]
pairs = [(image, torch.tensor(i % 10)) for i, image in enumerate(torch.rand(8, 3, 64, 64))]
dls = DataLoaders.from_dsets(pairs, pairs, bs=4, num_workers=0)
learn = vision_learner(
    dls, squeezenet1_1, pretrained=False, n_out=10, loss_func=CrossEntropyLossFlat()
)
summary = str(learn.summary())
print("the head, learn.model[1]:", learn.model[1], sep="\n")

# %% [markdown]
# `learn.model[0]` is the body, `learn.model[1]` the head. Here is the end of `learn.summary()`, with the shape after each
# layer and whether it trains:

# %% tags=["only-shows"]
end = summary[summary.rindex("AdaptiveAvgPool2d") - 120 : summary.index("Optimizer used")]
print(end)

# %% [markdown]
# And **several heads**? A head is a module that takes features. Nothing stops you from using the same features twice:

# %% tags=["only-shows"]
body, head = learn.model.eval()
second_head = create_head(512, 1).eval()
with torch.no_grad():
    features = body(images)  # the body runs once
    print(
        "ten classes:",
        tuple(head(features).shape),
        " one number:",
        tuple(second_head(features).shape),
    )

# %% [markdown]
# `create_vision_model` does not offer this by itself. In lesson 08 you build and train such a model.
#
# ## 8. Answer the question
#
# ### Exercise 5: `why_one_layer` · 4 points, read by a person
#
# Answer the beginner of 2020 in your own words, in six to ten sentences:
# 1. Does fastai always remove exactly one layer? Use numbers you measured, from at least two families, and say what you count.
# 2. Who or what decides where the cut is?
# 3. How many layers are added, and how can one find out?
# 4. Name one step of a model that no listing shows, and what becomes of it at the cut.
#
# Write as if the beginner were going to read it.

# %% [markdown] nbgrader={"grade": true, "grade_id": "why_one_layer", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# No, and it depends on what you call a layer. fastai cuts between the children of the old model. From a squeezenet it
# removes one child, but that child is a box of four leaf layers (dropout, convolution, ReLU, pool). From a resnet it removes two
# children, which are two leaf layers (pool and `fc`), and only one of them has weights. From a vgg two children go, with eight leaf layers,
# three of them with weights. Only the densenet loses exactly one, however you count modules.
#
# Nothing clever finds the cut: for the families fastai knows, a person typed it into `model_meta` (-1, -2 or -4). For any other
# model fastai uses a simple rule about pooling layers (lesson 02).
#
# The new head is the same design for all: nine entries by default, ten leaf layers, because the pool is a box of two. `len(learn.model[1])`,
# `learn.model` and `learn.summary()` show it. It matters, because freezing, learning rates and loading weights depend on
# what sits where.
#
# What is written as a function in `forward` is in no listing: the flatten of the resnet, or the ReLU at the end of the densenet. It
# is lost at the cut. The flatten comes back in the new head, the ReLU does not.
#
# **Marking scheme (4 points).** One point each:
# 1. "No", with two families, correct numbers, and the unit named (children, leaf layers, or layers with weights).
# 2. The cut is typed in by a person (`model_meta`); half a point for "fastai knows it" without saying from where.
# 3. Nine entries (or ten leaf layers) by default, and one way to see it.
# 4. A functional step, correctly named, and that the cut loses it.
#
# Style and length cost nothing. A wrong statement beside a right one costs half a point at most.
# ### END SOLUTION

# %% [markdown]
# ---
# ## You can now
# - tell children, leaf layers and layers with weights apart, and count each without losing shared layers;
# - say what goes and what comes when fastai makes a new model out of an old one;
# - distrust a listing, and read `forward`.
#
# **Exit questions** (answer in your head)
# 1. A model has 3 children, one of them a box of 20 layers. It is cut at -1. What do you need to know to say how many leaf layers go?
# 2. `len(list(head.children()))` says 12, `len(head)` says 13. Who is right, and what happened?
# 3. Somebody rebuilds a model as `nn.Sequential(*model.children())` and gets the same number of parameters. Is it the same model?
#
# **Before you hand in** Kernel > Restart Kernel and Run All Cells, then save, and run the last cell: it says what is missing, or which file to hand in. Unanswered exercises do not stop it.
#
# **Previous** [00 · Start here](../00-start-here/00-start-here.ipynb) · **Next** [02 · The cut](../02-the-cut/02-the-cut.ipynb): where the number in `model_meta` comes from, and what happens to a model that is not in it.
#
# Words: [glossary](../../docs/glossary.md). [Answers to the exit questions](../../docs/exit-questions.md).

# %% tags=["only-shows"]
# What is done, and may it be handed in? Save the notebook first, then run this cell.
from headcheck import progress

progress()
