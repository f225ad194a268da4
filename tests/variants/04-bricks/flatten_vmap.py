"""
what: "ravel of each picture, by vmap"
lesson: 04-bricks
loses: []
"""


# %% Flatten
class Flatten(nn.Module):
    def forward(self, x):
        return torch.vmap(torch.ravel)(x)
