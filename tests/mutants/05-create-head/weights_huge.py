"""
what: "weights of 1e30"
lesson: 05-create-head
loses: [test_create_head, test_create_head_together]
"""

# %% after create_head
right = create_head


def create_head(*args, **options):
    head = right(*args, **options)
    for p in head.parameters():
        if p.dim() > 1:
            p.data.mul_(1e30)
    return head
