"""
what: "predictions as OrderedDict with numpy numbers"
lesson: 01-look-before-you-cut
loses: []
"""

# %% predictions
from collections import OrderedDict
import numpy as np

predictions = OrderedDict(
    zip(
        ["resnet", "vgg_bn", "alexnet", "squeezenet", "densenet", "xresnet"],
        [tuple(np.array([1, 2])) for _ in range(6)],
    )
)
