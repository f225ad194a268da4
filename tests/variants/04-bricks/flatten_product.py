"""
what: reshape to a length computed by hand
lesson: 04-bricks
loses: []
"""


# %% Flatten
class Flatten(nn.Module):
    def forward(self, x):
        return x.reshape(len(x), x[0].numel())
