"""
what: without the bonus
lesson: 02-the-cut
loses: [test_create_body_n_in]
"""


# %% create_body
def create_body(
    model: nn.Module, n_in: int = 3, pretrained: bool = True, cut=None
) -> nn.Sequential:
    if cut is None:
        cut = last_pool_child(model)
    if callable(cut):
        return cut(model)
    return nn.Sequential(*list(model.children())[:cut])
