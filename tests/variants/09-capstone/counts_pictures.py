"""
what: a ModuleList, and a buffer that counts pictures
lesson: 09-capstone
loses: []
"""


# %% my_head
class Head(nn.Module):
    def __init__(self, nf, n_out, width=9):
        super().__init__()
        self.convs = nn.ModuleList(
            [nn.Conv2d(nf, width, 3, padding=1), nn.Conv2d(width, width, 3, padding="same")]
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(width) for _ in self.convs)
        self.last = nn.Linear(2 * width, n_out)
        for conv in self.convs:
            nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
        self.register_buffer("seen", torch.tensor(0))

    def forward(self, x):
        if self.training:
            self.seen += len(x)
        for conv, norm in zip(self.convs, self.norms):
            x = F.leaky_relu(norm(conv(x)), 0.1)
        return self.last(
            torch.cat([F.adaptive_max_pool2d(x, 1), F.adaptive_avg_pool2d(x, 1)], 1).flatten(1)
        )


my_head = Head
