"""
what: the default head again, ten times over the budget
lesson: 09-capstone
loses: [test_my_head_budget]
"""


# %% my_head
def my_head(nf, n_out):
    return nn.Sequential(
        AdaptiveConcatPool2d(1),
        Flatten(),
        LinBnDrop(2 * nf, 512, p=0.25, act=nn.ReLU()),
        LinBnDrop(512, n_out, p=0.5),
    )
