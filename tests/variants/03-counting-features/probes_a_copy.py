"""
what: probes a deep copy of the body and returns the number from there
lesson: 03-counting-features
"""

# %% num_features_model
import copy


def num_features_model(body):
    twin = copy.deepcopy(body).eval()
    channels = next(m.in_channels for m in twin.modules() if hasattr(m, "in_channels"))
    for power in range(5, 12):
        side = 2**power
        try:
            return int(twin(torch.ones(1, channels, side, side)).size(1))
        except (RuntimeError, ValueError):
            pass
    raise RuntimeError("no image size up to 2048 works for this body")
