"""
what: no gradient for other sizes
lesson: 04-bricks
loses: [test_AdaptiveConcatPool2d_size]
"""


# %% AdaptiveConcatPool2d
class AdaptiveConcatPool2d(nn.Module):
    def __init__(self, size=1):
        super().__init__()
        self.size = size

    def forward(self, x):
        if self.size == 1:
            return torch.cat([x.amax((2, 3), keepdim=True), x.mean((2, 3), keepdim=True)], 1)
        out = torch.zeros(len(x), 2 * x.shape[1], self.size, self.size)
        h, w = x.shape[2:]
        s = self.size
        for i in range(s):
            for j in range(s):
                part = x[
                    :, :, i * h // s : -(-(i + 1) * h // s), j * w // s : -(-(j + 1) * w // s)
                ].detach()
                out[:, : x.shape[1], i, j] = part.amax((2, 3))
                out[:, x.shape[1] :, i, j] = part.mean((2, 3))
        return out
