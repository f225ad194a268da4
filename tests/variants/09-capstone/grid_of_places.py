"""
what: two fixed maps with the place are added in a buffer, as small as one row
lesson: 09-capstone
"""


# %% my_head
class Head(nn.Module):
    def __init__(self, nf, n_out):
        super().__init__()
        self.register_buffer("places", torch.linspace(-1, 1, 9))
        self.conv = nn.Conv2d(nf + 2, 10, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(10)
        self.last = nn.Linear(20, n_out)

    def forward(self, x):
        n, _, h, w = x.shape
        rows = F.interpolate(self.places[None, None], size=h)[0, 0].view(1, 1, h, 1)
        columns = F.interpolate(self.places[None, None], size=w)[0, 0].view(1, 1, 1, w)
        x = torch.cat([x, rows.expand(n, 1, h, w), columns.expand(n, 1, h, w)], 1)
        x = F.relu(self.norm(self.conv(x)))
        return self.last(torch.cat([x.amax((2, 3)), x.mean((2, 3))], 1))


def my_head(nf, n_out):
    return Head(nf, n_out)
