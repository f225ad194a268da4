"""
what: a head that comes trained is frozen
lesson: 06-assembly
loses: [test_add_head_init]
"""


# %% add_head
def add_head(body, nf, n_out, init=nn.init.kaiming_normal_, head=None, **head_options):
    if head is None:
        head = create_head(nf, n_out, **head_options)
    elif init is None:
        head.requires_grad_(False)
    if init is not None:
        fastai_apply_init(head, init)
    return nn.Sequential(body, head)
