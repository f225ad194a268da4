"""
what: "kaiming_uniform_ is what init is when it is not given"
lesson: 06-assembly
loses: [test_add_head_init]
"""


# %% add_head
def add_head(body, nf, n_out, init=nn.init.kaiming_uniform_, head=None, **head_options):
    if head is None:
        head = create_head(nf, n_out, **head_options)
    if init is not None:
        fastai_apply_init(head, init)
    return nn.Sequential(body, head)
