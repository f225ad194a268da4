"""
what: a tanh behind the last Linear, and a learned factor behind it
lesson: 09-capstone
loses: [test_my_head]
says: scores that come from tanh
"""


# %% my_head
class Scaled(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.rand(1) + 4)

    def forward(self, x):
        return self.scale * torch.tanh(x)


def my_head(nf, n_out):
    return nn.Sequential(
        nn.Conv2d(nf, 10, 3, padding=1, bias=False),
        nn.BatchNorm2d(10),
        nn.ReLU(),
        AdaptiveConcatPool2d(1),
        Flatten(),
        nn.Linear(20, n_out),
        Scaled(),
    )
