"""
what: returns the model in eval mode
lesson: 06-assembly
loses: [test_create_cnn_model_options]
base: cnn_by_the_recipe
edits:
- replace: '    return fastai_add_head(body, nf, n_out, init=init, head=custom_head, **head_options)'
  with: '    return fastai_add_head(body, nf, n_out, init=init, head=custom_head, **head_options).eval()'
"""
