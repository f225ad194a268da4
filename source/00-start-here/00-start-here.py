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
# # 00 · Start here
#
# **The question.** Does everything work on this machine, and how does an exercise work in this course?
#
# **You will be able to**
# - tell whether your installation fits the course, and mend it if not;
# - answer an exercise, read what a check says, and know what is tested that you cannot see.
#
# **Time** 10 minutes · **Difficulty** ○○○○ · **Before this** nothing. This notebook gives no points.
#
# Run a cell with **Shift + Enter**. Run them all, from the top, in order.
# Words you do not know are in the [glossary](../../docs/glossary.md): [module](../../docs/glossary.md#module), [child](../../docs/glossary.md#child).
#
# ## 1. Does it work here?
#
# The first cell looks at what is installed. It is folded to one line, with three dots: you need not read its code, only what it
# prints. It runs like any other cell, and a click on the dots opens it.

# %% jupyter={"source_hidden": true} tags=["only-shows"]
# Is the package of the course here? Run this cell and go on.
import importlib.util
from glob import glob

if importlib.util.find_spec("headcheck") is None:
    beside = [*glob("headcheck-*.whl"), *glob("../../headcheck-*.whl"), "headcheck"]
    print("The package of this course is not installed in the Python that runs this notebook.")
    print(f"Run this line in a cell of its own, once, and then go on:\n\n%pip install {beside[0]}")

# %% jupyter={"source_hidden": true}
# What is installed here?
import importlib
import sys
from importlib import metadata

PACKAGES = ("torch", "torchvision", "fastai", "headcheck")
INSTALL = "in the folder of the course: pip install -r requirements.txt\n(with conda: conda env create -f environment.yml)"
ELSEWHERE = "(done already? Then Jupyter runs on another Python: in a terminal, activate the environment of\nthe course, source course/bin/activate, and start jupyter lab there)"
FASTAI = 'pip install "fastai>=2.8.1,<2.9"'


def look_around():
    """What is installed, {name: version or None}, and what goes wrong on import, {name: error}."""
    found, errors = {"python": ".".join(map(str, sys.version_info[:3]))}, {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = None
            continue
        try:
            importlib.import_module(name)
            if name == "torchvision":  # its compiled part, which a wrong torch breaks
                import torch

                torch.ops.torchvision.nms(torch.zeros(0, 4), torch.zeros(0), 0.5)
        except Exception as error:
            errors[name] = f"{type(error).__name__}: {error}".splitlines()[0]
    return found, errors


def diagnose(found, errors):
    """What is wrong, one (problem, remedy) each. Nothing wrong: an empty list."""
    wrong = []

    def numbers(name):
        digits = "".join(c if c.isdigit() else " " for c in found[name].split("+")[0])
        return tuple(map(int, digits.split()))[:3]

    if not (3, 11) <= numbers("python") < (3, 14):
        wrong.append((f"Python {found['python']} does not fit: use 3.11, 3.12 or 3.13.", INSTALL))
    missing = [name for name in PACKAGES if found[name] is None]
    if missing:
        problem = f"not installed in the Python this notebook runs on: {', '.join(missing)}."
        wrong.append((problem, f"{INSTALL}\n{ELSEWHERE}"))
    if found["fastai"] and numbers("fastai")[0] == 1:
        wrong.append(
            (
                f"fastai {found['fastai']} is the old library of 2018-2020. It has the same name but other functions.",
                FASTAI,
            )
        )
    elif found["fastai"] and not (2, 8, 1) <= numbers("fastai") < (2, 9):
        wrong.append(
            (f"fastai {found['fastai']} is not the version this course was checked with.", FASTAI)
        )
    if "torchvision" in errors and found["torch"]:
        wrong.append(
            (
                f"torch {found['torch']} and torchvision {found['torchvision']} do not belong together ({errors['torchvision']}).",
                "install both in one go, from the same source:\npip install --force-reinstall torch torchvision",
            )
        )
    elif errors:
        name, error = next(iter(errors.items()))
        wrong.append((f"{name} is installed, but importing it fails ({error}).", INSTALL))
    return wrong


def say(found, errors):
    print("  ".join(f"{name} {version or '(missing)'}" for name, version in found.items()))
    wrong = diagnose(found, errors)
    for problem, remedy in wrong:
        lines = [*remedy.splitlines(), "then choose Kernel > Restart, and run this cell again"]
        print(f"✗ {problem}\n  remedy    " + ("\n" + " " * 12).join(lines))
    if not wrong:
        print("✓ everything fits: go on")


say(*look_around())

# %% [markdown]
# If its last line says *go on*, all is well. If something is wrong you get a sentence and a remedy. The next cell acts out the three usual
# failures (nothing is wrong here):

# %% jupyter={"source_hidden": true}
# The three usual failures, acted out.
good = {
    "python": "3.11.7",
    "torch": "2.14.1",
    "torchvision": "0.29.1",
    "fastai": "2.8.12",
    "headcheck": "0.1.0",
}

print("--- somebody upgraded torch alone")
say(
    {**good, "torch": "2.15.0"},
    {"torchvision": "RuntimeError: operator torchvision::nms does not exist"},
)
print("\n--- an old fastai")
say({**good, "fastai": "1.0.61"}, {})
print("\n--- Jupyter runs on another Python than the one you installed into")
say({"python": "3.12.1", "torch": None, "torchvision": None, "fastai": None, "headcheck": None}, {})

# %% [markdown]
# Everything runs on a laptop without a graphics card and without a network.
#
# The next cell is **locked**, and folded. It brings what the exercises and checks below need. Every lesson begins with one. Run it and go on.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Setup: run this cell and go on.
from torch import nn

from headcheck import checking, draw, expect_equal, expect_state_unchanged, hidden, state_of

MISTAKES = {
    6: "modules() counts every part on every level, and the model itself: count children()",
    4: "those are the layers that hold no other part: count what is at the top level, children()",
    None: "nothing is returned: the function needs a return",
}


def small_model():
    """Three children: a layer, a box with two layers in it, a layer."""
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.Sequential(nn.BatchNorm2d(4), nn.ReLU()), nn.Flatten()
    )


