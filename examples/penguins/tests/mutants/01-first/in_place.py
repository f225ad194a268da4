"""
what: changes the array that came in
lesson: 01-first
loses: [test_standardised]
"""
# %% standardised
def standardised(numbers):
    spread = numbers.std()
    numbers -= numbers.mean()
    if spread > 0:
        numbers /= spread
    return numbers
