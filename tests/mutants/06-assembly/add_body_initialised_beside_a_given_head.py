"""
what: initialises the body, too, when a head is given
lesson: 06-assembly
loses: [test_add_head_init]
"""


# %% add_head
def add_head(body, nf, n_out, init=nn.init.kaiming_normal_, head=None, **head_options):
    given = head is not None
    head = head if given else create_head(nf, n_out, **head_options)
    model = nn.Sequential(body, head)
    if init is not None:
        fastai_apply_init(model if given else head, init)
    return model
