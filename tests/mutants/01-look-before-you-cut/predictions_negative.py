"""
what: the cut written down instead of a count
lesson: 01-look-before-you-cut
loses: [test_predictions]
"""

# %% predictions
predictions = {**dict.fromkeys(ARCHS, (1, 2)), "resnet": (-2, 2)}
