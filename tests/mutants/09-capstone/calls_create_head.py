"""
what: calls fastai's finished function
lesson: 09-capstone
loses: [test_my_head, test_my_head_budget, test_my_head_gradients, test_my_head_beats_probe]
"""


# %% my_head
def my_head(nf, n_out):
    return create_head(nf, n_out, [48])
