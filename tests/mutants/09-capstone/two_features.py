"""
what: squeezes everything through two features
lesson: 09-capstone
loses: [test_my_head_beats_probe]
"""


# %% my_head
def my_head(nf, n_out):
    return nn.Sequential(
        AdaptiveConcatPool2d(1),
        Flatten(),
        LinBnDrop(2 * nf, 2, act=nn.ReLU()),
        LinBnDrop(2, n_out),
    )
