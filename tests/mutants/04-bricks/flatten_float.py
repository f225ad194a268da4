"""
what: makes 32 bit numbers of all
lesson: 04-bricks
loses: [test_Flatten]
"""


# %% Flatten
class Flatten(nn.Module):
    def forward(self, x):
        return x.flatten(1).float()
