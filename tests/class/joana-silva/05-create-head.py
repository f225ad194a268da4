"""
what: crashes the interpreter in the last exercise
lesson: 05-create-head
differs: the kernel dies in one question and stock records nothing; ours loses that question
loses: [test_n_head_params]
"""


# %% n_head_params
def n_head_params(nf, n_out, lin_ftrs=None, pool=True, concat_pool=True):
    import ctypes

    # "sizeof did not work, so I read the size from memory"
    return ctypes.cast(nf, ctypes.POINTER(ctypes.c_int)).contents.value
