"""
what: counts a missing mass as 0
lesson: 01-first
loses: [test_mean_mass]
says: a missing mass counts as 0
"""
# %% mean_mass
def mean_mass(columns):
    table = pd.DataFrame(columns).fillna({"mass": 0.0})
    return table.groupby("kind")["mass"].mean().to_dict()
