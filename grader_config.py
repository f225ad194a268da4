"""nbgrader's configuration of this course: the one place. nbgrader_config.py loads it.

Preprocessors are named as text, so that reading this file stays quick.
"""

c = get_config()

c.CourseDirectory.course_id = "body-and-head"
c.CourseDirectory.release_directory = "notebooks"
# nbgrader copies every other file of a source folder to students. The lessons' text sources hold
# solutions and hidden tests, so they must never be copied; an ordinary helper.py may be.
c.CourseDirectory.ignore = [
    ".*",
    "__pycache__",
    "*.pyc",
    "[0-9][0-9]-*.py",
    "feedback",
]
# For Postgres or another database:
# c.CourseDirectory.db_url = "postgresql://user@host/gradebook"

# ---- what students get: notebooks/ --------------------------------------------------------------
c.GenerateAssignment.preprocessors = [
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "nbgrader.preprocessors.InstantiateTests",
    "nbgrader.preprocessors.LockCells",
    "headcheck.stubs.ExerciseStubs",  # nbgrader's ClearSolutions; the stub names the exercise
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# ---- grading ------------------------------------------------------------------------------------
c.ExecutePreprocessor.timeout = 60  # seconds per cell, when nbgrader's own step runs the notebook
c.ExecutePreprocessor.interrupt_on_timeout = True

# ---- what students get back: feedback/ ----------------------------------------------------------
# nbgrader's own feedback shows hidden tests; here they are cut out of it.
c.GenerateFeedback.preprocessors = [
    "nbgrader.preprocessors.GetGrades",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]
