"""
what: "whole numbers that were typed as floats are whole numbers"
lesson: 01-look-before-you-cut
loses: []
"""

# %% predictions
predictions = dict.fromkeys(ARCHS, (1.0, 2.0))
