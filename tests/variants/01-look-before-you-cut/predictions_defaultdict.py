"""
what: "a defaultdict that has been read"
lesson: 01-look-before-you-cut
loses: []
"""

# %% predictions
from collections import defaultdict

predictions = defaultdict(lambda: (1, 1))
for f in ARCHS:
    predictions[f]
