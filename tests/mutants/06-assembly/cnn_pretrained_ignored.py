"""
what: never asks for a pretrained model
lesson: 06-assembly
loses: [test_create_cnn_model_options]
base: cnn_by_the_recipe
edits:
- replace: '    model = arch(pretrained=pretrained)'
  with: '    model = arch(pretrained=False)'
"""
