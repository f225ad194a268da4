"""
what: ignores custom_head
lesson: 06-assembly
loses: [test_create_cnn_model_options]
base: cnn_with_own_add_head
edits:
- replace: |2-
        with torch.no_grad():
            nf = body.eval()(torch.zeros(1, n_in, 64, 64)).shape[1]
        body.train()
        return add_head(body, nf, n_out, init, custom_head, **head_options)
  with: '    return fastai_add_head(body, num_features_model(body), n_out, init=init, **head_options)'
"""