class TwoParts(nn.Module):
    """Two children, in a class of its own: not every model is a Sequential."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU())
        self.head = nn.Linear(4, 2)


# %% [markdown]
# ## 2. An exercise, from beginning to end
#
# ### Exercise 1: `count_children(model)` · no points, this one is for practice
#
# Return how many children a model has: the parts at its top level.
#
# **Why it matters.** fastai cuts models between two children. It is the first thing the next lesson counts.
#
# Do this, in order. It takes two minutes and shows you everything a check can say.
# 1. Run the answer cell and the check cell below it as they are. (A check is folded, too: `with checking(…): •••`.)
#    The check says in one line that the exercise is **not answered**.
# 2. Replace the line with `raise` by a **wrong** answer: `return len(list(model.modules()))`. Run both cells again. Read what the check says.
# 3. Now make it right. The hints help.
# 4. Try `return 3` as well. The visible check passes, although the answer is wrong. Section 4 says what finds it.


# %% nbgrader={"grade": false, "grade_id": "count_children", "locked": false, "schema_version": 3, "solution": true, "task": false}
def count_children(model: nn.Module) -> int:
    """The number of parts at the top level of `model`."""
    ### BEGIN SOLUTION
    return len(list(model.children()))
    ### END SOLUTION


# %% [markdown]
# Hints come in threes. Open the first one, try, then open the next.
#
# <details><summary>Hint 1 (a nudge)</summary>A model can list its own children. What is that method called?</details>
# <details><summary>Hint 2 (stronger)</summary><code>model.children()</code> is an iterator. It has no length, a list has.</details>
# <details><summary>Hint 3 (nearly the line)</summary><code>len(list(model. … ()))</code></details>

# %% nbgrader={"grade": true, "grade_id": "test_count_children", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("count_children"):
    expect_equal(
        count_children(small_model()),
        3,
        "the number of children of a small model",
        mistakes=MISTAKES,
        look="print(small_model()): the top level is what is indented least",
    )
    ### BEGIN HIDDEN TESTS
    rng = draw("count_children")
    with hidden("other models"):
        size = rng.randint(4, 9)
        other = nn.Sequential(*[nn.Sequential(nn.ReLU(), nn.ReLU()) for _ in range(size)])
        expect_equal(
            count_children(other),
            size,
            "the number of children",
            cause="a number that fits one model only",
            look="a model with more parts",
        )
        expect_equal(
            count_children(TwoParts()),
            2,
            "the number of children",
            cause="it works for a Sequential only: len(model) and a loop over model fail for other classes",
            look="count_children(TwoParts()), and hint 1",
        )
        many = rng.randint(11, 19)
        expect_equal(
            count_children(nn.Sequential(*[nn.ReLU() for _ in range(many)])),
            many,
            "the number of children",
            cause="it was counted by something else than the parts: names, numbers in names, kinds",
            look="a model with more parts than ten",
        )
    with hidden("boxes of another kind, boxes in boxes, and no box at all"):
        boxes = nn.ModuleDict(
            {
                "list": nn.ModuleList([nn.ReLU(), nn.Linear(2, 2)]),
                "last": nn.Sequential(nn.Sequential(nn.Sequential(nn.ReLU()), nn.ReLU())),
            }
        )
        expect_equal(
            count_children(boxes),
            2,
            "the number of children",
            cause="what is inside of a child was counted, too",
            look="hint 1: children() looks at one level, whatever stands there",
        )
        expect_equal(
            count_children(nn.Sequential(TwoParts())),
            1,
            "the number of children",
            cause="a box that stands alone in another one was opened, or only boxes that torch brings count",
            look="hint 1: children() looks at one level, whatever stands there",
        )
        expect_equal(
            count_children(nn.ReLU()),
            0,
            "the number of children of a layer",
            cause="a layer has no parts, so the number is 0",
            look="count_children(nn.ReLU())",
        )
    with hidden("a model that is only looked at"):
        watched = small_model()
        watched[0].requires_grad_(False)
        watched[1].eval()
        before = state_of(watched)
        expect_equal(
            count_children(watched),
            3,
            "the number of children",
            cause="a part that is frozen, or in eval mode, is a part all the same",
            look="hint 1",
        )
        expect_state_unchanged(before, watched, checked="count_children", modes=True)
    ### END HIDDEN TESTS

# %% [markdown]
# ## 3. What a check says
#
# This is what step 2 looks like. Every message has the same form: what was checked, what you **got**, what was **expected**,
# the **likely** cause, and where to **look**. A red cell is not an accident: it is the notebook talking to you.


# %% tags=["raises-exception"]
def a_wrong_answer(model):
    return len(list(model.modules()))


with checking("count_children"):
    expect_equal(
        a_wrong_answer(small_model()),
        3,
        "the number of children of a small model",
        mistakes=MISTAKES,
        look="print(small_model()): the top level is what is indented least",
    )

# %% [markdown]
# And this is a right one:


# %%
def a_right_answer(model):
    return len(list(model.children()))


with checking("count_children"):
    expect_equal(a_right_answer(small_model()), 3, "the number of children of a small model")

# %% [markdown]
# ## 4. What you do not see
#
# **Hidden tests** run when your notebook is graded. They try *other sizes and options* of what the exercise asks for, never something
# new. So an answer made for the one visible example (`return 3`) passes here and loses points there. If a hidden test fails, your
# feedback says *what was tried*, in words, and a likely cause. It does not show the numbers:


# %% tags=["raises-exception"]
def made_for_one_example(model):
    return 3


with checking("count_children"):
    expect_equal(made_for_one_example(small_model()), 3, "the number of children of a small model")
    with hidden("other models"):
        expect_equal(
            made_for_one_example(nn.Sequential(nn.ReLU(), nn.ReLU())),
            2,
            "the number of children",
            cause="a number that fits one model only",
            look="a model with more parts",
        )

# %% [markdown]
# **Written answers** look like the next cell in the lessons. Double-click, write, Shift + Enter. A person reads them, with a marking scheme that gives a point for each
# thing the question asks for. Style and length cost nothing. (This one is not collected.)

# %% [markdown]
# *Double-click here and write one sentence: what do you want to know about models that you do not know today?*

# %% [markdown]
# ## 5. Five rules that keep your points safe
#
# 1. **Do not copy, split, merge or retype a graded cell.** Each has an invisible name. A copy has the same name, and a retyped cell has none.
#    Want to try something? Make a new cell with **B**.
# 2. **Keep the names** of functions and dictionaries, and the arguments in the first line. The checks call them.
# 3. **A locked cell is put back** when you hand in: editing a check changes nothing but your own view of it.
# 4. **Every exercise stands alone.** A mistake in one costs nothing in the next, and no lesson needs your code from another.
#    If you are stuck, go on.
# 5. **Before you hand in**: Kernel > Restart Kernel and Run All Cells, then save, then run the last cell of the notebook. It says "complete" and which file to hand in, or what is missing.
#    Unanswered exercises do not stop it. What works then, works for the grader.
#
# A cell runs for ever? Press **I** twice, or Kernel > Interrupt.
#
# `NameError: name 'checking' is not defined`? The kernel was restarted and has forgotten everything. Run the cells above it again: Run > Run All Above Selected Cell.

# %% [markdown]
# ---
# ## You can now
# - see whether a machine fits the course;
# - read a check, and know that another one is waiting.
#
# **Exit questions** (answer in your head)
# 1. The check says `○ … is not answered yet`, but you did answer. What did you forget to run?
# 2. Your answer passes the visible check and fails a hidden one. What do you try first?
# 3. You want to keep an old version of your answer. Where do you put it?
#
# **Next** [01 · Look before you cut](../01-look-before-you-cut/01-look-before-you-cut.ipynb): what is in a model, and does one layer go?
#
# Words: [glossary](../../docs/glossary.md). [Answers to the exit questions](../../docs/exit-questions.md).

# %% tags=["only-shows"]
# What is done, and may it be handed in? Save the notebook first, then run this cell.
from headcheck import progress

progress()
