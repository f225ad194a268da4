"""
what: "nn.MSELoss(b, values): settings instead of values"
lesson: 08-many-heads
loses: [test_two_headed_loss]
says: "nn.MSELoss()(a, b)"
"""


# %% two_headed_loss
def two_headed_loss(outputs, targets, weight=0.5):
    (a, b), (classes, values) = outputs, targets
    return weight * F.cross_entropy(a, classes) + (1 - weight) * nn.MSELoss(b, values)
