"""
what: takes a dropout below 0.1 for none
lesson: 05-create-head
loses: [test_create_head_lin_ftrs]
"""

# %% after create_head
_right = create_head


def create_head(*a, **k):
    head = _right(*a, **k)
    for i, m in enumerate(head):
        if isinstance(m, nn.Dropout) and m.p < 0.1:
            head[i] = nn.Identity()
    return head
