"""
what: "a given head is initialised only if init is said"
lesson: 06-assembly
loses: [test_add_head_init]
"""


# %% add_head
def add_head(body, nf, n_out, init=nn.init.kaiming_normal_, head=None, **head_options):
    mine = head is not None
    if head is None:
        head = create_head(nf, n_out, **head_options)
    if init is not None and not (mine and init is nn.init.kaiming_normal_):
        fastai_apply_init(head, init)
    return nn.Sequential(body, head)
