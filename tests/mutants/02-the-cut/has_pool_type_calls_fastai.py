"""
what: calls the finished function
lesson: 02-the-cut
loses: [test_has_pool_type, test_has_pool_type_names]
"""


# %% has_pool_type
def has_pool_type(m: nn.Module) -> bool:
    return fastai_learner.has_pool_type(m)
