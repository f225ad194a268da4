"""
what: uses fastai's finished layer
lesson: 04-bricks
loses: [test_Flatten]
"""


# %% Flatten
class Flatten(nn.Module):
    def forward(self, x):
        return fastai.layers.Flatten()(x)
