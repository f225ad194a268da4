"""
what: "a dataclass and astuple"
lesson: 01-look-before-you-cut
loses: []
"""

# %% measured
from dataclasses import dataclass, astuple


@dataclass
class Count:
    removed: int
    added: int


def look(arch):
    with torch.device("meta"):
        new = create_vision_model(arch, n_out=10, pretrained=False)
    old = build(arch)
    return Count(len([*old.children()]) - len(new[0]), len(new[1]))


measured = {k: astuple(look(v)) for k, v in ARCHS.items()}
