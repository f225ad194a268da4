"""
what: "a function instead of a class"
lesson: 04-bricks
loses: [test_Flatten]
says: "class"
"""


# %% Flatten
def Flatten(x):
    return x.flatten(1)
