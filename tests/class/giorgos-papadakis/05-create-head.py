"""
what: only the two formulas, not the head
lesson: 05-create-head
base: release
loses:
  - test_create_head
  - test_create_head_lin_ftrs
  - test_create_head_pool
  - test_create_head_batchnorm
  - test_create_head_lin_first
  - test_create_head_y_range
  - test_create_head_lists
  - test_create_head_together
  - test_n_head_layers
"""


# %% n_head_params
def n_head_params(nf, n_out, lin_ftrs=None, pool=True, concat_pool=True):
    sizes = [nf * 2 if pool and concat_pool else nf]
    sizes += [512] if lin_ftrs is None else list(lin_ftrs)
    sizes += [n_out]
    total = 0
    for a, b in zip(sizes, sizes[1:]):
        total += 2 * a  # BatchNorm: one weight and one bias for each input
        total += a * b  # Linear, without bias
    return total
