"""
what: "by the beginning of the name, so that child 10 goes with child 1"
lesson: 07-split-freeze-train
loses: [test_split_params]
"""


# %% split_params
def split_params(model, at=None):
    named = list(model.named_parameters())
    head = [p for n, p in named if n.startswith("1")]
    if at is None:
        return [[p for n, p in named if n.startswith("0")], head]
    before = tuple(f"0.{i}" for i in range(at))
    a = [p for n, p in named if n.startswith(before)]
    b = [p for n, p in named if n.startswith("0") and not n.startswith(before)]
    return [a, b, head]
