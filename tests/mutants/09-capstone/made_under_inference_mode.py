"""
what: "my_head under torch.inference_mode"
lesson: 09-capstone
loses: [test_my_head_gradients, test_my_head_beats_probe]
"""


# %% my_head
@torch.inference_mode()
def my_head(nf, n_out):
    width = 10
    return nn.Sequential(
        nn.Conv2d(nf, width, 3, padding=1, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(),
        AdaptiveConcatPool2d(1),
        Flatten(),
        nn.Linear(2 * width, n_out),
    )
