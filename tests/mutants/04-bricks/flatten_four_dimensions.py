"""
what: takes four dimensions for granted
lesson: 04-bricks
loses: [test_Flatten]
"""


# %% Flatten
class Flatten(nn.Module):
    def forward(self, x):
        n, c, h, w = x.shape
        return x.reshape(n, c * h * w)
