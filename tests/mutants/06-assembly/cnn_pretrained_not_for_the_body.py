"""
what: does not tell create_body that the model is pretrained
lesson: 06-assembly
loses: [test_create_cnn_model_options]
base: cnn_by_the_recipe
edits:
- replace: '    body = create_body(model, n_in, pretrained, cut)'
  with: '    body = create_body(model, n_in, False, cut)'
"""
