"""
what: guesses that are all wrong
lesson: 01-look-before-you-cut
loses: []
"""

# %% predictions
predictions = dict.fromkeys(ARCHS, (7, 0))
