"""
what: "isinstance of torch's bases and GeMPool2d"
lesson: 02-the-cut
loses: [test_has_pool_type_names]
"""


# %% has_pool_type
def has_pool_type(m):
    from torch.nn.modules import pooling as p

    kinds = (
        p._MaxPoolNd,
        p._AvgPoolNd,
        p._AdaptiveAvgPoolNd,
        p._AdaptiveMaxPoolNd,
        p._LPPoolNd,
        nn.FractionalMaxPool2d,
        nn.FractionalMaxPool3d,
        GeMPool2d,
        AdaptiveConcatPool2d,
    )
    return any(isinstance(x, kinds) for x in m.modules())
