"""
what: dropout of 0.95, twice
lesson: 09-capstone
loses: [test_my_head_beats_probe]
"""


# %% my_head
def my_head(nf, n_out):
    return nn.Sequential(
        AdaptiveConcatPool2d(1),
        Flatten(),
        LinBnDrop(2 * nf, 32, p=0.95, act=nn.ReLU()),
        LinBnDrop(32, n_out, p=0.95),
    )
