"""
what: "a seed inside: every new head has the same weights"
lesson: 05-create-head
loses: [test_create_head, test_create_head_together]
"""

# %% after create_head
right = create_head


def create_head(*args, **options):
    torch.manual_seed(0)
    return right(*args, **options)
