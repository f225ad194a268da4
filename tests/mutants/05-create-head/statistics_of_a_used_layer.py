"""
what: "statistics that no new BatchNorm has"
lesson: 05-create-head
loses: [test_create_head, test_create_head_together]
"""

# %% after create_head
right = create_head


def create_head(*args, **options):
    head = right(*args, **options)
    for m in head.modules():
        if isinstance(m, nn.BatchNorm1d):
            m.running_var.fill_(4.0)
            m.running_mean.fill_(2.0)
    return head
