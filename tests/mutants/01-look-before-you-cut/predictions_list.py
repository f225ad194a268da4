"""
what: a list instead of a dictionary
lesson: 01-look-before-you-cut
loses: [test_predictions]
"""

# %% predictions
predictions = [(1, 1)] * 6
