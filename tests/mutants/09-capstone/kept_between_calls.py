"""
what: keeps its heads and hands out the same one again
lesson: 09-capstone
loses: [test_my_head, test_my_head_beats_probe]
"""

# %% my_head
KEPT = {}


def my_head(nf, n_out):
    if (nf, n_out) not in KEPT:
        KEPT[nf, n_out] = nn.Sequential(
            nn.Conv2d(nf, 10, 3, padding=1, bias=False),
            nn.BatchNorm2d(10),
            nn.ReLU(),
            AdaptiveConcatPool2d(1),
            Flatten(),
            nn.Linear(20, n_out),
        )
    return KEPT[nf, n_out]
