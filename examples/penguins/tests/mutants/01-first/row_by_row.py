"""
what: standardises each column by itself
lesson: 01-first
loses: [test_standardised]
"""
# %% standardised
def standardised(numbers):
    spread = numbers.std(axis=0)
    return (numbers - numbers.mean(axis=0)) / np.where(spread == 0, 1, spread)
