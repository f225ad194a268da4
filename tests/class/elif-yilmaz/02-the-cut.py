"""
what: asks "if not cut", so that a cut of 0 is taken for none; leaves the bonus out
lesson: 02-the-cut
loses: [test_create_body_cut, test_create_body_n_in]
"""


# %% create_body
def create_body(model, n_in=3, pretrained=True, cut=None):
    if not cut:
        cut = last_pool_child(model)
    if isinstance(cut, int):
        return nn.Sequential(*list(model.children())[:cut])
    return cut(model)
