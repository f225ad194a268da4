"""
what: fastai's own layout with 48 hidden features, loose layers
lesson: 09-capstone
"""


# %% my_head
def my_head(nf, n_out):
    return nn.Sequential(
        AdaptiveConcatPool2d(1),
        nn.Flatten(),
        nn.BatchNorm1d(2 * nf),
        nn.Dropout(0.1),
        nn.Linear(2 * nf, 48, bias=False),
        nn.ReLU(inplace=True),
        nn.BatchNorm1d(48),
        nn.Dropout(0.25),
        nn.Linear(48, n_out),
    )
