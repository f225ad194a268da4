"""
what: "a GraphModule of torch.fx"
lesson: 05-create-head
loses: []
"""

# %% after create_head
right = create_head


def create_head(*args, **options):
    head = right(*args, **options)
    import torch.fx

    return torch.fx.symbolic_trace(head)
