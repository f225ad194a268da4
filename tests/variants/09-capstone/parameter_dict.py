"""
what: parameters in a dict, einsum
lesson: 09-capstone
loses: []
"""


# %% my_head
class Head(nn.Module):
    def __init__(self, nf, n_out):
        super().__init__()
        self.p = nn.ParameterDict(
            {"thin": torch.randn(nf, 70) / nf**0.5, "last": torch.randn(140, n_out) / 12}
        )
        self.norm = nn.BatchNorm2d(70)

    def forward(self, x):
        x = F.relu(self.norm(torch.einsum("nchw,cd->ndhw", x, self.p["thin"])))
        x = torch.cat([x.flatten(2).max(2).values, x.flatten(2).mean(2)], 1)
        return x @ self.p["last"]


def my_head(nf, n_out):
    return Head(nf, n_out)
