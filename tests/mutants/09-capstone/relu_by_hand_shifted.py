"""
what: "'maximum(x, 0) - 1 by hand'"
lesson: 09-capstone
loses: [test_my_head, test_my_head_beats_probe]
"""


# %% my_head
class Head(nn.Module):
    def __init__(self, nf, n_out):
        super().__init__()
        self.conv = nn.Conv2d(nf, 10, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(10)
        self.last = nn.Linear(20, n_out)

    def forward(self, x):
        x = F.relu(self.norm(self.conv(x)))
        x = self.last(torch.cat([x.amax((2, 3)), x.mean((2, 3))], 1))
        return torch.where(x > 0, x, torch.zeros_like(x)) - 0.2


def my_head(nf, n_out):
    return Head(nf, n_out)
