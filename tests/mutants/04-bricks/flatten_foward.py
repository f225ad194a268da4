"""
what: "forward is misspelled"
lesson: 04-bricks
loses: [test_Flatten]
says: "no method called forward"
"""


# %% Flatten
class Flatten(nn.Module):
    def foward(self, x):
        return x.flatten(1)
