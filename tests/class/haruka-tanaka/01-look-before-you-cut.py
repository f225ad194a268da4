"""
what: all answers right, but the notebook is damaged (cells copied, deleted, retyped, moved)
lesson: 01-look-before-you-cut
differs: stock refuses the whole notebook for a copied test cell; ours runs the instructor's cells once
damage:
  - duplicate leaf_layers
  - duplicate test_leaf_layers
  - delete test_leaf_layers_shared
  - retype test_count_removed
  - move test_predictions
loses: []
"""
