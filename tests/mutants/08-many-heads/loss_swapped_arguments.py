"""
what: "cross_entropy with swapped arguments: an error of torch, no unanswered stub"
lesson: 08-many-heads
loses: [test_two_headed_loss]
says: "are the two arguments swapped"
"""


# %% two_headed_loss
def two_headed_loss(outputs, targets, weight=0.5):
    (a, b), (classes, values) = outputs, targets
    return weight * F.cross_entropy(classes, a) + (1 - weight) * F.mse_loss(b, values)
