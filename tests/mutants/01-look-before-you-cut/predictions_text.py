"""
what: numbers written as text
lesson: 01-look-before-you-cut
loses: [test_predictions]
"""

# %% predictions
predictions = dict.fromkeys(ARCHS, ("1", "2"))
