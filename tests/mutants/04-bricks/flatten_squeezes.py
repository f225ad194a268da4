"""
what: squeezes, so that a batch of one loses its batch dimension
lesson: 04-bricks
loses: [test_Flatten]
"""


# %% Flatten
class Flatten(nn.Module):
    def forward(self, x):
        return x.squeeze()
