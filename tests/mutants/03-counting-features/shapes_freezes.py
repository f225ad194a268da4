"""
what: freezes the parameters for the look and thaws all of them
lesson: 03-counting-features
loses: [test_layer_shapes_hooks]
base: hooks_in_a_list
edits:
- replace: '    handles = [m.register_forward_hook(note) for m in model.modules() if not list(m.children())]'
  with: |2-
        handles = [m.register_forward_hook(note) for m in model.modules() if not list(m.children())]
        model.requires_grad_(False)
- replace: |2-
            with torch.no_grad():
                model(x)
  with: '        model(x)'
- replace: '    finally:'
  with: |2-
        finally:
            model.requires_grad_(True)
"""
