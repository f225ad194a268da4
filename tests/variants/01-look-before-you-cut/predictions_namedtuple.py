"""
what: "named tuples, fractions"
lesson: 01-look-before-you-cut
loses: []
"""

# %% predictions
from collections import namedtuple
from fractions import Fraction

Guess = namedtuple("Guess", "removed added")
predictions = dict.fromkeys(ARCHS, Guess(removed=Fraction(2), added=9))
