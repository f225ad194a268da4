"""
what: "a right answer in another style: loops, and numpy's methods"
lesson: 01-first
"""
# %% mean_mass
def mean_mass(columns):
    masses = {}
    for kind, mass in zip(columns["kind"], columns["mass"]):
        if mass is not None:
            masses.setdefault(kind, []).append(mass)
    return {kind: sum(each) / len(each) for kind, each in masses.items()}

# %% standardised
def standardised(numbers):
    result = numbers - numbers.mean()
    if numbers.std() > 0:
        result /= numbers.std()
    return result
