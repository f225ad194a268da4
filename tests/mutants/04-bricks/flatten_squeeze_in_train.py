"""
what: a batch of one is squeezed in train mode
lesson: 04-bricks
loses: [test_Flatten]
"""


# %% Flatten
class Flatten(nn.Module):
    def forward(self, x):
        if self.training:
            return x.reshape(*x.shape[:1], -1) if x.shape[0] > 1 else x.squeeze()
        return x.flatten(1)
