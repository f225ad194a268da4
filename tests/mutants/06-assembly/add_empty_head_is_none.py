"""
what: "`if not head`: an empty head that was given counts as none"
lesson: 06-assembly
loses: [test_add_head]
"""


# %% add_head
def add_head(body, nf, n_out, init=nn.init.kaiming_normal_, head=None, **head_options):
    if not head:
        head = create_head(nf, n_out, **head_options)
    if init is not None:
        fastai_apply_init(head, init)
    return nn.Sequential(body, head)
