"""This course's subject: fastai's head as a reference. Another course brings its own."""
