"""For instructors: from source to notebooks, and whether a lesson is fit for students."""
