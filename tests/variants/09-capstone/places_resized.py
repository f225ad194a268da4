"""
what: a small table of places, resized
lesson: 09-capstone
loses: []
"""


# %% my_head
class Head(nn.Module):
    def __init__(self, nf, n_out):
        super().__init__()
        self.conv = nn.Conv2d(nf, 10, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(10)
        self.last = nn.Linear(20, n_out)
        self.places = nn.Parameter(torch.zeros(1, 10, 3, 3))

    def forward(self, x):
        x = F.relu(self.norm(self.conv(x)))
        x = x + F.interpolate(self.places, x.shape[2:], mode="bilinear")
        x = torch.cat([x.amax((2, 3)), x.mean((2, 3))], 1)
        x = self.last(x)
        return x


def my_head(nf, n_out):
    return Head(nf, n_out)
