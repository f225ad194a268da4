"""
what: removes the last two dimensions only when they have length one
lesson: 04-bricks
loses: [test_Flatten]
"""


# %% Flatten
class Flatten(nn.Module):
    def forward(self, x):
        return x.squeeze(-1).squeeze(-1)
