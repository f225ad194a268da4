"""
what: freezes the body, for it is transfer learning
lesson: 06-assembly
loses: [test_create_cnn_model_options, test_create_cnn_model, test_create_cnn_model_families]
base: cnn_by_the_recipe
edits:
- replace: '    body = create_body(model, n_in, pretrained, cut)'
  with: |2-
        body = create_body(model, n_in, pretrained, cut)
        body.requires_grad_(False)
"""
