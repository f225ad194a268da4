"""
what: always says 8, and so leaves every body as it was
lesson: 03-counting-features
loses: [test_num_features_model, test_num_features_model_any_input, test_num_features_model_untouched]
says: a function that does not look
"""


# %% num_features_model
def num_features_model(body):
    return 8
