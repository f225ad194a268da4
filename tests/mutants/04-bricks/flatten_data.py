"""
what: takes .data, so no gradient comes back
lesson: 04-bricks
loses: [test_Flatten]
base: flatten_view
edits:
- replace: 'x.view('
  with: 'x.data.view('
"""
