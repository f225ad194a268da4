"""
what: takes for granted that the first layer is the first convolution
lesson: 03-counting-features
loses: [test_num_features_model, test_num_features_model_any_input, test_num_features_model_untouched]
base: probe_in_eval
edits:
- replace: '    first = next(m for m in body.modules() if isinstance(m, nn.Conv2d))'
  with: '    first = body[0]'
"""
