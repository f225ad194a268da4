"""
what: the dots of the form left in
lesson: 01-look-before-you-cut
loses: [test_predictions]
"""

# %% predictions
predictions = dict.fromkeys(ARCHS, (..., ...))
