"""
what: "guesses half a layer"
lesson: 01-look-before-you-cut
loses: [test_predictions]
says: there are no halves
"""

# %% predictions
predictions = dict.fromkeys(ARCHS, (1, 2.5))
