"""
what: "asks fastai's own question of every part"
lesson: 02-the-cut
loses: [test_has_pool_type, test_has_pool_type_names]
"""


# %% has_pool_type
def has_pool_type(m):
    from fastai.vision.learner import _is_pool_type

    return any(_is_pool_type(part) for part in m.modules())
