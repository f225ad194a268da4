# The file name nbgrader insists on. The course is configured in grader_config.py.
load_subconfig("grader_config.py")
