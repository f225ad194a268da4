"""For students: what of a notebook is answered, what passes, what is missing before handing in.

Imports neither torch nor anything of grading. What is read here is the student's own file, on the
student's own machine.
"""
