"""
what: imports fastai's finished function under another name
lesson: 05-create-head
loses: [test_create_head, test_create_head_lin_ftrs, test_create_head_pool, test_create_head_batchnorm, test_create_head_lin_first, test_create_head_y_range, test_create_head_lists, test_create_head_together]
"""


# %% create_head
def create_head(nf, n_out, **options):
    from fastai.vision.learner import create_head as finished

    return finished(nf, n_out, **options)
