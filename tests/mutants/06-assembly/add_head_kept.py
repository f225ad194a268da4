"""
what: keeps heads by their options and hands them out again
lesson: 06-assembly
loses: [test_add_head, test_add_head_init]
"""

# %% add_head
HEADS = {}


def add_head(body, nf, n_out, init=nn.init.kaiming_normal_, head=None, **head_options):
    if head is None:
        key = nf, n_out, str(head_options)
        if key not in HEADS:
            HEADS[key] = create_head(nf, n_out, **head_options)
        head = HEADS[key]
    if init is not None:
        fastai_apply_init(head, init)
    return nn.Sequential(body, head)
