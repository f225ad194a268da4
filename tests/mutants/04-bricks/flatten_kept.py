"""
what: "the first result is kept"
lesson: 04-bricks
loses: [test_Flatten]
"""


# %% Flatten
class Flatten(nn.Module):
    def forward(self, x):
        if not hasattr(self, "kept"):
            self.kept = x.flatten(1)
        return self.kept
