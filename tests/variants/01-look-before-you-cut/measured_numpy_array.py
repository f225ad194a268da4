"""
what: "values are numpy arrays"
lesson: 01-look-before-you-cut
loses: []
"""

# %% measured
import numpy as np

measured = {}
for family, arch in ARCHS.items():
    with torch.device("meta"):
        new = create_vision_model(arch, 10, pretrained=False)
    measured[family] = np.array([len(list(build(arch).children())) - len(new[0]), len(new[1])])
