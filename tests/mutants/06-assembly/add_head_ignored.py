"""
what: builds a new head although one was given
lesson: 06-assembly
loses: [test_add_head, test_add_head_init]
"""


# %% add_head
def add_head(body, nf, n_out, init=nn.init.kaiming_normal_, head=None, **head_options):
    new_head = create_head(nf, n_out, **head_options)
    if init is not None:
        fastai_apply_init(new_head, init)
    return nn.Sequential(body, new_head)
