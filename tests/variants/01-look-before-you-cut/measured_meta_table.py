"""
what: reads the cut from model_meta, one head for all
lesson: 01-look-before-you-cut
loses: []
"""

# %% measured
head = create_head(16, 10)
measured = {
    family: (len(list(build(arch).children())[model_meta[arch]["cut"] :]), len(head))
    for family, arch in ARCHS.items()
}
