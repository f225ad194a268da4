"""
what: "torch tensors turned to ints"
lesson: 01-look-before-you-cut
loses: []
"""


# %% count_removed
def count_removed(model, cut):
    counts = torch.tensor([n_leaves(c) for c in model.children()])
    after = counts[cut:]
    return len(after), int(after.sum())
