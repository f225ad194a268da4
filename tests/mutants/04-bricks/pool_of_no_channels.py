"""
what: "keeps what it has seen: the second picture is compared with the first"
lesson: 04-bricks
loses: [test_AdaptiveConcatPool2d, test_AdaptiveConcatPool2d_size]
"""


# %% AdaptiveConcatPool2d
class AdaptiveConcatPool2d(nn.Module):
    def __init__(self, size=1):
        super().__init__()
        self.size, self.seen = size, None

    def forward(self, x):
        if self.seen is None or self.seen.shape[0] != len(x):
            self.seen = torch.cat(
                [F.adaptive_max_pool2d(x, self.size), F.adaptive_avg_pool2d(x, self.size)], 1
            )
        return self.seen
