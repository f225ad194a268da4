"""
what: body inside a Sequential, heads in a ModuleDict, sigmoid by hand
lesson: 08-many-heads
"""


# %% TwoHeadedModel
class TwoHeadedModel(nn.Module):
    def __init__(self, body, nf, n_a, n_b):
        super().__init__()
        self.heads = nn.ModuleDict({"digit": create_head(nf, n_a), "size": create_head(nf, n_b)})
        self.net = nn.Sequential(body)

    def forward(self, x):
        z = self.net(x)
        a = self.heads["digit"](z)
        b = torch.sigmoid(self.heads["size"](z))
        return (a, b)
