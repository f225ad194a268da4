"""
what: a view, as fastai does
lesson: 04-bricks
loses: []
"""


# %% Flatten
class Flatten(nn.Module):
    def forward(self, x):
        return x.view(x.size(0), -1)
