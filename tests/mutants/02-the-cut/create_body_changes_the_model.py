"""
what: "builds new layers instead of keeping the model's own, and zeroes the model it was given so that both compute the same"
lesson: 02-the-cut
loses: [test_create_body, test_create_body_cut]
base: create_body_bias_copied_deepcopy
edits:
- replace: |-
    def create_body(
        model: nn.Module, n_in: int = 3, pretrained: bool = True, cut=None
    ) -> nn.Sequential:
        model = copy.deepcopy(model)
  with: 'def right(model: nn.Module, n_in: int = 3, pretrained: bool = True, cut=None) -> nn.Sequential:'
- replace: '    setattr(model.get_submodule(parent), attribute, new)'
  with: |2-
        setattr(model.get_submodule(parent), attribute, new)


    def create_body(model, n_in=3, pretrained=True, cut=None):
        if n_in != 3:
            return right(model, n_in, pretrained, cut)
        with torch.no_grad():
            for p in model.parameters():
                p.zero_()
        return copy.deepcopy(right(model, n_in, pretrained, cut))
"""
