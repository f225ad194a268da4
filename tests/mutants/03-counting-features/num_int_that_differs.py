"""
what: "a number that differs from every other"
lesson: 03-counting-features
loses: [test_num_features_model, test_num_features_model_any_input, test_num_features_model_untouched]
"""


# %% num_features_model
class Odd(int):
    def __ne__(self, other):
        return True

    def __eq__(self, other):
        return False

    __hash__ = int.__hash__


def num_features_model(body):
    return Odd(3)
