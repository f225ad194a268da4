"""
what: reads the spread of each map, which is 0 for a map of one place
lesson: 09-capstone
loses: []
"""


# %% my_head
class Head(nn.Module):
    calls = 0

    def __init__(self, nf, n_out):
        super().__init__()
        self.conv = nn.Conv2d(nf, 10, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(10)
        self.last = nn.Linear(30, n_out)

    def forward(self, x):
        Head.calls += 1
        x = F.relu(self.norm(self.conv(x))).flatten(2)
        return self.last(
            torch.cat([x.amax(2), x.mean(2), (x.var(2, correction=0) + 1e-6).sqrt()], 1)
        )


def my_head(nf, n_out):
    return Head(nf, n_out)
