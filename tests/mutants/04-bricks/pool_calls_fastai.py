"""
what: uses fastai's finished pool
lesson: 04-bricks
loses: [test_AdaptiveConcatPool2d, test_AdaptiveConcatPool2d_size]
"""


# %% AdaptiveConcatPool2d
class AdaptiveConcatPool2d(nn.Module):
    def __init__(self, size=1):
        super().__init__()
        self.pool = fastai.layers.AdaptiveConcatPool2d(size)

    def forward(self, x):
        return self.pool(x)
