"""
what: does not hand the cut on
lesson: 06-assembly
loses: [test_create_cnn_model_families, test_create_cnn_model_options]
says: cut is not passed on
base: cnn_with_own_add_head
edits:
- replace: |2-
        body = create_body(arch(pretrained=pretrained), n_in, pretrained, cut)
        with torch.no_grad():
            nf = body.eval()(torch.zeros(1, n_in, 64, 64)).shape[1]
        body.train()
        return add_head(body, nf, n_out, init, custom_head, **head_options)
  with: |2-
        body = create_body(arch(pretrained=pretrained), n_in, pretrained)
        nf = num_features_model(body) if custom_head is None else None
        return fastai_add_head(body, nf, n_out, init=init, head=custom_head, **head_options)
"""
