"""
what: one number per family
lesson: 01-look-before-you-cut
loses: [test_predictions]
"""

# %% predictions
predictions = dict.fromkeys(ARCHS, 1)
