"""
what: names of architectures instead of families
lesson: 01-look-before-you-cut
loses: [test_predictions]
"""

# %% predictions
predictions = {arch.__name__: (1, 1) for arch in ARCHS.values()}
