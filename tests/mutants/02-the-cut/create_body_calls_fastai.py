"""
what: calls the finished function
lesson: 02-the-cut
loses: [test_create_body, test_create_body_cut, test_create_body_n_in]
"""


# %% create_body
def create_body(
    model: nn.Module, n_in: int = 3, pretrained: bool = True, cut=None
) -> nn.Sequential:
    return fastai_learner.create_body(model, n_in, pretrained, cut)
