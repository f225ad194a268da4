# %% [markdown]
# # 01 · First
#
# **The question.** Which kind of penguin is the heaviest, and how much do penguins of one kind differ?
#
# **You will be able to** group a table by a column, and put numbers of different units on one scale.
#
# **Time** 25 minutes · **Difficulty** ●●○○ · **Before this** nothing

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
# What this lesson needs. Run it and go on.
import numpy as np
import pandas as pd

from headcheck import checking, draw, expect, expect_close, expect_equal, hidden

PENGUINS = {
    "kind": ["Adelie", "Adelie", "Gentoo", "Gentoo", "Chinstrap", "Adelie"],
    "mass": [3700.0, 3800.0, 5000.0, 5400.0, 3600.0, 3900.0],
}


def made_up_penguins(rng):
    """Columns as lists, drawn at random."""
    kinds = [rng.choice(["Adelie", "Gentoo", "Chinstrap"]) for _ in range(rng.randint(20, 40))]
    return {"kind": kinds, "mass": [float(rng.randint(3000, 6000)) for _ in kinds]}


# %% [markdown]
# ## Exercise 1: group
#
# `mean_mass(columns)` gets the columns of a table (a dictionary of lists, as `PENGUINS`) and gives a dictionary: each kind, and the
# mean mass of its penguins. Masses that are missing (`None`) do not count; a kind without any mass is left out.

# %% nbgrader={"grade": false, "grade_id": "mean_mass", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mean_mass(columns):
    """Each kind, and the mean mass of its penguins."""
    ### BEGIN SOLUTION
    table = pd.DataFrame(columns)
    return table.groupby("kind")["mass"].mean().dropna().to_dict()
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint</summary><code>pd.DataFrame(columns)</code> makes a table, <code>.groupby("kind")</code> groups it, <code>.to_dict()</code> makes a dictionary.</details>

# %% nbgrader={"grade": true, "grade_id": "test_mean_mass", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("mean_mass"):
    expect_equal(
        mean_mass(PENGUINS),
        {"Adelie": 3800.0, "Gentoo": 5200.0, "Chinstrap": 3600.0},
        "mean_mass(PENGUINS)",
    )
    expect_equal(
        mean_mass({"kind": ["Gentoo", "Gentoo", "Adelie"], "mass": [5000.0, None, None]}),
        {"Gentoo": 5000.0},
        "a table with missing masses",
        mistakes=[({"Gentoo": 2500.0, "Adelie": 0.0}, "a missing mass counts as 0")],
        look="the mean of pandas leaves out what is missing; .dropna() leaves out a kind without a mean",
    )
    ### BEGIN HIDDEN TESTS
    rng = draw("mean_mass")
    with hidden("another table"):
        columns = made_up_penguins(rng)
        masses = {}
        for kind, mass in zip(columns["kind"], columns["mass"]):
            masses.setdefault(kind, []).append(mass)
        expected = {kind: sum(each) / len(each) for kind, each in masses.items()}
        expect_equal(mean_mass(columns), expected, "a larger table")
    ### END HIDDEN TESTS

# %% [markdown]
# ## Exercise 2: one scale
#
# `standardised(numbers)` gets a numpy array and gives another of the same shape: from each number the mean of all is taken away, and the
# rest divided by the standard deviation of all (`np.std`). Where all numbers are the same, all results are 0.

# %% nbgrader={"grade": false, "grade_id": "standardised", "locked": false, "schema_version": 3, "solution": true, "task": false}
def standardised(numbers):
    """`numbers` with mean 0 and standard deviation 1."""
    ### BEGIN SOLUTION
    spread = np.std(numbers)
    if spread == 0:  # audit: equivalent [comparison]: no standard deviation is negative
        return np.zeros(numbers.shape)
    return (numbers - np.mean(numbers)) / spread
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_standardised", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["raises-exception"]
with checking("standardised"):
    result = standardised(np.array([1.0, 3.0]))
    expect(isinstance(result, np.ndarray), "what standardised gives", got=type(result), expected="a numpy array")
    expect_equal(result.tolist(), [-1.0, 1.0], "standardised(np.array([1.0, 3.0]))")
    expect_equal(
        standardised(np.array([5.0, 5.0])).tolist(),
        [0.0, 0.0],
        "numbers that are all the same",
        cause="the standard deviation of equal numbers is 0, and nothing can be divided by it",
    )
    ### BEGIN HIDDEN TESTS
    rng = draw("standardised")
    with hidden("a table of numbers"):
        given = np.array([[rng.uniform(-9, 9) for _ in range(3)] for _ in range(rng.randint(2, 5))])
        expected = (given - given.mean()) / given.std()
        result = standardised(given.copy())
        expect_equal(result.shape, given.shape, "the shape of the result")
        expect_close(float(np.abs(result - expected).max()), 0.0, "the largest difference")
    ### END HIDDEN TESTS

# %% [markdown]
# ## Try it

# %% tags=["raises-exception"]
print(mean_mass(PENGUINS))

# %% [markdown]
# ## In your words
#
# When does the mean of a group say little about the group?

# %% [markdown] nbgrader={"grade": true, "grade_id": "why_not_the_mean", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# When the group is small, or has a few numbers that are far from the others: they pull the mean towards them.
#
# **Marking scheme.** One point for each of: small groups, numbers far away.
# ### END SOLUTION

# %% [markdown]
# ---
# ## You can now
# - group a table by a column, and say what the numbers of a group are;
# - put numbers of different units on one scale.
#
# **Exit questions** (answer in your head)
# 1. One penguin of a kind is weighed wrongly, at ten times its mass. Which of your numbers change?
#
# **Before you hand in** Kernel > Restart Kernel and Run All Cells, then save, and run the last cell: it says what is missing, or which file to hand in.
#
# **Next** is the lesson after this one.

# %% tags=["only-shows"]
# What is done, and may it be handed in? Save the notebook first, then run this cell.
from headcheck import progress

progress()
