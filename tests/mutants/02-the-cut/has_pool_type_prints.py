"""
what: prints the answer and returns nothing
lesson: 02-the-cut
loses: [test_has_pool_type, test_has_pool_type_names]
says: print shows a value, only return hands it back
"""


# %% has_pool_type
def has_pool_type(m: nn.Module) -> bool:
    print(any(type(x).__name__.endswith(("Pool1d", "Pool2d", "Pool3d")) for x in m.modules()))
