"""
what: calls fastai's finished function
lesson: 05-create-head
loses: [test_create_head, test_create_head_lin_ftrs, test_create_head_pool, test_create_head_batchnorm, test_create_head_lin_first, test_create_head_y_range, test_create_head_lists, test_create_head_together]
"""


# %% create_head
def create_head(nf, n_out, **options):
    return fastai_head(nf, n_out, **options)
