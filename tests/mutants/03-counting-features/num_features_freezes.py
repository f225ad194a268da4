"""
what: freezes the body instead of no_grad
lesson: 03-counting-features
loses: [test_num_features_model_untouched]
base: like_fastai
edits:
- replace: 'body.eval()('
  with: 'body.requires_grad_(False).eval()('
"""
