"""
what: builds a head and adds up its parameters
lesson: 05-create-head
says: "the answer built a head"
loses: [test_n_head_params]
"""


# %% n_head_params
def n_head_params(nf, n_out, lin_ftrs=None, pool=True, concat_pool=True):
    head = create_head(nf, n_out, lin_ftrs=lin_ftrs, pool=pool, concat_pool=concat_pool)
    return sum(p.numel() for p in head.parameters())
