"""
what: None where a guess is missing
lesson: 01-look-before-you-cut
loses: [test_predictions]
"""

# %% predictions
predictions = {**dict.fromkeys(ARCHS, (1, 2)), "xresnet": (None, 3)}
