"""
what: initialises the entries of the head one by one, so a head that is one layer fails
lesson: 06-assembly
loses: [test_add_head]
"""


# %% add_head
def add_head(body, nf, n_out, init=nn.init.kaiming_normal_, head=None, **head_options):
    head = create_head(nf, n_out, **head_options) if head is None else head
    if init is not None:
        for l in head:
            fastai_apply_init(l, init)
    return nn.Sequential(body, head)
