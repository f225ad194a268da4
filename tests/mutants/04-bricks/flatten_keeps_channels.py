"""
what: keeps the channels apart
lesson: 04-bricks
loses: [test_Flatten]
"""


# %% Flatten
class Flatten(nn.Module):
    def forward(self, x):
        return x.flatten(2)
