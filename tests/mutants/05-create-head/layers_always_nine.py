"""
what: the formula is the number nine
lesson: 05-create-head
loses: [test_n_head_layers]
"""


# %% n_head_layers
def n_head_layers(
    lin_ftrs=None,
    ps=0.5,
    pool=True,
    concat_pool=True,
    first_bn=True,
    bn_final=False,
    lin_first=False,
    y_range=None,
):
    return 9
