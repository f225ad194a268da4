"""
what: puts the channels last before it flattens
lesson: 04-bricks
loses: [test_Flatten]
"""


# %% Flatten
class Flatten(nn.Module):
    def forward(self, x):
        return x.movedim(1, -1).flatten(1)
