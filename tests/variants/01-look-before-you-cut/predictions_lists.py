"""
what: pairs as lists, a family too many
lesson: 01-look-before-you-cut
loses: []
"""

# %% predictions
predictions = {family: [2, 3] for family in ARCHS}
predictions["mobilenet"] = [1, 1]
