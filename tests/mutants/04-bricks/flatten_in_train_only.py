"""
what: "in eval mode nothing is flattened"
lesson: 04-bricks
loses: [test_Flatten]
"""


# %% Flatten
class Flatten(nn.Module):
    def forward(self, x):
        return x.flatten(1) if self.training else x
