"""
what: "compares the numbers of children as text"
lesson: 07-split-freeze-train
loses: [test_split_params]
"""


# %% split_params
def split_params(model, at=None):
    groups = [[], [], []]
    for name, p in model.named_parameters():
        part, child = name.split(".")[:2]
        groups[2 if part == "1" else 0 if at is None or child < str(at) else 1].append(p)
    return groups if at is not None else [groups[0], groups[2]]
