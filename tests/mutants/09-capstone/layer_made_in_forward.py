"""
what: makes the convolution anew in every forward
lesson: 09-capstone
loses: [test_my_head, test_my_head_gradients, test_my_head_beats_probe]
"""


# %% my_head
class Head(nn.Module):
    def __init__(self, nf, n_out):
        super().__init__()
        self.norm = nn.BatchNorm2d(10)
        self.last = nn.Linear(20, n_out)

    def forward(self, x):
        x = F.relu(self.norm(nn.Conv2d(x.shape[1], 10, 3, padding=1)(x)))
        x = torch.cat([x.amax((2, 3)), x.mean((2, 3))], 1)
        return self.last(x)


def my_head(nf, n_out):
    return Head(nf, n_out)
