"""
what: sends the image through a copy on the meta device, where tensors have shapes only
lesson: 03-counting-features
"""

# %% num_features_model
import copy


def num_features_model(body):
    twin = copy.deepcopy(body).eval().to("meta")
    first = next(m for m in twin.modules() if isinstance(m, nn.Conv2d))
    failed = None
    for size in (32, 64, 128, 256, 512, 1024, 2048):
        try:
            return twin(torch.empty(1, first.in_channels, size, size, device="meta")).size(1)
        except Exception as error:
            failed = error
    raise failed
