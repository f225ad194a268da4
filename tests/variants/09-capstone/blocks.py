"""
what: LinBnDrop blocks with 32 hidden features
lesson: 09-capstone
"""


# %% my_head
def my_head(nf, n_out):
    return nn.Sequential(
        AdaptiveConcatPool2d(1),
        Flatten(),
        LinBnDrop(2 * nf, 32, p=0.1, act=nn.ReLU()),
        LinBnDrop(32, n_out, p=0.25),
    )
