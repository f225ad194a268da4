"""
what: torch's flatten from dimension 1
lesson: 04-bricks
loses: []
"""


# %% Flatten
class Flatten(nn.Module):
    def forward(self, x):
        return torch.flatten(x, start_dim=1)
