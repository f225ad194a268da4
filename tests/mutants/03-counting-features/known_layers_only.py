"""
what: notes the kinds of layers it knows
lesson: 03-counting-features
loses: [test_layer_shapes]
base: hooks_in_a_list
edits:
- replace: '    handles = [m.register_forward_hook(note) for m in model.modules() if not list(m.children())]'
  with: |2-
        handles = [
            m.register_forward_hook(note)
            for m in model.modules()
            if isinstance(m, (nn.Conv2d, nn.Linear, nn.ReLU, nn.MaxPool2d, nn.Flatten, nn.LayerNorm))
        ]
"""
