"""
what: "every BatchNorm starts with a weight of zero: a new head says the same of every picture"
lesson: 05-create-head
loses: [test_create_head, test_create_head_together]
"""

# %% after create_head
right = create_head


def create_head(*args, **options):
    head = right(*args, **options)
    for m in head.modules():
        if isinstance(m, nn.BatchNorm1d):
            nn.init.zeros_(m.weight)
    return head
