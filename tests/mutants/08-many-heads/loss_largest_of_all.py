"""
what: "softmax by hand, less the largest score of the whole batch instead of each picture's own"
lesson: 08-many-heads
loses: [test_two_headed_loss]
"""


# %% two_headed_loss
def two_headed_loss(outputs, targets, weight=0.5):
    (a, b), (classes, values) = outputs, targets
    e = (a - a.max()).exp()
    p = e / e.sum(1, keepdim=True)
    return weight * -p[torch.arange(len(a)), classes].log().mean() + (1 - weight) * F.mse_loss(
        b, values
    )
