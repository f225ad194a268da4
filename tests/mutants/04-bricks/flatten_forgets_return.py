"""
what: forgets to return
lesson: 04-bricks
loses: [test_Flatten]
"""


# %% Flatten
class Flatten(nn.Module):
    def forward(self, x):
        x.flatten(1)
