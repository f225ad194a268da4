"""
what: "mean of the three largest places, classes added as maps, class-wise 1x1"
lesson: 09-capstone
loses: []
"""


# %% my_head
class Head(nn.Module):
    def __init__(self, nf, n_out):
        super().__init__()
        self.look = nn.Sequential(
            nn.Conv2d(nf, 48, 1, bias=False), nn.BatchNorm2d(48), nn.LeakyReLU(0.1)
        )
        self.classes = nn.Conv2d(48, n_out, 1)

    def forward(self, x):
        s = self.classes(self.look(x)).flatten(2)
        return s.topk(min(3, s.shape[-1]), -1).values.mean(-1)


def my_head(nf, n_out):
    return Head(nf, n_out)
