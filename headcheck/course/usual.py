"""nbgrader's configuration as every course of headcheck needs it, before grader_config.py says more.

So a grader_config.py that is empty publishes no solutions, whatever reads it: headcheck, plain
nbgrader, formgrader. Called by nbgrader_config.py. Names are text: reading it stays quick.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

LEFTOVERS = [".*", "__pycache__", "*.pyc", "[0-9][0-9]-*.py", "feedback"]


def configure(c: Any, root: Path) -> None:
    """Set what is not a course's own to choose; `root` is the course directory."""
    c.CourseDirectory.release_directory = "notebooks"
    # nbgrader copies every other file of a source folder to students. The lessons' text sources hold
    # solutions and hidden tests, so they must never be copied; an ordinary helper.py may be.
    c.CourseDirectory.ignore = [*LEFTOVERS, *texts_of(root)]

    # What students get: notebooks/.
    c.GenerateAssignment.preprocessors = [
        "nbgrader.preprocessors.IncludeHeaderFooter",
        "nbgrader.preprocessors.InstantiateTests",
        "nbgrader.preprocessors.LockCells",
        "headcheck.authoring.stubs.ExerciseStubs",  # ClearSolutions; the stub names the exercise
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

    # What students get back. nbgrader's own feedback shows hidden tests; here they are cut out of it.
    c.GenerateFeedback.preprocessors = [
        "headcheck.grading.penalty_now.PenaltyNow",  # a mark by hand or an extension came later
        "nbgrader.preprocessors.GetGrades",
        "nbgrader.preprocessors.ClearHiddenTests",
        "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
    ]
    # nbgrader keeps a page that is there, also when a mark was given since.
    c.GenerateFeedback.force = True
    c.ExchangeFactory.release_feedback = "headcheck.grading.renamed_feedback.ReleaseFeedback"
    c.ExportApp.plugin_class = "headcheck.export.Standard"  # the table of `nbgrader export`

    # What a person reads: formgrader's pages, feedback. Students' HTML and outputs would run there with
    # the rights of whoever reads (docs/security.md).
    c.HTMLExporter.sanitize_html = True
    c.HTMLExporter.preprocessors = ["headcheck.grading.formgrader.Harmless"]
    c.HTMLExporter.filters = {
        "markdown2html": "headcheck.grading.formgrader.markdown2html",
        "clean_html": "headcheck.grading.harmless.html",
    }


def texts_of(root: Path) -> list[str]:
    """The names of the lessons' texts, whatever they are called."""
    texts = (root / "source").glob("*/*.py")
    return sorted(path.name for path in texts if path.stem == path.parent.name)
