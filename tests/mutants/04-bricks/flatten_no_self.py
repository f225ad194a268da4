"""
what: "self is missing in forward"
lesson: 04-bricks
loses: [test_Flatten]
says: "the first parameter of every method is self"
"""


# %% Flatten
class Flatten(nn.Module):
    def forward(x):
        return x.flatten(1)
