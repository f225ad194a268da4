"""
what: rounds the numbers of ps to one digit
lesson: 05-create-head
loses: [test_create_head_lin_ftrs]
"""

# %% after create_head
_right = create_head


def create_head(nf, n_out, lin_ftrs=None, ps=0.5, *a, **k):
    return _right(
        nf, n_out, lin_ftrs, [round(p, 1) for p in ps] if isinstance(ps, list) else ps, *a, **k
    )
