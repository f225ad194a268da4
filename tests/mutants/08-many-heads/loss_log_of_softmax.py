"""
what: "the logarithm of a softmax, which rounds to 0 for large scores"
lesson: 08-many-heads
loses: [test_two_headed_loss]
"""


# %% two_headed_loss
def two_headed_loss(outputs, targets, weight=0.5):
    (a, b), (classes, values) = outputs, targets
    return weight * F.nll_loss(torch.log(a.softmax(1)), classes) + (1 - weight) * F.mse_loss(
        b, values
    )
