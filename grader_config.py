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
# For Postgres (docs/scaling.md):
# c.CourseDirectory.db_url = "postgresql://user@host/gradebook"

# ---- what students get: notebooks/ --------------------------------------------------------------
c.GenerateAssignment.preprocessors = [
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "nbgrader.preprocessors.InstantiateTests",
    "nbgrader.preprocessors.LockCells",
    "headcheck.authoring.stubs.ExerciseStubs",  # nbgrader's ClearSolutions; the stub names the exercise
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ClearMarkScheme",
    "headcheck.authoring.stubs.FoldLocked",
    "headcheck.authoring.stubs.ListGraded",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# ---- grading ------------------------------------------------------------------------------------
# Plain `nbgrader autograde` and formgrader use our repairs and our engine, too.
c.Autograde.exporter_class = "headcheck.grading.nbgrader_steps.Unread"
c.Autograde.sanitize_preprocessors = [
    "headcheck.grading.nbgrader_steps.RepairCells",  # reads the file, too, so it comes first
    "nbgrader.preprocessors.DeduplicateIds",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "headcheck.grading.nbgrader_steps.RunChecks",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "headcheck.grading.gradebook.RecordGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
# What a late submission loses: `late:` in dates.yaml (headcheck/course/dates.py shows the form).
c.AssignLatePenalties.plugin_class = "headcheck.grading.late_rule.LateRule"
# c.RunChecks.engine = "nbgrader"  # one ordinary kernel: isolates nothing, works everywhere
# What one submission may use (headcheck/grading/work.py says what each means).
c.Headcheck.memory_mib = 2048
c.Headcheck.cell_seconds = 60
c.Headcheck.submission_seconds = 300  # like cell_seconds: processor time of its own processes

# ---- what students get back: feedback/ ----------------------------------------------------------
# nbgrader's own feedback shows hidden tests; here they are cut out of it.
c.GenerateFeedback.preprocessors = [
    "headcheck.grading.penalty_now.PenaltyNow",  # a mark by hand or an extension came after grading
    "nbgrader.preprocessors.GetGrades",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]
# nbgrader keeps a page that is there, also when a mark was given since; so every page is made again.
c.GenerateFeedback.force = True

# The same for the table of `nbgrader export`.
c.ExportApp.plugin_class = "headcheck.export.Standard"

# ---- nbgrader's exchange ------------------------------------------------------------------------
# What is released has the pages that it links to, and a renamed notebook gets its feedback back.
c.ExchangeFactory.release_assignment = "headcheck.authoring.release_pages.ReleaseWithPages"
c.ExchangeFactory.release_feedback = "headcheck.grading.renamed_feedback.ReleaseFeedback"

# ---- what a person reads: formgrader's pages, feedback --------------------------------------------
# Students' HTML and outputs would run there with the rights of whoever reads (docs/security.md).
c.HTMLExporter.sanitize_html = True
c.HTMLExporter.preprocessors = ["headcheck.grading.formgrader.Harmless"]
c.HTMLExporter.filters = {
    "markdown2html": "headcheck.grading.formgrader.markdown2html",
    "clean_html": "headcheck.grading.harmless.html",
}
