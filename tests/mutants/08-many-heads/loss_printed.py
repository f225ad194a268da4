"""
what: prints the loss and returns nothing
lesson: 08-many-heads
loses: [test_two_headed_loss]
says: "print shows a number and gives nothing back"
"""


# %% two_headed_loss
def two_headed_loss(outputs, targets, weight=0.5):
    print(weight * F.cross_entropy(outputs[0], targets[0]))
