"""
what: builds its own head and takes its length
lesson: 05-create-head
says: "the answer built a head"
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
    options = dict(lin_ftrs=lin_ftrs, ps=ps, pool=pool, concat_pool=concat_pool, first_bn=first_bn)
    return len(
        create_head(4, 3, **options, bn_final=bn_final, lin_first=lin_first, y_range=y_range)
    )
