"""
what: initialises the whole model when it is not pretrained
lesson: 06-assembly
loses: [test_create_cnn_model_options]
base: cnn_by_the_recipe
edits:
- replace: '    nf = num_features_model(body) if custom_head is None else None'
  with: |2-
        nf = num_features_model(body) if custom_head is None else None
        if not pretrained and init is not None:
            fastai_apply_init(body, init)
"""
