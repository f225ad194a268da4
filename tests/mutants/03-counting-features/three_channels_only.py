"""
what: always probes with a colour image
lesson: 03-counting-features
loses: [test_num_features_model_any_input]
"""


# %% num_features_model
def num_features_model(body):
    body.eval()
    for size in (32, 64, 128, 256, 512, 1024, 2048):
        try:
            with torch.no_grad():
                return body(torch.zeros(1, 3, size, size)).shape[1]
        except Exception:
            continue
