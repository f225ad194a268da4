"""
what: "softmax by hand, less the largest score of each picture"
lesson: 08-many-heads
loses: []
"""


# %% two_headed_loss
def two_headed_loss(outputs, targets, weight=0.5):
    (a, b), (classes, values) = outputs, targets
    top = a.max(1, keepdim=True).values
    logp = a - top - (a - top).exp().sum(1, keepdim=True).log()
    return -weight * logp.gather(1, classes[:, None]).mean() + (1 - weight) * torch.mean(
        torch.square(b - values)
    )
