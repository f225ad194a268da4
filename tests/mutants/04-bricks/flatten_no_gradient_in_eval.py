"""
what: no gradient in eval mode
lesson: 04-bricks
loses: [test_Flatten]
"""


# %% Flatten
class Flatten(nn.Module):
    def forward(self, x):
        if not self.training:
            x = x.detach()
        return x.flatten(1)
